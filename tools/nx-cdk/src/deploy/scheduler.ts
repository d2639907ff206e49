import type { AssemblyStack } from '../assembly/index.ts';
import type { OpenedStack, OpenedStacks, StackFacts } from '../cloudformation/index.ts';
import type { ItemEnd, Run } from '../progress/index.ts';
import { type GraphNode, inOrder } from './graph.ts';
import type { DeployRequest } from './request.ts';

/** How the nodes of a graph are worked on. */
export interface Schedule {
  readonly graph: readonly GraphNode[];
  /** Nodes worked on at the same time. */
  readonly limit: number;
  /** Nodes of one target worked on at the same time. */
  readonly limitPerTarget: number;
  targetOf(id: string): string;
  /** Works on a node; true if its dependents may start. Must not reject. */
  run(id: string): Promise<boolean>;
  /** Called for each node that will not be worked on. @param culprit what failed before it; none if interrupted */
  skip(id: string, culprit?: string): void;
  /** When it fires, no further node starts; running ones go on to their end. */
  readonly signal?: AbortSignal;
}

/**
 * Works on each node as soon as what it depends on is done and a place is free. If a node fails, only its dependents
 * are skipped. Nodes with the longest chain of dependents behind them go first, since they decide when the run ends.
 */
export async function schedule(options: Schedule): Promise<void> {
  const { graph, limit, limitPerTarget, targetOf, run, skip, signal } = options;
  const rank = chainLengths(graph);
  const waiting = new Set(graph.toSorted((a, b) => rank.get(b.id)! - rank.get(a.id)!));
  /** What is done, with the node that failed if it failed or was skipped. */
  const settled = new Map<string, string | undefined>();
  const running = new Map<string, Promise<void>>();
  const busy = new Map<string, number>();

  const start = async (id: string) => {
    const target = targetOf(id);
    busy.set(target, (busy.get(target) ?? 0) + 1);
    const succeeded = await run(id);
    busy.set(target, busy.get(target)! - 1);
    settled.set(id, succeeded ? undefined : id);
    running.delete(id);
  };
  /** Starts what may start, and settles skipped nodes and barriers. Returns whether the latter free further nodes. */
  const advance = (): boolean => {
    let freed = false;
    for (const node of waiting) {
      const { id, barrier, dependencies } = node;
      if (!dependencies.every((dependency) => settled.has(dependency))) continue;
      const culprit = dependencies.map((dependency) => settled.get(dependency)).find((one) => one !== undefined);
      if (culprit !== undefined || barrier) {
        if (!barrier) skip(id, culprit);
        settled.set(id, culprit);
        freed = true;
      } else if (!signal?.aborted && running.size < limit && (busy.get(targetOf(id)) ?? 0) < limitPerTarget) {
        running.set(id, start(id));
      } else continue;
      waiting.delete(node);
    }
    return freed;
  };

  for (;;) {
    while (advance());
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  for (const { id, barrier } of waiting) if (!barrier) skip(id);
}

/** By node, how many nodes the longest chain of dependents behind it has. */
function chainLengths(graph: readonly GraphNode[]): Map<string, number> {
  const lengths = new Map(graph.map(({ id }) => [id, 0]));
  for (const { id, dependencies } of inOrder(graph).reverse()) {
    for (const dependency of dependencies) {
      lengths.set(dependency, Math.max(lengths.get(dependency)!, lengths.get(id)! + 1));
    }
  }
  return lengths;
}

/** What a check counts as in the summary, beside stacks. */
const CHECK = 'check';

/** How the stacks of a run are worked on. */
export interface GraphWork<Result> extends Pick<Schedule, 'graph' | 'signal'> {
  readonly run: Run;
  readonly stacks: readonly AssemblyStack[];
  readonly opened: OpenedStacks;
  readonly request: Pick<DeployRequest, 'concurrency' | 'concurrencyPerTarget'>;
  work(stack: OpenedStack): Promise<Result>;
  /** The result of a stack whose work threw. */
  failed(id: string, error: unknown): Result;
  /** The result of a stack that was not worked on. @param because such as `Data failed`; none if interrupted */
  skipped(because?: string): Result;
  /** Makes the check of an environment, with the results of the stacks that have ended. @default - none is made */
  check?(environment: string, ended: ReadonlyMap<string, Result>): Promise<ItemEnd>;
  /** How the display shows it. Dependents of what failed or was skipped are skipped. */
  endOf(result: Result): ItemEnd;
}

/** How the nodes of a graph ended. */
export interface GraphResults<Result> {
  /** In the order of the assembly. */
  readonly stacks: (StackFacts & Result & { readonly seconds: number })[];
  /** In the order of the graph. */
  readonly checks: (ItemEnd & { readonly environment: string; readonly seconds: number })[];
}

/** Works on every stack in the order of the graph. */
export async function runGraph<Result>(options: GraphWork<Result>): Promise<GraphResults<Result>> {
  const { run, graph, stacks, opened, request, signal, endOf } = options;
  const ended = new Map<string, Result & { readonly seconds: number }>();
  const checks = new Map<string, ItemEnd & { readonly seconds: number }>();
  const checked = new Map(
    graph.flatMap(({ id, verifies }) => (verifies === undefined ? [] : [[id, verifies] as const])),
  );
  // What a gate refused, or an interruption kept from changing, was skipped itself.
  const endedAs = (id: string) =>
    (checks.get(id) ?? endOf(ended.get(id)!)).outcome === 'skipped' ? 'was skipped' : 'failed';
  await schedule({
    graph,
    limit: request.concurrency ?? 10,
    limitPerTarget: request.concurrencyPerTarget ?? 10,
    signal,
    targetOf: (id) => opened.targetOf(id) ?? 'unknown',
    skip: (id, culprit) => {
      const because = culprit && `${culprit} ${endedAs(culprit)}`;
      if (checked.has(id)) {
        const end = { outcome: 'skipped', detail: because ?? 'interrupted before it started' } as const;
        return void checks.set(id, run.end(id, end, 0, CHECK));
      }
      const result = options.skipped(because);
      ended.set(id, { ...result, seconds: run.end(id, endOf(result)).seconds });
    },
    run: async (id) => {
      const environment = checked.get(id);
      if (environment !== undefined) {
        const end = await run.item({ id, noun: CHECK }, async () => options.check!(environment, ended));
        checks.set(id, end);
        return end.outcome === 'passed';
      }
      const { result, seconds, outcome } = await run.item({ id, where: opened.targetOf(id) }, async () => {
        const work = async () => options.work(opened.get(id));
        const settled = await work().catch((error: unknown) => options.failed(id, error));
        return { ...endOf(settled), result: settled };
      });
      ended.set(id, { ...result, seconds });
      return outcome !== 'failed' && outcome !== 'skipped';
    },
  });
  return {
    stacks: stacks.map((stack) => ({ ...opened.facts(stack), ...ended.get(stack.id)! })),
    checks: [...checked].map(([id, environment]) => ({ environment, ...checks.get(id)! })),
  };
}
