import type { ResourceChange } from '../cloudformation/index.ts';
import { isIntrinsic, same, type Template, type TemplateResource } from './template.ts';

/** Properties that say who may do what, of whatever resource. */
const GRANTING =
  /^(PolicyDocument|PolicyText|RepositoryPolicyText|Policies|Policy|KeyPolicy|ResourcePolicy|FileSystemPolicy|AccessPolicies|ManagedPolicyArns|AssumeRolePolicyDocument|PermissionsBoundary|InlinePolicy|SecurityGroupIngress|SecurityGroupEgress)$/;

/** Resources that are nothing but a permission: all that they have counts. */
const GRANTS =
  /^AWS::(Lambda::(Layer(Version)?)?Permission|EC2::SecurityGroup(In|E)gress|IAM::UserToGroupAddition|SSO::.*)$/;

/** Whether a property of a resource says who may do what. */
export function grants(resourceType: string, property: string): boolean {
  return GRANTS.test(resourceType) || GRANTING.test(property);
}

/** Properties of a resource that grant something, and are written otherwise than before. */
export function changedGrants(before: TemplateResource | undefined, after: TemplateResource | undefined): string[] {
  const type = after?.Type ?? before?.Type ?? '';
  const names = new Set([...Object.keys(before?.Properties ?? {}), ...Object.keys(after?.Properties ?? {})]);
  return [...names]
    .sort()
    .filter((name) => grants(type, name) && !same(before?.Properties?.[name], after?.Properties?.[name]));
}

/**
 * Whether a property is only worked out by CloudFormation, so that nobody can read from the template what it grants.
 */
export function isOpaque(property: string, resource: TemplateResource | undefined): boolean {
  // One name or ARN says what it grants, whatever it becomes; a whole policy or list does not.
  if (property === 'PermissionsBoundary' || !GRANTING.test(property)) return false;
  return isIntrinsic(resource?.Properties?.[property]);
}

/**
 * What a change set tells of permissions that no comparison of templates can: a policy that says the same, but with
 * other parameters, conditions or mappings.
 *
 * @returns one sentence for each such resource
 */
export function changedByValues(
  resources: readonly ResourceChange[],
  before: Template | undefined,
  after: Template,
): string[] {
  return resources.flatMap(({ action, logicalId, resourceType, properties = [] }) => {
    const [old, now] = [before?.Resources?.[logicalId], after.Resources?.[logicalId]];
    if (!old || !now) return [];
    const what = `${logicalId} (${resourceType})`;
    if (action === 'Add' && Object.keys(now.Properties ?? {}).some((name) => grants(resourceType, name))) {
      return [`${what} is there already in the deployed template, and is made now by another condition`];
    }
    const names = properties
      // What refers to another resource grants the same on another name.
      .filter(({ by }) => by !== 'reference')
      .map(({ path }) => path.split('.')[0]!)
      .filter((name) => grants(resourceType, name) && name !== 'Tags')
      .filter((name) => same(old.Properties?.[name], now.Properties?.[name]));
    const changed = [...new Set(names)];
    return changed.length === 0
      ? []
      : [`${changed.join(', ')} of ${what} changes with a parameter, condition or mapping`];
  });
}

/** What may grant something that is in neither template. */
export function outOfSight(before: Template | undefined, after: Template): string[] {
  const lines: string[] = [];
  if (after.Transform !== undefined) {
    const names = [after.Transform].flat().map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
    lines.push(`what the transform ${names.join(', ')} makes of the template is not compared`);
  }
  for (const [id, resource] of Object.entries(after.Resources ?? {})) {
    if (resource.Type !== 'AWS::CloudFormation::Stack') continue;
    const old = before?.Resources?.[id];
    if (old && same(old.Properties, resource.Properties)) continue;
    lines.push(`what changes inside of the nested stack ${id} is not compared`);
  }
  return lines;
}
