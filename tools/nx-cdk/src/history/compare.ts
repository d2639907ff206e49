import { isDeepStrictEqual } from 'node:util';
import type { FetchedBundle, ReleaseManifest } from '../release/index.ts';

/** What is read of a release to compare it. */
export type ReleaseContent = Pick<FetchedBundle, 'manifest' | 'files'>;

export type Change = 'added' | 'removed' | 'modified';

/** A resource that differs. Plain data. */
export interface ComparedResource {
  readonly logicalId: string;
  readonly type: string;
  /** If the template says it. */
  readonly constructPath?: string;
  readonly change: Change;
}

/** A stack that differs. Plain data. */
export interface ComparedStack {
  readonly id: string;
  readonly change: Change;
  /** By construct path, or logical id. */
  readonly resources: readonly ComparedResource[];
  /** Other sections of the template that differ, such as `Outputs`. */
  readonly sections: readonly string[];
}

/** What differs between two releases. No value of a property is in it. Plain data. */
export interface ReleaseComparison {
  /** Digest of the release that it begins with. */
  readonly from: string;
  readonly to: string;
  readonly stacks: readonly ComparedStack[];
  /** Assets, without templates: an asset whose content is another one is removed and added. */
  readonly assets: readonly { readonly id: string; readonly kind: 'file' | 'image'; readonly change: Change }[];
  /** Versions that differ; absent where a release has no such tool. */
  readonly tools: readonly { readonly name: string; readonly from?: string; readonly to?: string }[];
  /** Files that say how stacks are deployed, such as their tags and roles, and differ. */
  readonly manifests: readonly { readonly path: string; readonly change: Change }[];
}

/** Says what differs between two releases. */
export function compareReleases(from: ReleaseContent, to: ReleaseContent): ReleaseComparison {
  const stacks = differing(from.manifest.stacks, to.manifest.stacks, (one, other) => one.sha256 === other.sha256);
  const tools = differing(from.manifest.tools, to.manifest.tools);
  return {
    from: from.manifest.digest,
    to: to.manifest.digest,
    stacks: stacks.map(([id, change]) => ({
      id,
      change,
      ...compareTemplates(templateOf(from, id), templateOf(to, id)),
    })),
    assets: differing(assetsOf(from.manifest), assetsOf(to.manifest)).map(([id, change]) => ({
      id,
      kind: (assetsOf(to.manifest)[id] ?? assetsOf(from.manifest)[id])!,
      change,
    })),
    tools: tools.map(([name]) => ({ name, from: from.manifest.tools[name], to: to.manifest.tools[name] })),
    manifests: differing(from.manifest.manifests, to.manifest.manifests).map(([path, change]) => ({ path, change })),
  };
}

/** The names under which two records differ, in the order of the names. */
function differing<Value>(
  from: Readonly<Record<string, Value>>,
  to: Readonly<Record<string, Value>>,
  isSame: (one: Value, other: Value) => boolean = isDeepStrictEqual,
): (readonly [name: string, change: Change])[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].toSorted();
  return names.flatMap((name): [string, Change][] => {
    if (!Object.hasOwn(from, name)) return [[name, 'added']];
    if (!Object.hasOwn(to, name)) return [[name, 'removed']];
    return isSame(from[name]!, to[name]!) ? [] : [[name, 'modified']];
  });
}

/** By source hash. A template is an asset too, and is compared as that of its stack. */
function assetsOf({ assets, stacks }: ReleaseManifest): Record<string, 'file' | 'image'> {
  const templates = new Set(Object.values(stacks).map(({ template }) => template));
  const others = assets.filter(({ path }) => path === undefined || !templates.has(path));
  return Object.fromEntries(others.map(({ id, kind }) => [id, kind]));
}

interface Resource {
  readonly Type?: unknown;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

type Template = Readonly<Record<string, unknown>>;

/** The template of a stack; empty if the release has no such stack, or the template cannot be understood. */
function templateOf({ manifest, files }: ReleaseContent, id: string): Template {
  const path = manifest.stacks[id]?.template;
  try {
    const template: unknown = JSON.parse((path && files.get(path)?.toString()) || '{}');
    return isObject(template) ? template : {};
  } catch {
    return {};
  }
}

function compareTemplates(from: Template, to: Template): Pick<ComparedStack, 'resources' | 'sections'> {
  const [before, after] = [from, to].map(({ Resources }) => (isObject(Resources) ? Resources : {})) as [
    Template,
    Template,
  ];
  const resources = differing(before, after).map(([logicalId, change]): ComparedResource => {
    const resource = (after[logicalId] ?? before[logicalId]) as Resource | null;
    const constructPath = resource?.Metadata?.['aws:cdk:path'];
    return {
      ...{ logicalId, type: String(resource?.Type ?? 'unknown'), change },
      ...(typeof constructPath === 'string' && { constructPath }),
    };
  });
  const nameOf = ({ constructPath, logicalId }: ComparedResource) => constructPath ?? logicalId;
  return {
    resources: resources.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1)),
    sections: differing(from, to).flatMap(([section]) => (section === 'Resources' ? [] : [section])),
  };
}

function isObject(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
