import type { ResourceChange } from '../cloudformation/index.ts';
import { isStateful } from './data-fate.ts';
import { same, type Template } from './template.ts';

/**
 * What becomes of stateful resources for certain, by the templates alone: those that go, and those that the
 * specification of their type replaces. What else a change set may do, only CloudFormation knows.
 */
export async function certainChanges(before: Template, after: Template): Promise<ResourceChange[]> {
  const stateful = Object.entries(before.Resources ?? {}).filter(([, { Type: type = '' }]) => isStateful(type));
  const going = stateful.filter(([id, { Type: type }]) => after.Resources?.[id]?.Type !== type);
  const changing = stateful.filter(([id, old]) => after.Resources?.[id]?.Type === old.Type && !isSame(old, after, id));
  const removals = going.map(([logicalId, { Type: type = '' }]) => removal(logicalId, type));
  if (changing.length === 0) return removals;
  // Imported late: with the specification of all resource types it takes more than a second.
  const { fullDiff, ResourceImpact } = await import('@aws-cdk/cloudformation-diff');
  const differences = fullDiff({ ...before }, { ...after }).resources;
  const replaced = changing.filter(
    ([id]) => differences.logicalIds.includes(id) && differences.get(id).changeImpact === ResourceImpact.WILL_REPLACE,
  );
  const replacements = replaced.map(([logicalId, { Type: resourceType = '' }]): ResourceChange => ({
    action: 'Modify',
    logicalId,
    resourceType,
    replacement: 'always',
  }));
  return [...removals, ...replacements];
}

/** All that goes with a stack that is deleted. */
export function removalsWith({ Resources = {} }: Template): ResourceChange[] {
  return Object.entries(Resources).map(([logicalId, { Type: type = '' }]) => removal(logicalId, type));
}

function removal(logicalId: string, resourceType: string): ResourceChange {
  return { action: 'Remove', logicalId, resourceType };
}

function isSame(old: object, { Resources }: Template, id: string): boolean {
  return same(old, Resources?.[id]);
}
