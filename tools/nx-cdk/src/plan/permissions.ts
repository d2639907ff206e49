import type { ResourceChange } from '../cloudformation/index.ts';
import { redact } from '../progress/index.ts';
import type { PermissionLine, PlannedPermissions } from './model.ts';
import { isFromEverybody, type NetworkRule, ruleWidens, wordRule } from './network-rules.ts';
import { letsEverybodyIn } from './public-statements.ts';
import { additionWidens, hideConditions, removalWidens, type Statement, wordStatement } from './statements.ts';
import { parseTemplate, same, type Template, type TemplateResource } from './template.ts';
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

interface Comparison {
  readonly compare: Compare;
  /** All that was granted before, as removals. Worked out only if something has to be compared with it. */
  readonly before: () => Grants;
  /** All that is granted then, as additions. */
  readonly after: () => Grants;
}

/** Of a stack that is not changed. */
export const NO_PERMISSIONS: PlannedPermissions = { widened: false, lines: [] };

/**
 * What a stack would allow with another template, statement by statement. What is not known counts as more: better one
 * look too many than one too few.
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
  let [old, now]: (Grants | undefined)[] = [];
  const comparison: Comparison = {
    compare,
    before: () => (old ??= compare(before ?? {}, {})),
    after: () => (now ??= compare({}, after)),
  };
  const ids = Object.keys({ ...before?.Resources, ...after.Resources }).sort();
  const lines: PermissionLine[] = ids.flatMap((id) =>
    linesOf(id, before?.Resources?.[id], after.Resources?.[id], comparison).map((line) => ({ ...line, resource: id })),
  );
  const unclear = [...changedByValues(resources, before, after), ...outOfSight(before, after)];
  lines.push(...unclear.map(({ text, resource }) => ({ ...unknown(text), ...(resource && { resource }) })));
  const shown = lines.map((line) => ({ ...line, text: redact(line.text) }));
  const distinct = [...new Map(shown.map((line) => [JSON.stringify(line), line])).values()];
  return { widened: distinct.some(({ widens }) => widens), lines: distinct };
}

/** What nobody can tell: it may allow more, and may let everybody in. */
function unknown(text: string): PermissionLine {
  return { widens: true, public: true, text: `? ${text}` };
}

/** Without the deployed template, all that the new one allows shows as new. */
const UNREADABLE: PermissionLine = {
  widens: true,
  text: '? the deployed template is no JSON: everything that the new one allows is listed',
};

/** The same with the deployed template as CloudFormation gives it; undefined for a new stack. */
export async function comparePermissionsWith(
  deployed: string | undefined,
  after: Template,
  resources: readonly ResourceChange[],
): Promise<PlannedPermissions> {
  const before = deployed === undefined ? undefined : parseTemplate(deployed);
  const permissions = await comparePermissions(before, after, resources);
  if (deployed === undefined || before !== undefined) return permissions;
  return { widened: true, lines: [UNREADABLE, ...permissions.lines] };
}

/** What one resource grants otherwise than before. */
function linesOf(
  id: string,
  before: TemplateResource | undefined,
  after: TemplateResource | undefined,
  all: Comparison,
): PermissionLine[] {
  if (same(before, after)) return [];
  const hidden = (what: string) => {
    return unknown(`the template does not show what ${what} (${after?.Type ?? before?.Type ?? ''}) allows`);
  };
  try {
    const found = readable(all.compare(only(id, before), only(id, after)), all);
    const opaque = changedGrants(before, after).filter(
      (name) => isOpaque(name, after) || isUnread(id, name, after, all),
    );
    return [...found, ...boundaryLines(id, before, after), ...opaque.map((name) => hidden(`${name} of ${id}`))];
  } catch {
    // A policy of a shape that the comparison does not expect: CloudFormation or the service will refuse it, or knows
    // more than we do.
    return [hidden(id)];
  }
}

function readable({ statements, policies, ingress, egress, assignments }: Grants, all: Comparison): PermissionLine[] {
  return [
    ...worded(
      statements,
      wordStatement,
      (one) => additionWidens(one, all.before().statements.removals),
      (one) => removalWidens(one, all.after().statements.additions),
      (one) => letsEverybodyIn(one, all.after().statements.additions),
    ),
    ...worded(policies, (one) => `managed policy ${one.managedPolicyArn} for ${one.identityArn}`),
    ...worded(
      ingress,
      (rule) => wordRule(rule, 'in'),
      (rule) => ruleWidens(rule, all.before().ingress.removals),
      undefined,
      isFromEverybody,
    ),
    ...worded(
      egress,
      (rule) => wordRule(rule, 'out'),
      (rule) => ruleWidens(rule, all.before().egress.removals),
    ),
    ...worded(assignments, (one) => `Identity Center: ${JSON.stringify(one, hideConditions)}`),
  ];
}

function worded<T>(
  { additions, removals }: Difference<T>,
  word: (one: T) => string,
  comingWidens: (one: T) => boolean = () => true,
  goingWidens: (one: T) => boolean = () => false,
  isPublic: (one: T) => boolean = () => false,
): PermissionLine[] {
  const line = (one: T, widens: boolean, text: string) => ({
    widens,
    ...(widens && isPublic(one) && { public: true }),
    text,
  });
  return [
    ...additions.map((one) => line(one, comingWidens(one), `+ ${word(one)}`)),
    ...removals.map((one) => line(one, goingWidens(one), `- ${word(one)}`)),
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
  const additions = now === undefined ? [] : [now];
  const removals = old === undefined ? [] : [old];
  return worded(
    { additions, removals },
    (one) => `permissions boundary ${typeof one === 'string' ? one : JSON.stringify(one)} of \${${id}}`,
    () => old !== undefined,
    () => now === undefined,
  );
}

/** Whether a property that grants something is of a kind that the comparison knows nothing of. */
function isUnread(id: string, name: string, resource: TemplateResource | undefined, { compare }: Comparison): boolean {
  const value = resource?.Properties?.[name];
  if (name === 'PermissionsBoundary' || isEmpty(value)) return false;
  const grants: Difference<unknown>[] = Object.values(compare({}, only(id, resource)));
  return grants.every(({ additions }) => additions.length === 0);
}

/** Neither a list nor a policy with anything in it. */
function isEmpty(value: unknown): boolean {
  const statements = (value as { Statement?: unknown } | null | undefined)?.Statement;
  return value === undefined || [value].flat().length === 0 || (Array.isArray(statements) && statements.length === 0);
}

function only(id: string, resource: TemplateResource | undefined): Template {
  return resource === undefined ? {} : { Resources: { [id]: resource } };
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

/** The comparison reads a managed policy only for roles that it names; those of CDK mostly name none. */
function withHolders(template: Template): Template {
  const resources = Object.entries(template.Resources ?? {}).map(([id, resource]) => {
    const { Roles, Users, Groups } = resource.Properties ?? {};
    const holders = [Roles, Users, Groups].flatMap((names) => (names === undefined ? [] : [names].flat()));
    if (resource.Type !== 'AWS::IAM::ManagedPolicy' || holders.length > 0) return [id, resource] as const;
    return [id, { ...resource, Properties: { ...resource.Properties, Roles: [`everybody with \${${id}}`] } }] as const;
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}
