import type { AssemblyStack, FileAsset, ImageAsset } from '../assembly/index.ts';

/** As much of a template as a hotswap reads. */
interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
}

interface Resource {
  readonly Type?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A Lambda function of a stack whose code is an asset of the assembly. */
export interface SwappableFunction {
  readonly logicalId: string;
  readonly code: FileAsset | ImageAsset;
}

const FUNCTION = 'AWS::Lambda::Function';

/** The resources whose change is a hotswap, and the properties of which that is true. */
const SWAPPABLE: Readonly<Record<string, readonly string[]>> = {
  [FUNCTION]: ['Code'],
  'AWS::StepFunctions::StateMachine': ['DefinitionString'],
  'AWS::ECS::TaskDefinition': ['ContainerDefinitions'],
};

/** How a template differs from the one that is deployed. */
export type Difference =
  | { readonly kind: 'none' }
  /** Only what can be swapped; `others` are the logical ids of what is no function. */
  | { readonly kind: 'swappable'; readonly functions: readonly string[]; readonly others: readonly string[] }
  | { readonly kind: 'deployment' };

/**
 * Whether a change of a template can be brought past CloudFormation. Functions with a version are left to it: a version
 * is a resource of its own, and aliases point at it.
 */
export function differenceOf(before: string, after: string): Difference {
  if (before === after) return { kind: 'none' };
  const [old, now] = [parse(before), parse(after)];
  const { Resources: oldResources = {}, ...oldRest } = old;
  const { Resources: resources = {}, ...rest } = now;
  const ids = Object.keys(resources);
  const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  if (!isSame(oldRest, rest) || !isSame(Object.keys(oldResources).toSorted(), ids.toSorted()))
    return { kind: 'deployment' };
  const changed = ids.filter((id) => !isSame(oldResources[id], resources[id]));
  const meant = changed.filter((id) => !isSame(withoutMetadata(oldResources[id]!), withoutMetadata(resources[id]!)));
  const versioned = versionedFunctions(now);
  const isSwappable = (id: string) => {
    const allowed = SWAPPABLE[resources[id]!.Type ?? ''];
    return (
      allowed !== undefined &&
      !versioned.has(id) &&
      isSame(withoutProperties(oldResources[id]!, allowed), withoutProperties(resources[id]!, allowed))
    );
  };
  if (!meant.every(isSwappable)) return { kind: 'deployment' };
  const functions = meant.filter((id) => resources[id]!.Type === FUNCTION);
  return { kind: 'swappable', functions, others: meant.filter((id) => !functions.includes(id)) };
}

/** The functions of a stack whose code can be swapped: it is an asset of the stack, and they have no versions. */
export function functionsOf({ files, images }: AssemblyStack, template: string): SwappableFunction[] {
  const parsed = parse(template);
  const versioned = versionedFunctions(parsed);
  return Object.entries(parsed.Resources ?? {}).flatMap(([logicalId, { Type, Properties }]) => {
    if (Type !== FUNCTION || versioned.has(logicalId)) return [];
    const { S3Key: key, ImageUri: image } = (Properties?.['Code'] ?? {}) as { S3Key?: unknown; ImageUri?: unknown };
    const code =
      files.find((asset) => typeof key === 'string' && asset.key === key && asset.source.executable === undefined) ??
      images.find(({ tag }) => image !== undefined && nameOfImage(image).endsWith(`:${tag}`));
    return code === undefined ? [] : [{ logicalId, code }];
  });
}

function nameOfImage(uri: unknown): string {
  const text = (uri as { readonly 'Fn::Sub'?: unknown })['Fn::Sub'] ?? uri;
  return typeof text === 'string' ? text : '';
}

/** Logical ids of the functions that versions are made of. */
function versionedFunctions({ Resources = {} }: Template): Set<string> {
  const versions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Version');
  return new Set(
    versions.flatMap(({ Properties }) => {
      const { Ref: id } = (Properties?.['FunctionName'] ?? {}) as { Ref?: unknown };
      return typeof id === 'string' ? [id] : [];
    }),
  );
}

/** Where the CDK notes the paths of assets; CloudFormation changes nothing for it. */
function withoutMetadata({ Metadata: _, ...rest }: Resource & { readonly Metadata?: unknown }): Resource {
  return rest;
}

function withoutProperties(resource: Resource, names: readonly string[]): object {
  const { Properties = {}, ...rest } = withoutMetadata(resource);
  const kept = Object.entries(Properties).filter(([name]) => !names.includes(name));
  return { ...rest, Properties: Object.fromEntries(kept) };
}

function parse(template: string): Template {
  return (JSON.parse(template) ?? {}) as Template;
}
