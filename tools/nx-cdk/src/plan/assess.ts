import type { ResourceChange, StackState } from '../cloudformation/index.ts';
import { dataFate } from './data-fate.ts';
import { openedWays } from './exposures.ts';
import type { Exposure, PlannedChange, PlannedPermissions, PlannedStack } from './model.ts';
import { comparePermissionsWith } from './permissions.ts';
import { parseTemplate, type Template } from './template.ts';

/** What a change does to data, permissions and reachability. */
export type Assessment = Pick<PlannedStack, 'changes' | 'permissions' | 'exposed'>;

/**
 * Works out what a change of a stack does, from its templates and what CloudFormation says.
 *
 * @param deployed the deployed template as it was sent; undefined for a new stack
 * @param resources what changes
 */
export async function assess(
  { desired: { resolved } }: Pick<StackState, 'desired'>,
  deployed: string | undefined,
  after: Template,
  resources: readonly ResourceChange[],
): Promise<Assessment> {
  const before = deployed === undefined ? undefined : parseTemplate(deployed);
  const { resources: origins } = resolved.stack;
  // Of what is removed, the assembly knows nothing any more.
  const pathOf = (id: string) => origins.get(id)?.constructPath ?? pathIn(after, id) ?? pathIn(before, id);
  const nameOf = (id: string) => pathOf(id) ?? id;
  const permissions = await comparePermissionsWith(deployed, after, resources);
  const exposed = openedWays(before, after, resources).map(({ logicalId, text }): Exposure => ({
    resource: nameOf(logicalId),
    text,
  }));
  return {
    changes: changesOf(resources, before, after, pathOf),
    permissions: withNames(permissions, nameOf),
    ...(exposed.length > 0 && { exposed }),
  };
}

function withNames({ widened, lines }: PlannedPermissions, nameOf: (id: string) => string): PlannedPermissions {
  return { widened, lines: lines.map((one) => ({ ...one, ...(one.resource && { resource: nameOf(one.resource) }) })) };
}

function pathIn(template: Template | undefined, id: string): string | undefined {
  const path = template?.Resources?.[id]?.Metadata?.['aws:cdk:path'];
  return typeof path === 'string' ? path : undefined;
}

function changesOf(
  resources: readonly ResourceChange[],
  before: Template | undefined,
  after: Template,
  pathOf: (id: string) => string | undefined,
): PlannedChange[] {
  const key = ({ logicalId, action }: PlannedChange) => `${logicalId} ${action}`;
  return resources
    .map((change): PlannedChange => {
      const { action, logicalId, resourceType, replacement = 'never', properties = [] } = change;
      const constructPath = change.constructPath ?? pathOf(logicalId);
      const data = dataFate(change, before, after);
      return {
        action,
        logicalId,
        resourceType,
        ...(constructPath && { constructPath }),
        replacement: action === 'Modify' || action === 'Dynamic' ? replacement : 'never',
        properties: properties.map(({ path }) => path),
        ...(change.drift && { drift: change.drift }),
        ...(data && { data }),
      };
    })
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
