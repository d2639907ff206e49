import type { AssemblyStack } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import {
  type Clock,
  systemClock,
  CloudFormation,
  type DescribedStack,
  Snapshot,
  type ResolvedStack,
  resolveStack,
  Watch,
} from '../cloudformation/index.ts';
import { describeFailure, schedule } from '../deploy/index.ts';
import type { Listener } from '../progress/index.ts';
import { deleteStack } from './delete-stack.ts';
import { destroyGraph } from './order.ts';
import type { DestroyReport, DestroyRequest, DestroyedStack } from './request.ts';

/** What a destroy run works with. */
export interface DestroyDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** When it fires, no further stack is deleted; running deletions are followed to their end. */
  readonly signal?: AbortSignal;
  /** Asked before anything is deleted, with the stacks that exist. @default - nobody is asked */
  readonly confirm?: (stacks: readonly ExistingStack[]) => Promise<boolean>;
  /** @default the system's */
  readonly clock?: Clock;
}

/** A stack that would be deleted. */
export interface ExistingStack {
  readonly id: string;
  readonly stackName: string;
  /** `111111111111/eu-west-1` */
  readonly targetName: string;
  readonly status: string;
}

/** What stacks share that one role deletes in one account and region. */
interface Desk {
  readonly cloudFormation: CloudFormation;
  readonly snapshot: Snapshot;
  readonly watch: Watch;
}

interface Found {
  readonly target: ResolvedStack;
  readonly desk: Desk;
  readonly stack: DescribedStack | undefined;
}

/**
 * Deletes stacks with nothing but their deploy roles, the ones that others depend on last. What goes wrong with a stack
 * is in the report, not thrown; what that stack depends on stays, the rest goes on.
 */
export async function destroy(request: DestroyRequest, dependencies: DestroyDependencies): Promise<DestroyReport> {
  const { aws, listener, signal } = dependencies;
  const clock = dependencies.clock ?? systemClock;
  const startedAt = clock.now();
  const wanted = new Set(request.stacks);
  const stacks = request.assembly.stacks.filter(({ id }) => wanted.has(id));
  const graph = destroyGraph(stacks, request.promotion);
  const { found, errors } = await lookAt(stacks, aws, clock);
  const existing = stacks.toReversed().flatMap(({ id }): ExistingStack[] => {
    const { target, stack } = found.get(id) ?? {};
    if (target === undefined || stack === undefined) return [];
    return [{ id, stackName: stack.name, targetName: target.targetName, status: stack.status }];
  });
  const reports = new Map<string, DestroyedStack>();
  const result = (success: boolean, declined: boolean): DestroyReport => ({
    success,
    declined,
    interrupted: signal?.aborted ?? false,
    milliseconds: clock.now() - startedAt,
    stacks: stacks.flatMap(({ id }) => reports.get(id) ?? []),
  });
  if (existing.length > 0 && !request.dryRun && !((await dependencies.confirm?.(existing)) ?? true)) {
    return result(false, true);
  }

  listener({
    type: 'run-started',
    action: request.dryRun ? 'destroy (dry run)' : 'destroy',
    items: stacks.length,
    subject: `${count(existing.length, 'stack')} of ${stacks.length}`,
  });
  const conclude = (
    stack: AssemblyStack,
    began: number,
    ending: Pick<DestroyedStack, 'outcome' | 'detail' | 'failure'>,
  ) => {
    const milliseconds = clock.now() - began;
    const { account, region } = found.get(stack.id)?.target ?? stack.target;
    const { id, stackName } = stack;
    reports.set(id, { id, stackName, account, region, ...ending, seconds: milliseconds / 1000 });
    const { outcome, failure } = ending;
    const detail = failure?.message ?? ending.detail;
    const lines = failure?.causes.map(({ resourceType, logicalId, constructPath, reason }) => {
      return `${resourceType} ${constructPath ?? logicalId}: ${reason}`;
    });
    listener({
      type: 'item-finished',
      id,
      outcome,
      ...(detail && { detail }),
      ...(lines?.length && { lines }),
      milliseconds,
    });
  };
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  await schedule({
    graph,
    limit: request.concurrency ?? 10,
    limitPerTarget: request.concurrencyPerTarget ?? 10,
    targetOf: (id) => found.get(id)?.target.targetName ?? 'unknown',
    signal,
    skip: (id, because) => {
      const detail =
        because === 'interrupted' ? 'interrupted before it started' : `still there, because ${because.failed} failed`;
      conclude(byId.get(id)!, clock.now(), { outcome: 'skipped', detail });
    },
    run: async (id) => {
      const stack = byId.get(id)!;
      const began = clock.now();
      const place = found.get(id);
      const where = place?.target.targetName;
      listener({ type: 'item-started', id, label: id, ...(where && { where }) });
      try {
        if (place === undefined) throw errors.get(id);
        if (place.stack === undefined)
          conclude(stack, began, { outcome: 'unchanged', detail: 'there is no such stack' });
        else if (request.dryRun)
          conclude(stack, began, { outcome: 'planned', detail: `would be deleted, ${place.stack.status}` });
        else {
          const { target, desk } = place;
          await deleteStack({ ...desk, target, stack: place.stack, clock, listener });
          conclude(stack, began, { outcome: 'deleted' });
        }
        return true;
      } catch (error) {
        conclude(stack, began, { outcome: 'failed', failure: describeFailure(id, error) });
        return false;
      }
    },
  });
  const ended = [...reports.values()];
  const success = ended.every(({ outcome }) => outcome !== 'failed' && outcome !== 'skipped');
  listener({ type: 'run-finished', success, summary: summarize(ended), milliseconds: clock.now() - startedAt });
  return result(success, false);
}

/** What there is of the stacks; one paginated request an account and region where there are many. */
async function lookAt(stacks: readonly AssemblyStack[], aws: AwsClients, clock: Clock) {
  const found = new Map<string, Found>();
  const errors = new Map<string, unknown>();
  const targets: ResolvedStack[] = [];
  for (const stack of stacks) {
    await resolveStack(stack, aws).then(
      (target) => targets.push(target),
      (error: unknown) => errors.set(stack.id, error),
    );
  }
  await Promise.all(
    [...Map.groupBy(targets, ({ sessionKey }) => sessionKey).values()].map(async (group) => {
      const cloudFormation = new CloudFormation(aws, group[0]!.session, clock);
      const names = group.map(({ stack }) => stack.stackName);
      const desk = {
        cloudFormation,
        snapshot: new Snapshot(cloudFormation, names, clock),
        watch: new Watch(cloudFormation, clock),
      };
      await Promise.all(
        group.map(async (target) => {
          try {
            const stack = await desk.snapshot.read(target.stack.stackName);
            found.set(target.stack.id, { target, desk, stack });
          } catch (error) {
            errors.set(target.stack.id, error);
          }
        }),
      );
    }),
  );
  return { found, errors };
}

function summarize(reports: readonly DestroyedStack[]): string {
  const groups = Map.groupBy(reports, ({ outcome }) => outcome);
  const parts = [...groups].map(
    ([outcome, group]) => `${group.length} ${outcome === 'unchanged' ? 'not there' : outcome}`,
  );
  return `${count(reports.length, 'stack')}: ${parts.join(', ')}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
