import type { ITemplateDiff } from '@aws-cdk/cloudformation-diff';
import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import { explain, type EngineDependencies, requireCaller } from '../aws/index.ts';
import { Failure, type ReportedFailure, reworded } from '../failure/index.ts';
import type { StackOwner } from '../cloudformation/index.ts';
import type { LeftBehindReport } from '../deploy/index.ts';
import { hideTemplateSecrets, maskedDiff } from '../mask/index.ts';
import { count, failedItem, type ItemEnd, type Listener, redact, Run, withoutColours } from '../progress/index.ts';
import { lookForLeftBehind } from './left-behind.ts';
import { checkNestedTemplates } from './nested-templates.ts';
import { type StackToolkit, openStackToolkit } from '../toolkit/index.ts';

/** What to compare, and how. */
export interface DiffRequest {
  readonly assembly: Assembly;
  /** Ids of the stacks to compare. */
  readonly stacks: readonly string[];
  /**
   * `template` compares the deployed template with the assembly's: quick, needs only the lookup role, and does not see
   * what only CloudFormation can work out (whether a resource is replaced for certain, changed parameter values).
   * `change-set` lets CloudFormation work it out: with the deploy role, by a change set that is deleted again;
   * templates must be published first.
   * @default 'template'
   */
  readonly method?: 'template' | 'change-set';
  /**
   * Name of the role that templates are read with in every account but the caller's own, whatever the assembly names.
   * @default - the roles that the assembly names
   */
  readonly role?: string;
  /** Brings the template of a nested stack to its place in the assembly. @default - all of them are there */
  readonly bringNested?: (stack: AssemblyStack, file: string) => Promise<void>;
  /** Unchanged lines shown around a change of a text. @default 3 */
  readonly contextLines?: number;
  /** Hide values that are not known to be harmless: for people who must not see secrets. @default false */
  readonly masked?: boolean;
  /** Stacks compared at the same time. @default 10 */
  readonly concurrency?: number;
  /** Whose stacks they are. @default - nothing is said to be left behind */
  readonly owner?: StackOwner;
}

/** How a diff ended. Plain data: can be written as JSON. */
export interface DiffReport {
  /** False if a stack could not be compared. */
  readonly success: boolean;
  /** Whether any stack differs. */
  readonly different: boolean;
  readonly milliseconds: number;
  /** In the order of the assembly. */
  readonly stacks: readonly StackDiffReport[];
  /** What the app has left behind, as far as it was seen; absent if nobody is known to own the stacks. */
  readonly leftBehind?: LeftBehindReport;
}

interface StackDiffReport {
  readonly id: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly outcome: 'different' | 'unchanged' | 'failed' | 'skipped';
  /** Whether somebody would be allowed more than before. */
  readonly broadensPermissions: boolean;
  /** The differences as people read them. */
  readonly text: string;
  readonly failure?: ReportedFailure;
}

/** What the toolkit tells programs about a stack's diff (message CDK_TOOLKIT_I4002). */
interface StackDiffData {
  readonly numStacksWithChanges?: number;
  readonly permissionChanges?: string;
  readonly diffs?: Readonly<Record<string, ITemplateDiff>>;
  /** The stack of the assembly, whose metadata has the construct path of each logical id. */
  readonly stack?: { findMetadataByType(type: string): readonly { readonly path: string; readonly data?: unknown }[] };
}

type Compared = ItemEnd & Partial<Pick<StackDiffReport, 'text' | 'broadensPermissions'>>;

/**
 * Compares the template of each stack with the deployed one, as `cdk diff` does. Unlike `plan` and a dry run of
 * `deploy`, it needs only roles that read, and neither parameters nor a release; it does not see what only
 * CloudFormation can work out. A stack that fails is in the report and does not stop the others.
 *
 * @throws Failure if the caller's credentials cannot be used at all, and as `checkNestedTemplates` does
 */
export async function diff(request: DiffRequest, dependencies: EngineDependencies): Promise<DiffReport> {
  const { aws, listener, signal } = dependencies;
  await requireCaller(aws);
  const { assembly, masked, concurrency = 10 } = request;
  const wanted = new Set(request.stacks);
  const stacks = assembly.stacks.filter(({ id }) => wanted.has(id));
  await checkNestedTemplates(assembly.directory, stacks, request.bringNested);
  if (masked) await hideTemplateSecrets(assembly.directory);
  const run = new Run({
    listener,
    signal,
    action: 'diff',
    subject: count(stacks.length, 'stack'),
    noun: 'stack',
    items: stacks.length,
    words: { planned: 'with differences' },
  });
  const toolkit = await openStackToolkit(aws, assembly.directory, request.role);
  const looking = lookForLeftBehind(request, stacks, dependencies);
  try {
    const nameOf = ({ id, target }: AssemblyStack) => ({ id, where: `${target.account}/${target.region}` });
    const work = (stack: AssemblyStack): Promise<Compared> =>
      compare(stack, request, toolkit, listener).catch((error: unknown) =>
        failedItem(failureOf(stack, error, request.role)),
      );
    const ended = await run.each(stacks, concurrency, nameOf, work);
    const { success, milliseconds } = run.finish();
    const reports = stacks.map((stack, index) => reportOf(stack, ended[index]!));
    const different = reports.some(({ outcome }) => outcome === 'different');
    const leftBehind = await looking;
    return { success, different, milliseconds, stacks: reports, ...(leftBehind && { leftBehind }) };
  } finally {
    await toolkit.dispose();
  }
}

function reportOf({ id, stackName, target }: AssemblyStack, compared: Compared): StackDiffReport {
  const { outcome, text = '', broadensPermissions = false, failure } = compared;
  return {
    id,
    stackName,
    ...target,
    outcome: outcome === 'planned' ? 'different' : (outcome as StackDiffReport['outcome']),
    broadensPermissions,
    text,
    // A report is a file: it does not go through what masks a log.
    ...(failure && { failure: reworded(failure, redact) }),
  };
}

async function compare(
  { id }: AssemblyStack,
  { masked, method, contextLines }: DiffRequest,
  { toolkit, assembly, select, of }: StackToolkit,
  listener: Listener,
): Promise<Compared> {
  const { DiffMethod } = await import('@aws-cdk/toolkit-lib');
  const texts: string[] = [];
  let differs = false;
  let broadens = false;
  const result = (text: string, data: unknown) => {
    const { numStacksWithChanges, permissionChanges, diffs = {}, stack: artifact } = (data ?? {}) as StackDiffData;
    // The closing message of the action is a result too, but of no stack.
    if (permissionChanges === undefined) return;
    const metadata = artifact?.findMetadataByType('aws:cdk:logicalId') ?? [];
    const paths = Object.fromEntries(metadata.map(({ path, data: logicalId }) => [logicalId, path]));
    texts.push(masked ? maskedDiff(diffs, { paths, contextLines }) : text);
    differs ||= (numStacksWithChanges ?? 0) > 0;
    broadens ||= permissionChanges === 'broadening';
  };
  const heard: Listener = (event) => {
    if (event.type !== 'message') return listener(event);
    // The toolkit asks for a confirmation here that nobody can give; the report says the same as a fact.
    if (/security approval level/.test(event.text)) return;
    // It tries one role after the other; the result is told when the stack ends.
    listener(REFUSED.test(event.text) ? { ...event, level: 'debug' } : event);
  };
  const changeSet = method === 'change-set';
  await of({ id, listener: heard, result }, () =>
    toolkit.diff(assembly, {
      stacks: select(id),
      method: changeSet ? DiffMethod.ChangeSet({ fallbackToTemplate: false }) : DiffMethod.TemplateOnly(),
      ...(contextLines !== undefined && { contextLines }),
    }),
  );
  if (!differs) return { outcome: 'unchanged', detail: 'no differences' };
  const text = tidy(texts.join('\n'));
  const detail = `a deployment would change it${broadens ? ', and allow more than now' : ''}`;
  return { outcome: 'planned', detail, lines: text.split('\n'), text, broadensPermissions: broadens };
}

/** Without the line that names the stack, as its item does, and without colours, which a report must not have. */
function tidy(text: string): string {
  return withoutColours(text)
    .replace(/^Stack .*\n/, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** How the toolkit begins to say that it could not assume a role, and why. */
const REFUSED =
  /^Could not assume role in target account(?: using current credentials \(which are for account (\d{12})\))?\s*(.*?)\s*\. Please make sure/s;

function failureOf({ id: subject, target }: AssemblyStack, error: unknown, role?: string): Failure {
  const { code, message, denied } = explain(error);
  const options = { cause: error, denied };
  const [refused, caller, why] = REFUSED.exec(message) ?? [];
  if (refused === undefined) return new Failure(code, { subject, what: message.trim() }, options);
  const what = `no role of ${target.account}/${target.region} can be assumed: ${why}`;
  const next =
    role === undefined
      ? `bootstrap it with trust for ${caller ?? 'these credentials'} (nx bootstrap)`
      : `make the role ${role} there, as the access app of a CI does`;
  return new Failure(code, { subject, what, next }, options);
}
