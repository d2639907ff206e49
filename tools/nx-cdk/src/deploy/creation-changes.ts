import type { DesiredStack, Changes } from '../cloudformation/index.ts';

/**
 * What the creation of a stack would add, read from its template. A change set would say the same, but it would leave
 * an empty stack behind, and a dry run must leave nothing.
 */
export function creationChanges({ resolved, template }: DesiredStack): Changes {
  const resources = [...template.resources].map(([logicalId, resourceType]) => {
    const constructPath = resolved.stack.resources.get(logicalId)?.constructPath;
    return { action: 'Add', logicalId, resourceType, ...(constructPath && { constructPath }) };
  });
  return { added: resources.length, modified: 0, removed: 0, replaced: 0, resources, from: 'template' };
}
