import { Failure } from '../failure/index.ts';
import type { PromotionGroup } from '../assembly/index.ts';

/** One thing to do, and what has to be done before. */
export interface GraphNode {
  readonly id: string;
  readonly dependencies: readonly string[];
  /** Stands between two promotion groups: nothing to do, only to wait for. */
  readonly barrier?: boolean;
}

/**
 * The order of a run: the dependencies of the stacks, plus one barrier between two promotion groups. A barrier depends
 * on every stack of its group and on the barrier before; stacks of the next group depend on the barrier. That keeps the
 * edges linear in the number of stacks; an edge from each stack of a group to each of the next would be quadratic.
 *
 * Dependencies on stacks that take no part in the run count as done.
 *
 * @throws Failure `DependencyCycle` naming the stacks on the cycle.
 */
export function buildGraph(
  stacks: readonly { readonly id: string; readonly dependencies: readonly string[] }[],
  promotion: readonly PromotionGroup[] = [],
): GraphNode[] {
  const known = new Set(stacks.map((stack) => stack.id));
  const barrierOf = new Map<string, string>();
  const barriers: GraphNode[] = [];
  let before: string | undefined;
  for (const group of promotion) {
    const members = group.stackIds.filter((id) => known.has(id));
    if (members.length === 0) continue;
    if (before) for (const id of members) barrierOf.set(id, before);
    const barrier = `promotion:${group.name}`;
    barriers.push({ id: barrier, barrier: true, dependencies: before ? [...members, before] : members });
    before = barrier;
  }

  const nodes = stacks.map((stack) => {
    const dependencies = new Set(stack.dependencies.filter((id) => known.has(id) && id !== stack.id));
    const barrier = barrierOf.get(stack.id);
    if (barrier) dependencies.add(barrier);
    return { id: stack.id, dependencies: [...dependencies] };
  });
  const graph = [...nodes, ...barriers];
  refuseCycles(graph);
  return graph;
}

function refuseCycles(graph: readonly GraphNode[]): void {
  const byId = new Map(graph.map((node) => [node.id, node]));
  const finished = new Set<string>();
  for (const start of graph) {
    // Depth first with a stack of its own: a chain of thousands of stacks must not overflow the call stack.
    const path: { node: GraphNode; next: number }[] = [{ node: start, next: 0 }];
    const onPath = new Set([start.id]);
    while (path.length > 0 && !finished.has(start.id)) {
      const top = path.at(-1)!;
      const dependency = top.node.dependencies[top.next++];
      if (dependency === undefined) {
        finished.add(top.node.id);
        onPath.delete(top.node.id);
        path.pop();
      } else if (onPath.has(dependency)) {
        const ids = path.map((step) => step.node.id);
        const cycle = [...ids.slice(ids.indexOf(dependency)), dependency].join(' -> ');
        throw new Failure('DependencyCycle', {
          what: `The stacks wait for each other: ${cycle}`,
          next: 'remove one of these dependencies or change the promotion order',
        });
      } else if (!finished.has(dependency)) {
        onPath.add(dependency);
        path.push({ node: byId.get(dependency)!, next: 0 });
      }
    }
  }
}
