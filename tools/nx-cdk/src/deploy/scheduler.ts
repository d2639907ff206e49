import type { GraphNode } from './graph.ts';

/** What the scheduler needs to know and to call. */
export interface Schedule {
  readonly graph: readonly GraphNode[];
  /** Nodes worked on at the same time. */
  readonly limit: number;
  /** Nodes of one target worked on at the same time. */
  readonly limitPerTarget: number;
  targetOf(id: string): string;
  /** Works on a node; true if its dependents may start. Must not reject. */
  run(id: string): Promise<boolean>;
  /** Is told of each node that will not be worked on, and why: a failed dependency, or an interruption. */
  skip(id: string, because: { readonly failed: string } | 'interrupted'): void;
  /** When it fires, no further node starts; running ones go on to their end. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a graph without level barriers: a node starts the moment what it depends on is done and a place is free. A
 * failed node takes only its dependents down. Nodes with the longest chain of dependents behind them go first, since
 * they decide when the run ends.
 */
export function schedule(options: Schedule): Promise<void> {
  const dependents = new Map<string, string[]>();
  const waitingFor = new Map<string, number>();
  const barriers = new Set<string>();
  const culprits = new Map<string, string>();
  const settled = new Set<string>();
  for (const node of options.graph) {
    waitingFor.set(node.id, node.dependencies.length);
    if (node.barrier) barriers.add(node.id);
    for (const dependency of node.dependencies) {
      const known = dependents.get(dependency);
      if (known) known.push(node.id);
      else dependents.set(dependency, [node.id]);
    }
  }
  const rank = chainLengths(options.graph, dependents);
  const position = new Map(options.graph.map((node, index) => [node.id, index]));
  const ready: string[] = [];
  const running = new Map<string, number>();
  let active = 0;

  return new Promise((resolve) => {
    const enqueue = (id: string) => {
      ready.push(id);
      ready.sort((a, b) => rank.get(b)! - rank.get(a)! || position.get(a)! - position.get(b)!);
    };

    const settle = (id: string, succeeded: boolean) => {
      const open: [string, boolean][] = [[id, succeeded]];
      for (let step = open.shift(); step; step = open.shift()) {
        const [done, ok] = step;
        settled.add(done);
        for (const dependent of dependents.get(done) ?? []) {
          // The stack that failed is to blame, not the barrier or the skipped stack in between.
          if (!ok && !culprits.has(dependent)) culprits.set(dependent, culprits.get(done) ?? done);
          const left = waitingFor.get(dependent)! - 1;
          waitingFor.set(dependent, left);
          if (left > 0) continue;
          const culprit = culprits.get(dependent);
          if (culprit !== undefined) {
            if (!barriers.has(dependent)) options.skip(dependent, { failed: culprit });
            open.push([dependent, false]);
          } else if (barriers.has(dependent)) {
            open.push([dependent, true]);
          } else {
            enqueue(dependent);
          }
        }
      }
    };

    const start = (id: string) => {
      const target = options.targetOf(id);
      active += 1;
      running.set(target, (running.get(target) ?? 0) + 1);
      void options.run(id).then((succeeded) => {
        active -= 1;
        running.set(target, running.get(target)! - 1);
        settle(id, succeeded);
        advance();
      });
    };

    const advance = () => {
      while (!options.signal?.aborted && active < options.limit) {
        const next = ready.findIndex((id) => (running.get(options.targetOf(id)) ?? 0) < options.limitPerTarget);
        if (next < 0) break;
        start(ready.splice(next, 1)[0]!);
      }
      if (active > 0) return;
      if (options.signal?.aborted) {
        for (const node of options.graph) {
          if (!settled.has(node.id) && !node.barrier) options.skip(node.id, 'interrupted');
        }
      }
      resolve();
    };

    // Listed first: settling the barriers that wait for nothing frees further nodes, which must not be queued twice.
    for (const node of options.graph.filter((candidate) => candidate.dependencies.length === 0)) {
      if (node.barrier) settle(node.id, true);
      else enqueue(node.id);
    }
    advance();
  });
}

/** By node, how many nodes the longest chain of dependents behind it has. */
function chainLengths(
  graph: readonly GraphNode[],
  dependents: ReadonlyMap<string, readonly string[]>,
): Map<string, number> {
  const open = new Map(graph.map((node) => [node.id, dependents.get(node.id)?.length ?? 0]));
  const dependencies = new Map(graph.map((node) => [node.id, node.dependencies]));
  const rank = new Map(graph.map((node) => [node.id, 0]));
  const leaves = graph.filter((node) => open.get(node.id) === 0).map((node) => node.id);
  for (let id = leaves.pop(); id !== undefined; id = leaves.pop()) {
    for (const dependency of dependencies.get(id) ?? []) {
      rank.set(dependency, Math.max(rank.get(dependency)!, rank.get(id)! + 1));
      open.set(dependency, open.get(dependency)! - 1);
      if (open.get(dependency) === 0) leaves.push(dependency);
    }
  }
  return rank;
}
