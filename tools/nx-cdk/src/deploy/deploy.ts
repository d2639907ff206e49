import type { AwsClients } from '../aws/index.ts';
import type { Listener } from '../progress/index.ts';
import { Failure } from '../failure/index.ts';
import { AssetCheck } from './asset-check.ts';
import { Checkpoint, Blocked } from './checkpoint.ts';
import {
  BootstrapCheck,
  systemClock,
  type Clock,
  CloudFormation,
  Interrupted,
  GivenParameters,
  NO_CHANGES,
  Snapshot,
  resolveStack,
  type ResolvedStack,
  Watch,
  type DeployGate,
} from '../cloudformation/index.ts';
import { deployStack } from './deploy-stack.ts';
import { buildGraph } from './graph.ts';
import { pendingStacks } from './pending.ts';
import { describeFailure, finished, summarizeOutcomes, traceOf } from './report.ts';
import type { DeployReport, DeployRequest, StackReport } from './request.ts';
import { schedule } from './scheduler.ts';
import type { StackResult } from './stack-run.ts';

/** What a deploy run works with. */
export interface DeployDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** When it fires, no further stack starts; running operations are followed to their end and reported. */
  readonly signal?: AbortSignal;
  /** @default the system's */
  readonly clock?: Clock;
  /** Asked in their order before anything changes; not asked in a dry run. @default none */
  readonly gates?: readonly DeployGate[];
}

/** What stacks share that one role deploys in one account and region. */
interface TargetClients {
  readonly cloudFormation: CloudFormation;
  readonly snapshot: Snapshot;
  readonly watch: Watch;
}

/**
 * Deploys stacks of an assembly with nothing but their deploy roles. What goes wrong with a stack is in the report, not
 * thrown: the others go on.
 *
 * @throws Failure for a request that makes no sense: `UnknownStack`, `DependencyCycle`, `BadParameter`,
 * `DuplicateStack`.
 */
export async function deploy(request: DeployRequest, dependencies: DeployDependencies): Promise<DeployReport> {
  const { aws, signal } = dependencies;
  const clock = dependencies.clock ?? systemClock;
  const listener = dependencies.listener;
  const startedAt = clock.now();
  const limit = request.concurrency ?? 10;
  const limitPerTarget = request.concurrencyPerTarget ?? 10;
  const stacks = chosen(request);
  const given = new GivenParameters(request.parameters ?? [], request.assembly.stacks);
  const graph = buildGraph(stacks, request.promotion);

  const targets = new Map<string, ResolvedStack>();
  const unresolved = new Map<string, unknown>();
  for (const stack of stacks) {
    await resolveStack(stack, aws).then(
      (target) => targets.set(stack.id, target),
      (error: unknown) => unresolved.set(stack.id, error),
    );
  }
  refuseDuplicates(targets.values());

  const desks = openTargetClients(aws, clock, targets.values());
  const bootstrap = new BootstrapCheck(aws);
  const assets = new AssetCheck(aws);
  const checkpoint = new Checkpoint(request.dryRun ? [] : (dependencies.gates ?? []), () =>
    pendingStacks({
      targets: targets.values(),
      snapshotOf: ({ sessionKey }) => desks.get(sessionKey)!.snapshot,
      given,
      force: request.force ?? false,
    }),
  );
  const reports = new Map<string, StackReport>();
  const targetNames = new Set(stacks.map(({ target }) => `${target.account}/${target.region}`));
  listener({
    type: 'run-started',
    action: request.dryRun ? 'deploy (dry run)' : 'deploy',
    items: stacks.length,
    subject: `${count(stacks.length, 'stack')} in ${count(targetNames.size, 'target')}`,
  });

  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const conclude = (
    id: string,
    began: number,
    part: Partial<StackReport> & Pick<StackReport, 'outcome'>,
  ): StackReport => {
    const stack = byId.get(id)!;
    const milliseconds = Math.max(clock.now() - began, 0);
    const report: StackReport = {
      id,
      stackName: stack.stackName,
      account: targets.get(id)?.account ?? stack.target.account,
      region: targets.get(id)?.region ?? stack.target.region,
      notes: [],
      changes: NO_CHANGES,
      outputs: {},
      seconds: milliseconds / 1000,
      ...part,
    };
    reports.set(id, report);
    listener(finished(report, milliseconds));
    return report;
  };

  const runStack = async (id: string): Promise<StackResult> => {
    const target = targets.get(id);
    if (!target) throw unresolved.get(id);
    return deployStack({
      resolved: target,
      ...desks.get(target.sessionKey)!,
      bootstrap,
      assets,
      checkpoint,
      given,
      clock,
      listener,
      signal,
      dryRun: request.dryRun ?? false,
      force: request.force ?? false,
      rollback: request.rollback ?? true,
    });
  };

  await schedule({
    graph,
    limit,
    limitPerTarget,
    targetOf: (id) => targets.get(id)?.targetName ?? 'unknown',
    signal,
    skip: (id, because) => {
      const note = because === 'interrupted' ? 'interrupted before it started' : `${because.failed} failed`;
      conclude(id, clock.now(), { outcome: 'skipped', notes: [note] });
    },
    run: async (id) => {
      const began = clock.now();
      const where = targets.get(id)?.targetName;
      listener({ type: 'item-started', id, label: id, ...(where && { where }) });
      try {
        conclude(id, began, await runStack(id));
        return true;
      } catch (error) {
        if (error instanceof Interrupted)
          conclude(id, began, { outcome: 'skipped', notes: ['interrupted before anything changed'] });
        else if (error instanceof Blocked)
          conclude(id, began, { outcome: 'skipped', notes: ['nothing of this run may change'] });
        else {
          listener({ type: 'message', level: 'debug', id, text: traceOf(error) });
          conclude(id, began, { outcome: 'failed', failure: describeFailure(id, error, byId.keys()) });
        }
        return false;
      }
    },
  });

  const ordered = stacks.map(({ id }) => reports.get(id)!);
  const success = ordered.every(({ outcome }) => outcome !== 'failed' && outcome !== 'skipped');
  for (const key of given.unused()) {
    listener({ type: 'message', level: 'warning', text: `No deployed stack has a parameter "${key}"` });
  }
  const milliseconds = clock.now() - startedAt;
  listener({ type: 'run-finished', success, summary: summarizeOutcomes(ordered), milliseconds });
  return { success, interrupted: signal?.aborted ?? false, milliseconds, stacks: ordered };
}

function chosen({ assembly, stacks }: DeployRequest) {
  const wanted = new Set(stacks);
  const found = assembly.stacks.filter(({ id }) => wanted.delete(id));
  const [unknown] = wanted;
  if (unknown !== undefined) {
    throw new Failure(
      'UnknownStack',
      `The assembly in ${assembly.directory} has no stack "${unknown}": synthesize it again or choose another one`,
    );
  }
  return found;
}

function refuseDuplicates(targets: Iterable<ResolvedStack>): void {
  const seen = new Map<string, string>();
  for (const { stack, targetName } of targets) {
    const place = `${targetName} ${stack.stackName}`;
    const other = seen.get(place);
    if (other) {
      throw new Failure(
        'DuplicateStack',
        `${other} and ${stack.id} are both stack ${stack.stackName} in ${targetName}: give one of them another stackName`,
      );
    }
    seen.set(place, stack.id);
  }
}

function openTargetClients(
  aws: AwsClients,
  clock: Clock,
  targets: Iterable<ResolvedStack>,
): Map<string, TargetClients> {
  const bySpeaker = Map.groupBy(targets, ({ sessionKey }) => sessionKey);
  return new Map(
    [...bySpeaker].map(([key, group]) => {
      const cloudFormation = new CloudFormation(aws, group[0]!.session, clock);
      const snapshot = new Snapshot(
        cloudFormation,
        group.map(({ stack }) => stack.stackName),
        clock,
      );
      return [key, { cloudFormation, snapshot, watch: new Watch(cloudFormation, clock) }];
    }),
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
