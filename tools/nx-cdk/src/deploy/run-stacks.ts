import pLimit from 'p-limit';
import type { AssemblyStack } from '../assembly/index.ts';
import type { EngineDependencies } from '../aws/index.ts';
import {
  BootstrapCheck,
  type Clock,
  type DeploymentSettings,
  type DesiredStack,
  GivenParameters,
  isKnownUnchanged,
  type OpenedStack,
  type OpenedStacks,
  openStacks,
  readDesired,
  type StackState,
  systemClock,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { count, Run } from '../progress/index.ts';
import { AssetCheck } from './asset-check.ts';
import { buildGraph, type GraphNode } from './graph.ts';
import { LeftBehind, othersOf } from './left-behind.ts';
import { endOf, failedStack, outputsOf, skippedStack } from './report.ts';
import type { DeployReport, DeployRequest, StackReport, StackResult } from './request.ts';
import { runGraph } from './scheduler.ts';
import { endOfCheck, type Verification, verificationId, type VerificationReport } from './verification.ts';

/** What a run over stacks works with. */
export interface StackDependencies extends EngineDependencies {
  /** @default the system's */
  readonly clock?: Clock;
  /** What knows bootstraps, for several runs. @default - each run asks for them */
  readonly bootstrap?: BootstrapCheck;
  /** @default - no environment is checked */
  readonly verification?: Verification;
  /** Tell when each resource was worked on: a request more for each stack that changes. @default false */
  readonly timeline?: boolean;
}

/** What the stacks of a run share. */
export interface StackRun extends Omit<StackDependencies, 'aws' | 'timeline'> {
  /** The options of the run, as they were given. */
  readonly request: DeployRequest;
  readonly stacks: readonly AssemblyStack[];
  readonly graph: readonly GraphNode[];
  readonly opened: OpenedStacks;
  /** What is wanted of a stack, when all templates of the run are read. Rejects if its own could not be. */
  readonly desired: (stackId: string) => Promise<DesiredStack>;
  readonly given: GivenParameters;
  /** How a stack is to be deployed. */
  readonly settingsOf: (stackId: string) => DeploymentSettings;
  /** Tells something, the first time that it is to be told. */
  readonly sayOnce: (text: string) => void;
  readonly bootstrap: BootstrapCheck;
  readonly assets: AssetCheck;
  readonly leftBehind: LeftBehind;
  /** What reads the timelines of operations that have ended; undefined if nobody wants them. */
  readonly timelines: Promise<void>[] | undefined;
}

/** Templates read at a time. */
const READ_AT_ONCE = 16;

/**
 * Prepares a run, and begins to read the templates of all its stacks; all are read before one is worked on. Whatever
 * happens to the folder of the assembly then, such as another synthesis, the run deploys what it began with.
 *
 * @throws Failure `UnknownStack`, `DependencyCycle`, `DuplicateStack`
 */
export async function openRun(request: DeployRequest, dependencies: StackDependencies): Promise<StackRun> {
  const { aws, listener, signal, verification, timeline, clock = systemClock } = dependencies;
  const { bootstrap = new BootstrapCheck(aws) } = dependencies;
  const stacks = chosenStacks(request);
  const graph = buildGraph(stacks, request.promotion, verification?.environments);
  const opened = await openStacks(stacks, aws, clock, { others: othersOf(request.owner) });
  refuseDuplicates(opened.all);
  const checks = { bootstrap, assets: new AssetCheck(aws) };
  const leftBehind = new LeftBehind(request, opened, { aws, listener });
  const given = request.parameters ?? new GivenParameters([], []);
  const limit = pLimit(READ_AT_ONCE);
  const reading = new Map(
    opened.all.map(({ resolved }) => {
      const { id } = resolved.stack;
      return [id, limit(() => readDesired(resolved, given, request.templates?.get(id)))] as const;
    }),
  );
  const allRead = Promise.allSettled(reading.values());
  const desired = async (id: string) => allRead.then(() => reading.get(id)!);
  const said = new Set<string>();
  const sayOnce = (text: string) => {
    if (!said.has(text)) listener({ type: 'message', level: 'info', text });
    said.add(text);
  };
  const { rollback, deploymentMode, monitoring, revertDrift } = request;
  const settingsOf = (id: string): DeploymentSettings => ({
    mode: deploymentMode?.(id) ?? 'standard',
    rollback,
    monitoring: monitoring?.(id),
    revertDrift,
  });
  const about = { request, stacks, graph, opened, desired, given, settingsOf, leftBehind };
  const timelines = timeline === true ? [] : undefined;
  return { ...about, ...checks, verification, timelines, sayOnce, listener, signal, clock };
}

/** A stack as it is wanted, and as it is. @throws what kept its template, or the stack, from being read */
export async function stateOf(
  { desired }: StackRun,
  { cloudFormation, resolved: { stack }, snapshot }: OpenedStack,
): Promise<StackState> {
  const [wanted, current] = await Promise.all([desired(stack.id), snapshot.read(stack.stackName)]);
  return { cloudFormation, desired: wanted, current };
}

/**
 * The stacks that are not known to be unchanged, in the order of the assembly. If only the deployed template can tell,
 * a stack counts as pending. A stack that cannot be read is left out: it fails by itself, before it changes.
 */
export async function pendingStacks(run: StackRun): Promise<StackState[]> {
  const looks = run.opened.all.map((stack) => stateOf(run, stack).catch(() => undefined));
  const states = (await Promise.all(looks)).filter((state) => state !== undefined);
  if (run.request.force || run.request.revertDrift) return states;
  return states.filter(({ desired, current }) => !current || !isKnownUnchanged(desired, current));
}

/**
 * Works on every stack of a run in the order of its graph. What `work` throws is in the report: other stacks go on.
 *
 * @param conclude the arguments of `Run.finish`. @default - how many stacks ended in which way
 */
export async function runStacks(
  stackRun: StackRun,
  action: string,
  work: (stack: OpenedStack) => Promise<StackResult>,
  conclude: (reports: readonly StackReport[]) => Parameters<Run['finish']> = () => [],
): Promise<DeployReport> {
  const { stacks, given, listener, signal, clock } = stackRun;
  const targets = new Set(stacks.map(({ target }) => `${target.account}/${target.region}`));
  const checks = stackRun.graph.filter(({ verifies }) => verifies !== undefined).length;
  const subject = `${count(stacks.length, 'stack')} in ${count(targets.size, 'target')}`;
  const items = stacks.length + checks;
  const places = new Map(stacks.map(({ id, target: { account, region } }) => [id, `${account}/${region}`]));
  const order = stackRun.graph.map(({ id, dependencies, barrier }) => {
    const where = places.get(id);
    return { id, after: dependencies, ...(where && { where }), ...(barrier && { barrier }) };
  });
  const run = new Run({ listener, signal, action, subject, noun: 'stack', items, order, clock });
  const { stacks: reports, checks: ended } = await runGraph<StackResult>({
    ...stackRun,
    run,
    work,
    failed: (id, error) => failedStack(id, error, listener),
    skipped: (because = 'interrupted before it started') => skippedStack(because),
    check: async (environment, results) => {
      const own = stacks.filter(({ id }) => id.startsWith(`${environment}/`));
      const outputs = outputsOf(own.map(({ id, stackName }) => ({ id, stackName, ...results.get(id)! })));
      const { verification } = stackRun;
      return endOfCheck(verificationId(environment), async () => verification!.verify(environment, outputs));
    },
    endOf,
  });
  const verified = ended.map((check) => check as VerificationReport);
  for (const key of given.unused()) {
    listener({ type: 'message', level: 'warning', text: `No deployed stack has a parameter "${key}"` });
  }
  await Promise.all(stackRun.timelines ?? []);
  const end = run.finish(...conclude(reports));
  const leftBehind = await stackRun.leftBehind.seen();
  return { ...end, stacks: reports, ...(verified.length > 0 && { verified }), ...(leftBehind && { leftBehind }) };
}

function chosenStacks({ assembly, stacks }: DeployRequest): AssemblyStack[] {
  const wanted = new Set(stacks);
  const found = assembly.stacks.filter(({ id }) => wanted.delete(id));
  const [unknown] = wanted;
  if (unknown === undefined) return found;
  throw new Failure('UnknownStack', {
    what: `The assembly in ${assembly.directory} has no stack "${unknown}"`,
    next: 'synthesize it again or choose another one',
  });
}

function refuseDuplicates(stacks: readonly OpenedStack[]): void {
  const resolved = stacks.map((opened) => opened.resolved);
  const places = Map.groupBy(resolved, ({ stack, targetName }) => `${targetName} ${stack.stackName}`);
  for (const [first, second] of places.values()) {
    if (first === undefined || second === undefined) continue;
    throw new Failure('DuplicateStack', {
      what: `${first.stack.id} and ${second.stack.id} are both stack ${first.stack.stackName}`,
      where: first.targetName,
      next: 'give one of them another stackName',
    });
  }
}
