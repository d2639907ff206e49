import { targetName } from '@nx-cdk/environments';
import pLimit from 'p-limit';
import {
  type DeployGate,
  type ExistingState,
  reasonsToUpdate,
  type ResolvedStack,
  type ResourceChange,
  Skipped,
  type StackState,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { count } from '../progress/index.ts';
import { isExisting, templatesReadOnce } from './deployed.ts';
import { comparePermissionsWith } from './permissions.ts';
import { COMPARED_AT_ONCE, parseTemplate } from './template.ts';
import { shortened } from './wording.ts';

/** What is asked about before a deployment by hand, in the words of `cdk deploy --require-approval`. */
export type RequiredApproval = 'never' | 'broadening' | 'any-change';

export interface ApprovalOptions {
  /** Whether to ask about what allows more than now, about every change, or about neither. */
  readonly required: RequiredApproval;
  /** Environments whose changes are always asked about, by the ids of their stacks. */
  readonly guarded: ReadonlyMap<string, string>;
  /** Stacks that are deployed in express mode although they are guarded; see `hurried` of a scope. @default - none */
  readonly hurried?: readonly string[];
  /** @returns undefined if there is nobody to ask */
  readonly ask: (question: string, lines: readonly string[]) => Promise<boolean | undefined>;
  readonly signal?: AbortSignal;
}

/** A stack to ask about, and why: the first line names it, the others are what it would allow. */
interface Concern {
  readonly stack: ResolvedStack;
  readonly why: string;
  readonly lines: readonly string[];
}

/** Characters of a line that says what is allowed. */
const LONGEST_LINE = 200;

const WAYS_OUT =
  'deploy one app at a time in a terminal; or look at what would change (--dry-run) and add --yes; ' +
  'or deploy a reviewed plan (--plan) or release (--release), as a CI does';

const HURRIED = 'would be deployed in express mode, which waits for no resource to be ready';

const HURRIED_OUT =
  'leave --express out; or look at what would change (--dry-run) and add --yes; or deploy a reviewed plan';

/**
 * Asks once, before anything changes, about all stacks that would allow more than now, or that go to an environment
 * which wants to be asked; and once more about a stack whose change set allows what the templates alone do not show, or
 * whose termination protection alone is switched. Unchanged stacks ask nothing.
 */
export function approvalGate(options: ApprovalOptions): DeployGate {
  const { required, guarded } = options;
  /** What somebody said yes to, by the id of the stack. */
  const answered = new Map<string, ReadonlySet<string>>();
  const deployedTemplate = templatesReadOnce();
  const ask = async (concerns: readonly Concern[], afterNo = 'it stays as it is'): Promise<void> => {
    if (concerns.length === 0) return;
    await askAbout(concerns, options, afterNo);
    for (const { stack, lines } of concerns) answered.set(stack.stack.id, new Set(lines));
  };
  // One question at a time: change sets are ready in any order.
  const alone = pLimit(1);
  return {
    check: async (pending) => {
      const limit = pLimit(COMPARED_AT_ONCE);
      const looks = pending.map((state) => limit(() => concernOf(state, [], options, deployedTemplate)));
      await ask(
        (await Promise.all(looks)).filter((concern) => concern !== undefined),
        'nothing was deployed',
      );
    },
    admit: (state, { changes }) =>
      alone(async () => {
        const concern = await concernOf(state, changes.resources, options, deployedTemplate);
        const known = answered.get(state.desired.resolved.stack.id);
        if (concern === undefined || (known && concern.lines.every((line) => known.has(line)))) return;
        await ask([{ ...concern, lines: concern.lines.filter((line) => !known?.has(line)) }]);
      }),
    admitProtection: (stack, enabled) =>
      alone(async () => {
        const { id } = stack.stack;
        const environment = guarded.get(id);
        if ((environment === undefined && required !== 'any-change') || answered.has(id)) return;
        const what = `its termination protection would be ${enabled ? 'enabled' : 'disabled'}`;
        const why = environment === undefined ? what : `${asksForApproval(environment)}; ${what}`;
        await ask([{ stack, why, lines: [] }]);
      }),
  };
}

function asksForApproval(environment: string): string {
  return `${environment} asks for an approval`;
}

/**
 * What there is to ask about a stack that is about to change; undefined if there is nothing.
 *
 * @param resources what the change set says, if there is one
 */
async function concernOf(
  state: StackState,
  resources: readonly ResourceChange[],
  { required, guarded, hurried = [] }: ApprovalOptions,
  deployedTemplate: (state: ExistingState) => Promise<string>,
): Promise<Concern | undefined> {
  const { resolved, template } = state.desired;
  const environment = guarded.get(resolved.stack.id);
  if (required === 'never' && environment === undefined) return undefined;
  const isThere = isExisting(state);
  const deployed = isThere ? await deployedTemplate(state) : undefined;
  if (isThere && resources.length === 0 && (await reasonsToUpdate(state, async () => deployed!)).length === 0)
    return undefined;
  const { lines } = await comparePermissionsWith(deployed, parseTemplate(template.text()) ?? {}, resources);
  const wider = lines.filter(({ widens }) => widens).map(({ text }) => shortened(text, LONGEST_LINE));
  const whys = [
    ...(environment === undefined ? [] : [asksForApproval(environment)]),
    ...(hurried.includes(resolved.stack.id) ? [HURRIED] : []),
    ...(wider.length > 0 && required !== 'never' ? ['allows more than now'] : []),
  ];
  if (whys.length === 0 && required === 'any-change') whys.push(isThere ? 'changes' : 'is new');
  if (whys.length === 0) return undefined;
  return { stack: resolved, why: whys.join('; '), lines: required === 'never' ? [] : wider };
}

/** @throws Failure `NotApproved` if the answer is no, or there is nobody to ask; Skipped at Ctrl-C */
async function askAbout(
  concerns: readonly Concern[],
  { ask, signal }: ApprovalOptions,
  afterNo: string,
): Promise<void> {
  const places = concerns.map(({ stack }) => targetName(stack));
  const where = [...new Set(places)];
  const question = `Deploy ${count(concerns.length, 'stack')} to ${where.length <= 3 ? where.join(', ') : `${where.length} targets`}?`;
  const shown = concerns.flatMap(({ stack, why, lines }, index) => [
    `${stack.stack.id} (${places[index]}): ${why}`,
    ...lines.map((line) => `  ${line}`),
  ]);
  const answer = await ask(question, shown);
  if (signal?.aborted) throw new Skipped();
  if (answer === true) return;
  const [{ stack, why }] = concerns as [Concern];
  const { id: subject } = stack.stack;
  const others = concerns.length === 1 ? '' : `, and ${count(concerns.length - 1, 'other stack')} as well`;
  throw new Failure(
    'NotApproved',
    answer === undefined
      ? {
          subject,
          what: `${why}${others}, and there is no terminal to ask on`,
          next: why.includes(HURRIED) ? HURRIED_OUT : WAYS_OUT,
        }
      : { subject, what: `${why}${others}, and the answer was no: ${afterNo}` },
  );
}
