import { type GraphNode, inOrder } from './graph.ts';

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
