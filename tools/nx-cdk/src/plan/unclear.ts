import type { ResourceChange } from '../cloudformation/index.ts';
import { same, type Template, type TemplateResource } from './template.ts';

/** Properties that say who may do what, of whatever resource. */
const GRANTING =
  /^(PolicyDocument|PolicyText|RepositoryPolicyText|Policies|Policy|KeyPolicy|ResourcePolicy|FileSystemPolicy|AccessPolicies|ManagedPolicyArns|AssumeRolePolicyDocument|PermissionsBoundary|InlinePolicy|SecurityGroupIngress|SecurityGroupEgress)$/;

/** Resources that are nothing but a permission: all that they have counts. */
const GRANTS =
  /^AWS::(Lambda::(Layer(Version)?)?Permission|EC2::SecurityGroup(In|E)gress|IAM::UserToGroupAddition|SSO::.*)$/;

/** Whether a property of a resource says who may do what. */
function grants(resourceType: string, property: string): boolean {
  return GRANTS.test(resourceType) || GRANTING.test(property);
}

/** Properties of a resource that grant something, and are not written as before. */
export function changedGrants(before: TemplateResource | undefined, after: TemplateResource | undefined): string[] {
  const type = after?.Type ?? before?.Type ?? '';
  return Object.keys({ ...before?.Properties, ...after?.Properties })
    .sort()
    .filter((name) => grants(type, name) && !same(before?.Properties?.[name], after?.Properties?.[name]));
}

/** Whether CloudFormation works out what a property grants: `{"Ref": ...}`, `{"Fn::If": ...}`. */
export function isOpaque(property: string, resource: TemplateResource | undefined): boolean {
  // One name or ARN says what it grants, whatever it becomes; a whole policy or list does not.
  if (property === 'PermissionsBoundary' || !GRANTING.test(property)) return false;
  const value = resource?.Properties?.[property];
  const [key, ...others] = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return others.length === 0 && (key === 'Ref' || key?.startsWith('Fn::') === true);
}

/** What is not known of what a template allows. */
export interface Unclear {
  readonly text: string;
  /** Logical id. Absent if it is about the whole template. */
  readonly resource?: string;
}

/** Policies that are written the same, but change by a parameter, condition, mapping or by what drifted. One a line. */
export function changedByValues(
  resources: readonly ResourceChange[],
  before: Template | undefined,
  after: Template,
): Unclear[] {
  return resources.flatMap(({ action, logicalId, resourceType, properties = [], drift }) => {
    const [old, now] = [before?.Resources?.[logicalId], after.Resources?.[logicalId]];
    if (!old || !now) return [];
    const what = `${logicalId} (${resourceType})`;
    if (drift === 'deleted' && Object.keys(now.Properties ?? {}).some((name) => grants(resourceType, name))) {
      return [{ text: `${what} was deleted by other means, and is made again`, resource: logicalId }];
    }
    if (action === 'Add' && Object.keys(now.Properties ?? {}).some((name) => grants(resourceType, name))) {
      const text = `${what} is there already in the deployed template, and is made now by another condition`;
      return [{ text, resource: logicalId }];
    }
    const names = properties
      // What refers to another resource grants the same on another name.
      .filter(({ by }) => by !== 'reference')
      .map(({ path }) => path.split('.')[0]!)
      .filter((name) => grants(resourceType, name) && name !== 'Tags')
      .filter((name) => same(old.Properties?.[name], now.Properties?.[name]));
    const changed = [...new Set(names)].join(', ');
    if (changed === '') return [];
    const how =
      drift === undefined
        ? 'changes with a parameter, condition or mapping'
        : 'is brought back to what the template says';
    return [{ text: `${changed} of ${what} ${how}`, resource: logicalId }];
  });
}

/** What may grant something that is in neither template. */
export function outOfSight(before: Template | undefined, after: Template): Unclear[] {
  const { Transform: transform, Resources: resources = {} } = after;
  const transforms = transform === undefined ? [] : [transform].flat();
  const names = transforms.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  const nested = Object.entries(resources).filter(([id, { Type: type, Properties: properties }]) => {
    const old = before?.Resources?.[id];
    return type === 'AWS::CloudFormation::Stack' && !(old && same(old.Properties, properties));
  });
  return [
    ...(names.length > 0
      ? [{ text: `what the transform ${names.join(', ')} makes of the template is not compared` }]
      : []),
    ...nested.map(([resource]) => ({
      text: `what changes inside of the nested stack ${resource} is not compared`,
      resource,
    })),
  ];
}
