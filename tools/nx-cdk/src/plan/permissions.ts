import type { ResourceChange } from '../cloudformation/index.ts';
import { redact } from '../progress/index.ts';
import type { PermissionLine, PlannedPermissions } from './model.ts';
import { type NetworkRule, ruleWidens, wordRule } from './network-rules.ts';
import { additionWidens, removalWidens, type Statement, wordStatement } from './statements.ts';
import { same, type Template, type TemplateResource } from './template.ts';
import { changedByValues, changedGrants, isOpaque, outOfSight } from './unclear.ts';

/** What `@aws-cdk/cloudformation-diff` finds out about the difference of two templates. */
interface Grants {
  readonly statements: Difference<Statement>;
  readonly policies: Difference<{ readonly identityArn: string; readonly managedPolicyArn: string }>;
  readonly ingress: Difference<NetworkRule>;
  readonly egress: Difference<NetworkRule>;
  /** Of the IAM Identity Center. */
  readonly assignments: Difference<object>;
}

interface Difference<T> {
  readonly additions: readonly T[];
  readonly removals: readonly T[];
}

type Compare = (before: Template, after: Template) => Grants;

/** Of a stack that is not changed. */
export const NO_PERMISSIONS: PlannedPermissions = { widened: false, lines: [] };

/**
 * What a stack would allow with another template, statement by statement. If nobody can tell, it counts as more: a
 * reviewer who looks once too often is better than one who was told that nothing is there.
 *
 * @param before the deployed template; undefined for a new stack, or if it cannot be read
 * @param resources what the change set says
 */
export async function comparePermissions(
  before: Template | undefined,
  after: Template,
  resources: readonly ResourceChange[],
): Promise<PlannedPermissions> {
  const compare = await loadCompare();
  const ids = Object.keys({ ...before?.Resources, ...after.Resources }).sort();
  const all = new Whole(compare, before, after);
  const lines = ids.flatMap((id) => linesOf(id, before?.Resources?.[id], after.Resources?.[id], compare, all));
  const unclear = [...changedByValues(resources, before, after), ...outOfSight(before, after)];
  lines.push(...unclear.map((text) => ({ widens: true, text: `? ${text}` })));
  const shown = unique(lines.map((line) => ({ ...line, text: redact(line.text) })));
  return { widened: shown.some(({ widens }) => widens), lines: shown };
}

/** All statements and rules of both templates; worked out only if something has to be compared with them. */
class Whole {
  readonly #compare: Compare;
  readonly #before: Template;
  readonly #after: Template;
  #old: Grants | undefined;
  #new: Grants | undefined;

  constructor(compare: Compare, before: Template | undefined, after: Template) {
    this.#compare = compare;
    this.#before = before ?? {};
    this.#after = after;
  }

  get old(): Grants {
    return (this.#old ??= this.#compare(this.#before, {}));
  }

  get new(): Grants {
    return (this.#new ??= this.#compare({}, this.#after));
  }
}

/** What one resource grants otherwise than before. */
function linesOf(
  id: string,
  before: TemplateResource | undefined,
  after: TemplateResource | undefined,
  compare: Compare,
  all: Whole,
): PermissionLine[] {
  if (same(before, after)) return [];
  const type = after?.Type ?? before?.Type ?? '';
  try {
    const found = readable(compare(only(id, before), only(id, after)), all);
    const opaque = changedGrants(before, after).filter(
      (name) => isOpaque(name, after) || isUnread(id, name, after, compare),
    );
    const hidden = opaque.map((name) => ({
      widens: true,
      text: `? nobody can read from the template what ${name} of ${id} (${type}) allows`,
    }));
    return [...found, ...boundaryLines(id, before, after), ...hidden];
  } catch {
    // A policy of a shape that the comparison does not expect: CloudFormation or the service will refuse it, or knows
    // more than we do.
    return [{ widens: true, text: `? nobody can read from the template what ${id} (${type}) allows` }];
  }
}

function readable({ statements, policies, ingress, egress, assignments }: Grants, all: Whole): PermissionLine[] {
  const policy = (one: Grants['policies']['additions'][number]) =>
    `managed policy ${one.managedPolicyArn} for ${one.identityArn}`;
  const rules = (found: Difference<NetworkRule>, way: 'in' | 'out', before: () => readonly NetworkRule[]) => [
    ...found.additions.map((rule) => ({ widens: ruleWidens(rule, before()), text: `+ ${wordRule(rule, way)}` })),
    ...found.removals.map((rule) => ({ widens: false, text: `- ${wordRule(rule, way)}` })),
  ];
  return [
    ...statements.additions.map((one) => ({
      widens: additionWidens(one, all.old.statements.removals),
      text: `+ ${wordStatement(one)}`,
    })),
    ...statements.removals.map((one) => ({
      widens: removalWidens(one, all.new.statements.additions),
      text: `- ${wordStatement(one)}`,
    })),
    ...policies.additions.map((one) => ({ widens: true, text: `+ ${policy(one)}` })),
    ...policies.removals.map((one) => ({ widens: false, text: `- ${policy(one)}` })),
    ...rules(ingress, 'in', () => all.old.ingress.removals),
    ...rules(egress, 'out', () => all.old.egress.removals),
    ...assignments.additions.map((one) => ({ widens: true, text: `+ Identity Center: ${JSON.stringify(one)}` })),
    ...assignments.removals.map((one) => ({ widens: false, text: `- Identity Center: ${JSON.stringify(one)}` })),
  ];
}

/** A permissions boundary that goes, or becomes another one, may let more through. */
function boundaryLines(
  id: string,
  before: TemplateResource | undefined,
  after: TemplateResource | undefined,
): PermissionLine[] {
  const [old, now] = [before, after].map((one) => one?.Properties?.['PermissionsBoundary']);
  if (same(old, now) || before === undefined || after === undefined) return [];
  const word = (boundary: unknown) =>
    `permissions boundary ${typeof boundary === 'string' ? boundary : JSON.stringify(boundary)} of \${${id}}`;
  return [
    ...(now === undefined ? [] : [{ widens: old !== undefined, text: `+ ${word(now)}` }]),
    ...(old === undefined ? [] : [{ widens: now === undefined, text: `- ${word(old)}` }]),
  ];
}

/** Whether a property that grants something is of a kind that the comparison knows nothing of. */
function isUnread(id: string, name: string, resource: TemplateResource | undefined, compare: Compare): boolean {
  const value = resource?.Properties?.[name];
  if (name === 'PermissionsBoundary' || isEmpty(value)) return false;
  const { statements, policies, ingress, egress, assignments } = compare({}, only(id, resource));
  return [statements, policies, ingress, egress, assignments].every(({ additions }) => additions.length === 0);
}

/** Neither a list nor a policy with anything in it. */
function isEmpty(value: unknown): boolean {
  const statements = (value as { Statement?: unknown } | null | undefined)?.Statement;
  return value === undefined || [value].flat().length === 0 || (Array.isArray(statements) && statements.length === 0);
}

function only(id: string, resource: TemplateResource | undefined): Template {
  return resource === undefined ? {} : { Resources: { [id]: resource } };
}

function unique(lines: readonly PermissionLine[]): PermissionLine[] {
  return [...new Map(lines.map((line) => [`${line.widens} ${line.text}`, line])).values()];
}

/** Imported late: with the specification of all resource types it takes more than a second. */
async function loadCompare(): Promise<Compare> {
  const { fullDiff } = await import('@aws-cdk/cloudformation-diff');
  return (before, after) => {
    const { iamChanges, securityGroupChanges } = fullDiff(withHolders(before), withHolders(after));
    const { statements, managedPolicies, ssoAssignments, ssoPermissionSets, ssoInstanceACAConfigs } = iamChanges;
    const centers = [ssoAssignments, ssoPermissionSets, ssoInstanceACAConfigs];
    return {
      statements: statements as unknown as Difference<Statement>,
      policies: managedPolicies,
      ingress: securityGroupChanges.ingress as Difference<NetworkRule>,
      egress: securityGroupChanges.egress as Difference<NetworkRule>,
      assignments: {
        additions: centers.flatMap(({ additions }): object[] => additions),
        removals: centers.flatMap(({ removals }): object[] => removals),
      },
    };
  };
}

/**
 * The comparison reads statements of a managed policy only for those that the policy itself names; CDK's mostly name
 * nobody, since the roles name them.
 */
function withHolders(template: Template): Template {
  const resources = Object.entries(template.Resources ?? {}).map(([id, resource]) => {
    const { Roles, Users, Groups } = resource.Properties ?? {};
    const holders = [Roles, Users, Groups].flatMap((names) => (names === undefined ? [] : [names].flat()));
    if (resource.Type !== 'AWS::IAM::ManagedPolicy' || holders.length > 0) return [id, resource] as const;
    return [id, { ...resource, Properties: { ...resource.Properties, Roles: [`whoever has \${${id}}`] } }] as const;
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}
