import { Failure } from '../failure/index.ts';
import type { PromotionGroup } from '../assembly/index.ts';
import { verificationId } from './verification.ts';

/** One thing to do, and what has to be done before. */
export interface GraphNode {
  readonly id: string;
  readonly dependencies: readonly string[];
  /** Stands between two promotion groups: nothing to do, only to wait for. */
  readonly barrier?: boolean;
  /** The environment that it checks, if it is no stack. */
  readonly verifies?: string;
}

/**
 * The graph of a run: the dependencies of the stacks, plus one barrier between two promotion groups. A barrier depends
 * on every stack of its group and on the barrier before; stacks of the next group depend on the barrier. Edges between
 * all stacks of two groups would be quadratic. Dependencies on stacks outside the run count as done.
 *
 * @param verified groups that are checked before their barrier opens
 * @throws Failure `DependencyCycle`
 */
export function buildGraph(
  stacks: readonly { readonly id: string; readonly dependencies: readonly string[] }[],
  promotion: readonly PromotionGroup[] = [],
  verified: readonly string[] = [],
): GraphNode[] {
  const known = new Set(stacks.map(({ id }) => id));
  const dependenciesOf = new Map(
    stacks.map(({ id, dependencies }) => [id, new Set(dependencies.filter((one) => known.has(one) && one !== id))]),
  );
  const barriers: GraphNode[] = [];
  const checks: GraphNode[] = [];
  for (const { name, stackIds } of promotion) {
    const members = stackIds.filter((id) => known.has(id));
    if (members.length === 0) continue;
    const before = barriers.at(-1)?.id;
    if (before) for (const id of members) dependenciesOf.get(id)!.add(before);
    const check = verified.includes(name) ? [verificationId(name)] : [];
    for (const id of check) checks.push({ id, verifies: name, dependencies: before ? [...members, before] : members });
    const waitsFor = [...members, ...check, ...(before ? [before] : [])];
    barriers.push({ id: `promotion:${name}`, barrier: true, dependencies: waitsFor });
  }
  const nodes = [...dependenciesOf].map(([id, dependencies]) => ({ id, dependencies: [...dependencies] }));
  const graph = [...nodes, ...checks, ...barriers];
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
