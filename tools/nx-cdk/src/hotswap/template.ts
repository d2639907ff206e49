import { FUNCTION, parseTemplate, type Resource, STATE_MACHINE, type Template } from './resources.ts';
import { publicationsOf } from './versions.ts';

/** The resources whose change is a hotswap, and the properties of which that is true. */
const SWAPPABLE: Readonly<Record<string, readonly string[]>> = {
  [FUNCTION]: ['Code'],
  [STATE_MACHINE]: ['Definition', 'DefinitionString', 'DefinitionS3Location', 'DefinitionSubstitutions'],
};

/** How a template differs from the one that is deployed. */
export type Difference =
  | { readonly kind: 'none' }
  /** Only what can be swapped: the logical ids of functions and state machines. */
  | { readonly kind: 'swappable'; readonly changed: readonly string[] }
  | { readonly kind: 'deployment' };

/**
 * Whether a change of a template can be brought past CloudFormation. New code of a function makes a new version in the
 * template, which is no change of its own: see `publicationsOf`.
 */
export function differenceOf(before: string, after: string): Difference {
  if (before === after) return { kind: 'none' };
  const now = parseTemplate(after);
  const { text, published } = withVersionsOf(now, before);
  const { Resources: oldResources = {}, ...oldRest } = parseTemplate(text);
  const { Resources: resources = {}, ...rest } = now;
  const ids = Object.keys(resources);
  if (!isSame(oldRest, rest) || !isSame(Object.keys(oldResources).toSorted(), ids.toSorted()))
    return { kind: 'deployment' };
  const changed = ids.filter((id) => !isSame(withoutMetadata(oldResources[id]!), withoutMetadata(resources[id]!)));
  const left = publicationsOf(now);
  const isSwappable = (id: string) => {
    const allowed = SWAPPABLE[resources[id]!.Type ?? ''];
    return (
      allowed !== undefined &&
      // A version that stays as it is stays with its code.
      (!left.has(id) || published.has(id)) &&
      isSame(withoutProperties(oldResources[id]!, allowed), withoutProperties(resources[id]!, allowed))
    );
  };
  const isOnlyPublished = [...published].some((id) => !changed.includes(id));
  return isOnlyPublished || !changed.every(isSwappable) ? { kind: 'deployment' } : { kind: 'swappable', changed };
}

/** The old template with the logical ids that versions have in the new one, and the functions that have other ones. */
function withVersionsOf(now: Template, before: string): { text: string; published: Set<string> } {
  const published = new Set<string>();
  let text = before;
  const old = publicationsOf(parseTemplate(before));
  for (const [id, publication] of publicationsOf(now)) {
    const earlier = old.get(id);
    if (publication === 'left' || earlier === undefined || earlier === 'left') continue;
    if (earlier.version === publication.version) continue;
    published.add(id);
    text = text.replaceAll(JSON.stringify(earlier.version), JSON.stringify(publication.version));
  }
  return { text, published };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
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
