import type { AwsClients } from '../aws/index.ts';
import { type Clock, type DescribedStack, type OpenedStack, openStacks, systemClock } from '../cloudformation/index.ts';
import { failedEnd, failureOf, runGraph } from '../deploy/index.ts';
import { count, type ItemEnd, type Listener, Run } from '../progress/index.ts';
import { deleteStack } from './delete-stack.ts';
import { destroyGraph } from './order.ts';
import type { DestroyReport, DestroyRequest, DestroyResult } from './request.ts';

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

/**
 * Deletes stacks with nothing but their deploy roles, the ones that others depend on last. What goes wrong with a stack
 * is in the report, not thrown; what that stack depends on stays, the rest goes on.
 */
export async function destroy(request: DestroyRequest, dependencies: DestroyDependencies): Promise<DestroyReport> {
  const { aws, listener, signal, confirm, clock = systemClock } = dependencies;
  const { assembly, promotion, dryRun = false } = request;
  const wanted = new Set(request.stacks);
  const stacks = assembly.stacks.filter(({ id }) => wanted.has(id));
  const graph = destroyGraph(stacks, promotion);
  const opened = await openStacks(stacks, aws, clock);
  const found = new Map(stacks.map((stack) => [stack.id, opened.read(stack)]));
  const existing: ExistingStack[] = [];
  for (const { id } of stacks.toReversed()) {
    // What cannot be read is told as the failure of its stack.
    const stack = await found.get(id)!.catch(() => undefined);
    if (stack) existing.push({ id, stackName: stack.name, targetName: opened.targetOf(id)!, status: stack.status });
  }
  if (existing.length > 0 && !dryRun && !((await confirm?.(existing)) ?? true)) {
    return { success: false, declined: true, interrupted: signal?.aborted ?? false, milliseconds: 0, stacks: [] };
  }

  const run = new Run({
    listener,
    action: dryRun ? 'destroy (dry run)' : 'destroy',
    subject: `${count(existing.length, 'stack')} of ${stacks.length}`,
    noun: 'stack',
    items: stacks.length,
    words: { unchanged: 'not there' },
    signal,
    clock,
  });
  const ended = await runGraph<DestroyResult>({
    run,
    graph,
    limit: request.concurrency,
    limitPerTarget: request.concurrencyPerTarget,
    signal,
    targetOf: (id) => opened.targetOf(id),
    work: async (id) => destroyStack(opened.get(id), await found.get(id)!, dryRun, listener),
    failed: (id, error) => ({ outcome: 'failed', failure: failureOf(id, error) }),
    skipped: (because) => ({
      outcome: 'skipped',
      detail:
        because === 'interrupted' ? 'interrupted before it started' : `still there, because ${because.failed} failed`,
    }),
    endOf,
  });
  const reports = stacks.map((stack) => ({ ...opened.facts(stack), ...ended.get(stack.id)! }));
  return { ...run.finish(), declined: false, stacks: reports };
}

async function destroyStack(
  stack: OpenedStack,
  found: DescribedStack | undefined,
  dryRun: boolean,
  listener: Listener,
): Promise<DestroyResult> {
  if (found === undefined) return { outcome: 'unchanged', detail: 'there is no such stack' };
  if (dryRun) return { outcome: 'planned', detail: `would be deleted, ${found.status}` };
  await deleteStack(stack, found, listener);
  return { outcome: 'deleted' };
}

function endOf({ outcome, detail, failure }: DestroyResult): ItemEnd {
  return failure ? failedEnd(failure) : { outcome, detail };
}
