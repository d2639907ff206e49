import { targetName } from '@libs/environments';
import pLimit from 'p-limit';
import {
  type DeployGate,
  type ExistingState,
  reasonsToUpdate,
  type ResourceChange,
  seenStack,
  Skipped,
  type StackState,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { count } from '../progress/index.ts';
import { comparePermissionsWith } from './permissions.ts';
import { parseTemplate } from './template.ts';
import { shortened } from './wording.ts';

/** What is asked about before a deployment by hand, in the words of `cdk deploy --require-approval`. */
export type RequiredApproval = 'never' | 'broadening' | 'any-change';

export interface ApprovalOptions {
  /** Whether to ask about what allows more than now, about every change, or about neither. */
  readonly required: RequiredApproval;
  /** Environments whose changes are always asked about, by the ids of their stacks. */
  readonly guarded: ReadonlyMap<string, string>;
  /** @returns undefined if there is nobody to ask */
  readonly ask: (question: string, lines: readonly string[]) => Promise<boolean | undefined>;
  readonly signal?: AbortSignal;
}

/** A stack to ask about, and why: the first line names it, the others are what it would allow. */
interface Concern {
  readonly state: StackState;
  readonly why: string;
  readonly lines: readonly string[];
}

/** Characters of a line that says what is allowed. */
const LONGEST_LINE = 200;

/** Templates read and compared at a time: each may have a megabyte. */
const COMPARED_AT_ONCE = 4;

const WAYS_OUT =
  'deploy one app at a time in a terminal; or look at what would change (--dry-run) and add --yes; ' +
  'or deploy a reviewed plan (--plan) or release (--release), as a CI does';

/**
 * Asks once, before anything changes, about all stacks that would allow more than now, or that go to an environment
 * which wants to be asked; and once more about a stack whose change set allows what the templates alone do not show.
 * Unchanged stacks ask nothing.
 */
export function approvalGate({ required, guarded, ask, signal }: ApprovalOptions): DeployGate {
  const answered = new Map<string, ReadonlySet<string>>();
  const deployedTemplates = new Map<string, Promise<string>>();
  const deployedTemplate = (state: ExistingState): Promise<string> => {
    const { id, updatedAt } = state.current;
    const key = `${id} ${updatedAt}`;
    const known = deployedTemplates.get(key) ?? state.cloudFormation.originalTemplate(id);
    deployedTemplates.set(key, known);
    return known;
  };

  const concernOf = async (state: StackState, resources: readonly ResourceChange[]): Promise<Concern | undefined> => {
    const { id } = state.desired.resolved.stack;
    const environment = guarded.get(id);
    if (required === 'never' && environment === undefined) return undefined;
    const isThere = isExisting(state);
    const deployed = isThere ? await deployedTemplate(state) : undefined;
    if (isThere && resources.length === 0 && (await reasonsToUpdate(state, async () => deployed!)).length === 0)
      return undefined;
    const after = parseTemplate(state.desired.template.text()) ?? {};
    const { lines } = await comparePermissionsWith(deployed, after, resources);
    const wider = lines.filter(({ widens }) => widens).map(({ text }) => shortened(text, LONGEST_LINE));
    const whys = [
      ...(environment === undefined ? [] : [`${environment} asks for an approval`]),
      ...(wider.length > 0 && required !== 'never' ? ['allows more than now'] : []),
    ];
    if (whys.length === 0 && required === 'any-change') whys.push(isThere ? 'changes' : 'is new');
    return whys.length === 0 ? undefined : { state, why: whys.join('; '), lines: required === 'never' ? [] : wider };
  };

  const askAbout = async (concerns: readonly Concern[]): Promise<void> => {
    if (concerns.length === 0) return;
    const places = concerns.map(({ state }) => targetName(state.desired.resolved));
    const where = [...new Set(places)];
    const question = `Deploy ${count(concerns.length, 'stack')} to ${where.length <= 3 ? where.join(', ') : `${where.length} targets`}?`;
    const shown = concerns.flatMap(({ state, why, lines }, index) => [
      `${state.desired.resolved.stack.id} (${places[index]}): ${why}`,
      ...lines.map((line) => `  ${line}`),
    ]);
    const answer = await ask(question, shown);
    if (signal?.aborted) throw new Skipped();
    if (answer === true) {
      for (const { state, lines } of concerns) answered.set(state.desired.resolved.stack.id, new Set(lines));
      return;
    }
    const [{ state, why }] = concerns as [Concern];
    const { id: subject } = state.desired.resolved.stack;
    const others = concerns.length === 1 ? '' : `, and ${count(concerns.length - 1, 'other stack')} as well`;
    throw new Failure(
      'NotApproved',
      answer === undefined
        ? { subject, what: `${why}${others}, and there is no terminal to ask on`, next: WAYS_OUT }
        : { subject, what: `${why}${others}, and the answer was no: nothing was deployed` },
    );
  };

  // One question at a time: change sets are ready in any order.
  const alone = pLimit(1);
  return {
    check: async (pending) => {
      const limit = pLimit(COMPARED_AT_ONCE);
      const found = await Promise.all(pending.map((state) => limit(() => concernOf(state, []))));
      await askAbout(found.filter((concern) => concern !== undefined));
    },
    admit: (state, { changes }) =>
      alone(async () => {
        const concern = await concernOf(state, changes.resources);
        const known = answered.get(state.desired.resolved.stack.id);
        if (concern === undefined || (known && concern.lines.every((line) => known.has(line)))) return;
        await askAbout([{ ...concern, lines: concern.lines.filter((line) => !known?.has(line)) }]);
      }),
  };
}

/** Whether there is a stack with a template, and not one that waits for its first change set. */
function isExisting(state: StackState): state is ExistingState {
  const { stack } = seenStack(state);
  return stack !== undefined && stack.status !== 'REVIEW_IN_PROGRESS';
}
