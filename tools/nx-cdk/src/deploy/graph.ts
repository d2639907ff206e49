import { Failure } from '../failure/index.ts';
import type { PromotionGroup } from '../assembly/index.ts';

/** One thing to do, and what has to be done before. */
export interface GraphNode {
  readonly id: string;
  readonly dependencies: readonly string[];
  /** A gate between two promotion groups: nothing to do, only to wait for. */
  readonly barrier?: boolean;
}

/**
 * The order of a run: the dependencies of the stacks, plus one gate between two promotion groups. A gate depends on
 * every stack of its group and on the gate before; stacks of the next group depend on the gate. That keeps the edges
 * linear in the number of stacks, where an edge from each stack of a group to each of the next would be quadratic.
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
  const extra = new Map<string, string>();
  const gates: GraphNode[] = [];
  let before: string | undefined;
  for (const group of promotion) {
    const members = group.stackIds.filter((id) => known.has(id));
    if (members.length === 0) continue;
    if (before) for (const id of members) extra.set(id, before);
    const gate = `promotion:${group.name}`;
    gates.push({ id: gate, barrier: true, dependencies: before ? [...members, before] : members });
    before = gate;
  }

  const nodes = stacks.map((stack) => {
    const dependencies = new Set(stack.dependencies.filter((id) => known.has(id) && id !== stack.id));
    const gate = extra.get(stack.id);
    if (gate) dependencies.add(gate);
    return { id: stack.id, dependencies: [...dependencies] };
  });
  const graph = [...nodes, ...gates];
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
        throw new Failure(
          'DependencyCycle',
          `The stacks wait for each other: ${cycle}: remove one of these dependencies or change the promotion order`,
        );
      } else if (!finished.has(dependency)) {
        onPath.add(dependency);
        path.push({ node: byId.get(dependency)!, next: 0 });
      }
    }
  }
}
