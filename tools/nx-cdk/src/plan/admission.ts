import type { Changes, ResourceChange } from '../cloudformation/index.ts';
import type { PlannedChange, PlannedStack } from './model.ts';

/**
 * What a change set would do that the plan does not hold, as the end of a sentence; undefined if there is nothing.
 * It may do less: what an earlier stack turned out to be decides on the later ones.
 */
export function beyondPlan(planned: PlannedStack, changes: Changes): string | undefined {
  if (planned.outcome === 'unchanged') {
    const [first, ...others] = changes.resources;
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    const what = first === undefined ? 'its outputs, tags or parameters' : `${nameOf(first)}${more}`;
    return `it is unchanged in the plan, and would now be changed: ${what}`;
  }
  const isNew = planned.outcome === 'create' || planned.outcome === 'recreate';
  const beyond = changes.resources.map((change) =>
    isNew ? beyondCreation(planned, change) : beyondChange(planned, change),
  );
  return beyond.find((sentence) => sentence !== undefined);
}

/** A new stack has nothing to lose. What is made of it has to be in the list, but for what a transform adds. */
function beyondCreation({ changes, transformed }: PlannedStack, change: ResourceChange): string | undefined {
  const what = `it would ${verb(change)} ${nameOf(change)}`;
  if (change.action !== 'Add') return `${what}, and the plan creates the stack`;
  const { logicalId, resourceType } = change;
  const planned = changes.find((one) => one.logicalId === logicalId);
  if (planned === undefined) return transformed ? undefined : `${what}, which is not in the plan`;
  return planned.resourceType === resourceType ? undefined : `${what}, and in the plan that is ${planned.resourceType}`;
}

function beyondChange({ changes }: PlannedStack, change: ResourceChange): string | undefined {
  const candidates = changes.filter(({ logicalId }) => logicalId === change.logicalId);
  const same = candidates.find((one) => one.resourceType === change.resourceType && allows(one, change));
  const what = `${verb(change)} ${nameOf(change)}`;
  if (same === undefined) {
    const [other] = candidates;
    return `it would ${what}, which the plan ${other === undefined ? 'does not change' : `would ${verb(other)}`}`;
  }
  // What may be replaced was approved as that, and is decided now.
  if (same.replacement === 'never' && change.replacement !== undefined) {
    return `it would replace ${nameOf(change)}, which the plan keeps`;
  }
  const known = new Set(same.properties.map(top));
  const more = (change.properties ?? []).find(({ path }) => !known.has(top(path)));
  return more && `it would change ${top(more.path)} of ${nameOf(change)}, which the plan leaves as it is`;
}

/** An action that CloudFormation could not tell when it was planned may be any but a removal. */
function allows(planned: PlannedChange, { action }: ResourceChange): boolean {
  return planned.action === action || (planned.action === 'Dynamic' && action !== 'Remove');
}

function top(path: string): string {
  return path.split('.')[0]!;
}

function verb({ action }: { readonly action: string }): string {
  return { Add: 'add', Remove: 'remove', Import: 'import' }[action] ?? 'change';
}

function nameOf({ constructPath, logicalId, resourceType }: ResourceChange): string {
  return `${constructPath ?? logicalId} (${resourceType})`;
}
