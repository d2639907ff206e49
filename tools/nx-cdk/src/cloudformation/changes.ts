import type { Change, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import type { ResourceOrigin } from '../assembly/index.ts';

/** What a deployment would change, or has changed, in a stack. */
export interface Changes {
  readonly added: number;
  readonly modified: number;
  readonly removed: number;
  /** Part of `modified`: those that CloudFormation replaces, or may replace. */
  readonly replaced: number;
  readonly resources: readonly ResourceChange[];
  /** `template` for a stack that does not exist yet, `comparison` if unchanged. Absent if the changes are not known. */
  readonly from?: 'change-set' | 'template' | 'comparison';
}

export interface ResourceChange {
  readonly action: string;
  readonly logicalId: string;
  readonly resourceType: string;
  readonly replacement?: 'always' | 'maybe';
  readonly constructPath?: string;
  /** What of it changes, if a change set says so. */
  readonly properties?: readonly PropertyChange[];
  /** What happens to a resource that is removed or replaced, if a change set says so: `Delete`, `ReplaceAndRetain`. */
  readonly policyAction?: string;
  /** What somebody did to it by other means, if a drift-aware change set says so. */
  readonly drift?: 'modified' | 'deleted';
}

/** A property, or an attribute of a resource such as `Metadata`, that changes. Holds no value: it may be secret. */
export interface PropertyChange {
  /** `Tags`, `Environment.Variables.MODE` */
  readonly path: string;
  /** Why. `reference`: it changes only if the other resource gets another name or attribute. */
  readonly by: 'template' | 'parameter' | 'reference';
  /** Whether somebody changed it by other means, which a drift-aware change set brings back. @default false */
  readonly drifted?: boolean;
}

export const NO_CHANGES: Changes = { added: 0, modified: 0, removed: 0, replaced: 0, resources: [] };

/** Of a stack that was compared with what is wanted. */
export const UNCHANGED: Changes = { ...NO_CHANGES, from: 'comparison' };

const REPLACEMENTS = new Map<string | undefined, ResourceChange['replacement']>([
  ['True', 'always'],
  ['Conditional', 'maybe'],
]);

const DRIFTS = new Map<string | undefined, ResourceChange['drift']>([
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
]);

/**
 * What a change set would do, without values.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
 */
export function summarizeChanges(changes: readonly Change[], origins: ReadonlyMap<string, ResourceOrigin>): Changes {
  const resources = changes.flatMap(({ ResourceChange: change }): ResourceChange[] => {
    if (!change) return [];
    const { Action: action = '', LogicalResourceId: logicalId = '', ResourceType: resourceType = '' } = change;
    const replacement = REPLACEMENTS.get(change.Replacement);
    const constructPath = origins.get(logicalId)?.constructPath;
    const properties = propertiesOf(change.Details ?? []);
    const drift = DRIFTS.get(change.ResourceDriftStatus);
    const known = {
      ...(replacement && { replacement }),
      ...(constructPath && { constructPath }),
      ...(properties.length > 0 && { properties }),
      ...(change.PolicyAction && { policyAction: change.PolicyAction }),
      ...(drift && { drift }),
    };
    return [{ action, logicalId, resourceType, ...known }];
  });
  const count = (...actions: string[]) => resources.filter(({ action }) => actions.includes(action)).length;
  return {
    added: count('Add', 'Import'),
    modified: count('Modify', 'Dynamic', 'SyncWithActual'),
    removed: count('Remove'),
    replaced: resources.filter(({ action, replacement }) => action !== 'Add' && replacement !== undefined).length,
    resources,
    from: 'change-set',
  };
}

/** Each once, in the order of their paths: CloudFormation promises no order. */
function propertiesOf(details: readonly ResourceChangeDetail[]): PropertyChange[] {
  const strength = { reference: 0, parameter: 1, template: 2 };
  const found = new Map<string, PropertyChange>();
  for (const detail of details) {
    const path = pathOf(detail);
    const by = causeOf(detail);
    const known = found.get(path);
    const drifted = detail.Target?.Drift !== undefined || known?.drifted === true;
    const strongest = known !== undefined && strength[known.by] >= strength[by] ? known.by : by;
    if (path !== '') found.set(path, { path, by: strongest, ...(drifted && { drifted }) });
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function pathOf({ Target: target }: ResourceChangeDetail): string {
  if (target?.Attribute !== 'Properties') return target?.Attribute ?? '';
  // A JSON pointer, in which `~1` is a slash and `~0` a tilde.
  const inside = target.Path?.replace(/^\/?Properties\//, '')
    .replaceAll('/', '.')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
  return inside || target.Name || 'Properties';
}

function causeOf({ ChangeSource: source }: ResourceChangeDetail): PropertyChange['by'] {
  if (source === 'ResourceReference' || source === 'ResourceAttribute') return 'reference';
  return source === 'ParameterReference' ? 'parameter' : 'template';
}
