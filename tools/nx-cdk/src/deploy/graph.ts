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
 * The graph of a run: the dependencies of the stacks, plus one barrier between two promotion groups. A barrier depends
 * on every stack of its group and on the barrier before; stacks of the next group depend on the barrier. Edges between
 * all stacks of two groups would be quadratic. Dependencies on stacks outside the run count as done.
 *
 * @throws Failure `DependencyCycle`
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
  inOrder(graph);
  return graph;
}

/** The nodes, each after those that it depends on. @throws Failure `DependencyCycle` naming the stacks on the cycle */
export function inOrder(graph: readonly GraphNode[]): GraphNode[] {
  const edges = graph.flatMap((node) => node.dependencies.map((dependency) => ({ dependency, node })));
  const dependents = Map.groupBy(edges, ({ dependency }) => dependency);
  const missing = new Map(graph.map((node) => [node, node.dependencies.length]));
  const order = graph.filter(({ dependencies }) => dependencies.length === 0);
  // Grows while it is walked: a node follows the last of its dependencies.
  for (const { id } of order) {
    for (const { node } of dependents.get(id) ?? []) {
      missing.set(node, missing.get(node)! - 1);
      if (missing.get(node) === 0) order.push(node);
    }
  }
  if (order.length < graph.length) throw cycleAmong(graph.filter((node) => missing.get(node)! > 0));
  return order;
}

/** @param nodes those that wait for each other, or for one of these */
function cycleAmong(nodes: readonly GraphNode[]): Failure {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const path = new Set<string>();
  let id = nodes[0]!.id;
  while (!path.has(id)) {
    path.add(id);
    id = byId.get(id)!.dependencies.find((dependency) => byId.has(dependency))!;
  }
  const ids = [...path];
  return new Failure('DependencyCycle', {
    what: `The stacks wait for each other: ${[...ids.slice(ids.indexOf(id)), id].join(' -> ')}`,
    next: 'remove one of these dependencies or change the promotion order',
  });
}
