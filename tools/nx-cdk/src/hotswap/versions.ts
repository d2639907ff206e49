import { FUNCTION, type Resource, type Template } from './resources.ts';

/** How the code of a function is published. Logical ids. */
export interface Publication {
  readonly version: string;
  /** They point at the version. */
  readonly aliases: readonly string[];
}

/** How the CDK calls the version of `currentVersion`: code of another content makes another version. */
const CURRENT_VERSION = /[0-9A-F]{8}[0-9a-f]{32}$/;

/**
 * How functions that have versions are published, by their logical ids. `left` are those that CloudFormation alone may
 * change. A hotswap lets the aliases of the others point at `$LATEST`, and publishes nothing: if it did, CloudFormation
 * would refuse to publish the same code again. So their versions may be used by these aliases only, and nothing may be
 * about them that `$LATEST` cannot have: SnapStart, provisioned concurrency, weights, gradual deployments
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html).
 */
export function publicationsOf(template: Template): Map<string, Publication | 'left'> {
  const resources = Object.entries(template.Resources ?? {});
  const scales = resources.some(([, one]) => isScalingOfLambda(one));
  const publications = new Map<string, Publication | 'left'>();
  for (const [version, resource] of resources) {
    const id = refIn(resource.Properties?.['FunctionName']);
    if (resource.Type !== 'AWS::Lambda::Version' || id === undefined) continue;
    const isOnly = !publications.has(id);
    const aliases = isOnly && !scales ? aliasesOf(template, id, version) : undefined;
    publications.set(id, aliases === undefined ? 'left' : { version, aliases });
  }
  return publications;
}

/** @returns undefined if something is about the version or its aliases that only CloudFormation may change */
function aliasesOf(template: Template, functionId: string, version: string): string[] | undefined {
  const { [functionId]: published, [version]: own, ...others } = template.Resources ?? {};
  const { SnapStart, DurableConfig, CapacityProviderConfig } = published?.Properties ?? {};
  const isPlain = SnapStart === undefined && DurableConfig === undefined && CapacityProviderConfig === undefined;
  if (published?.Type !== FUNCTION || !isPlain) return undefined;
  if (!CURRENT_VERSION.test(version) || !hasOnly(own!, ['FunctionName', 'Description'])) return undefined;
  const aliases = Object.keys(others).filter((id) => isAliasOf(others[id]!, version));
  const areSimple = aliases.every((id) => hasOnly(others[id]!, ['FunctionName', 'FunctionVersion', 'Name']));
  const rest = Object.entries(others).map(([id, one]) => (aliases.includes(id) ? withoutVersion(one) : one));
  const isUsed = JSON.stringify([{ ...template, Resources: rest }, published]).includes(version);
  return areSimple && !isUsed ? aliases : undefined;
}

function isAliasOf({ Type, Properties }: Resource, version: string): boolean {
  const at = JSON.stringify(
    (Properties?.['FunctionVersion'] as { 'Fn::GetAtt'?: unknown } | undefined)?.['Fn::GetAtt'],
  );
  return Type === 'AWS::Lambda::Alias' && at === JSON.stringify([version, 'Version']);
}

function withoutVersion({ Properties, ...rest }: Resource): Resource {
  return { ...rest, Properties: { ...Properties, FunctionVersion: undefined } };
}

/** A description says nothing about how code is run. */
function hasOnly(resource: Resource & { readonly UpdatePolicy?: unknown }, names: readonly string[]): boolean {
  const known = [...names, 'Description'];
  return (
    resource.UpdatePolicy === undefined && Object.keys(resource.Properties ?? {}).every((one) => known.includes(one))
  );
}

function isScalingOfLambda({ Type, Properties }: Resource): boolean {
  return Type === 'AWS::ApplicationAutoScaling::ScalableTarget' && Properties?.['ServiceNamespace'] === 'lambda';
}

function refIn(value: unknown): string | undefined {
  const { Ref: id } = (value ?? {}) as { Ref?: unknown };
  return typeof id === 'string' ? id : undefined;
}
