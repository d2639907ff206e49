import type { AssemblyStack, PromotionGroup } from '../assembly/index.ts';
import { type GraphNode, buildGraph } from '../deploy/index.ts';

/** The given stacks and all that depend on them: CloudFormation does not delete a stack whose exports are used. */
export function withDependents(stacks: readonly AssemblyStack[], ids: readonly string[]): string[] {
  const dependents = dependentsOf(stacks);
  const selected = new Set(ids);
  // Reaches what is added on the way, too.
  for (const id of selected) for (const dependent of dependents.get(id) ?? []) selected.add(dependent);
  return stacks.filter(({ id }) => selected.has(id)).map(({ id }) => id);
}

/** The order of deletion: that of deployment, reversed. */
export function destroyGraph(
  stacks: readonly AssemblyStack[],
  promotion: readonly PromotionGroup[] = [],
): readonly GraphNode[] {
  const dependents = dependentsOf(stacks);
  const reversed = stacks.map(({ id }) => ({ id, dependencies: dependents.get(id) ?? [] }));
  return buildGraph(reversed, promotion.toReversed());
}

function dependentsOf(stacks: readonly AssemblyStack[]): Map<string, string[]> {
  const edges = stacks.flatMap(({ id, dependencies }) => dependencies.map((dependency) => ({ id, dependency })));
  const groups = Map.groupBy(edges, ({ dependency }) => dependency);
  return new Map([...groups].map(([dependency, group]) => [dependency, group.map(({ id }) => id)]));
}
