import { hash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import pLimit from 'p-limit';
import {
  fileContentDigest,
  imageContentDigest,
  type Assembly,
  type FileSource,
  type ImageSource,
} from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { RELEASE_FORMAT, type ReleasedAsset, type ReleaseManifest } from './model.ts';

/** Files read at a time: enough to keep a disk busy. */
const READ_AT_ONCE = 16;

/** What describing an assembly may leave out. */
export interface DescribeOptions {
  /** Versions of what made the assembly. */
  readonly tools: Readonly<Record<string, string>>;
  /**
   * The digest of an asset's content, if it need not be read.
   * @default - everything is read
   */
  readonly known?: (asset: Omit<ReleasedAsset, 'sha256'>) => string | undefined;
}

/**
 * Describes an assembly as a release. Reads every template, manifest and asset once.
 *
 * @throws Failure `BrokenAssembly` if something that the assembly names cannot be read
 */
export async function describeRelease(assembly: Assembly, options: DescribeOptions): Promise<ReleaseManifest> {
  const limit = pLimit(READ_AT_ONCE);
  const path = (file: string) => relative(assembly.directory, file).split(sep).join('/');
  const [manifests, stacks, assets] = await Promise.all([
    describeManifests(assembly.directory),
    Promise.all(
      assembly.stacks.map(({ id, templateFile }) =>
        limit(
          async () => [id, { template: path(templateFile), sha256: hash('sha256', await read(templateFile)) }] as const,
        ),
      ),
    ),
    Promise.all(distinctAssets(assembly, path).map((asset) => limit(() => describeAsset(asset, options)))),
  ]);
  const content = {
    tools: sorted(Object.entries(options.tools)),
    manifests,
    stacks: sorted(stacks),
    assets: assets.toSorted((one, other) => compare(orderOf(one), orderOf(other))),
  };
  return { format: RELEASE_FORMAT, digest: digestOf({ format: RELEASE_FORMAT, ...content }), ...content };
}

/** The digest that names a release: a SHA-256 over everything in its manifest that says what it is made of. */
export function digestOf(manifest: Omit<ReleaseManifest, 'digest' | 'published'>): string {
  const { format, tools, manifests, stacks, assets } = manifest;
  return hash('sha256', JSON.stringify(canonical({ format, tools, manifests, stacks, assets })));
}

interface Asset extends Omit<ReleasedAsset, 'sha256'> {
  readonly source: FileSource | ImageSource;
  /** Where it is on this machine, for errors. */
  readonly place: string;
}

/** Each asset once, however many destinations and stacks it has. */
function distinctAssets(assembly: Assembly, path: (file: string) => string): Asset[] {
  const assets = new Map<string, Asset>();
  const add = (asset: Omit<ReleasedAsset, 'sha256'>, source: FileSource | ImageSource, place: string) =>
    assets.set(JSON.stringify(asset), { ...asset, source, place });
  for (const { assetId: id, source } of assembly.files) {
    const { packaging, path: place } = source;
    add({ id, kind: 'file', packaging, path: place && path(place) }, source, place ?? id);
  }
  for (const { assetId: id, source } of assembly.images) {
    const folder = source.build?.directory;
    add({ id, kind: 'image', path: folder && path(folder) }, source, folder ?? id);
  }
  return [...assets.values()];
}

async function describeAsset({ source, place, ...asset }: Asset, { known }: DescribeOptions): Promise<ReleasedAsset> {
  try {
    const read = () =>
      asset.kind === 'file' ? fileContentDigest(source as FileSource) : imageContentDigest(source as ImageSource);
    return { ...asset, sha256: known?.(asset) ?? (await read()) };
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw unreadable(place, cause);
  }
}

/**
 * The manifests of an assembly and of its nested stages: they say where everything goes, with which role, parameters
 * and tags.
 */
async function describeManifests(directory: string, prefix = ''): Promise<Record<string, string>> {
  const found: (readonly [string, string])[] = [];
  for (const entry of await readdir(join(directory, prefix), { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name.startsWith('assembly-'))
        found.push(...Object.entries(await describeManifests(directory, `${path}/`)));
    } else if (entry.name === 'manifest.json') {
      found.push([path, hash('sha256', withoutMetadata(await read(join(directory, path))))]);
    } else if (entry.name.endsWith('.assets.json')) {
      found.push([path, hash('sha256', await read(join(directory, path)))]);
    }
  }
  return sorted(found);
}

/** Construct metadata describe the source and not the deployment: their lines move with every comment. */
function withoutMetadata(text: Buffer): string {
  const manifest = JSON.parse(text.toString()) as { artifacts?: Record<string, object> };
  for (const [id, artifact] of Object.entries(manifest.artifacts ?? {})) {
    manifest.artifacts![id] = { ...artifact, metadata: undefined };
  }
  return JSON.stringify(manifest);
}

function read(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
}

function unreadable(place: string, cause: unknown): Failure {
  const why =
    (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is missing' : `cannot be read (${(cause as Error).message})`;
  const what = `${place} ${why}, although the assembly names it`;
  return new Failure('BrokenAssembly', { what, next: 'synthesize again (nx synth <project>)' }, { cause });
}

function orderOf({ id, kind, path = '' }: ReleasedAsset): string {
  return `${id} ${kind} ${path}`;
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries.toSorted(([one], [other]) => compare(one, other)));
}

/** By code units: an order that no locale changes. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** With sorted keys: JSON that says the same has the same digest. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return sorted(Object.entries(value).map(([key, inner]) => [key, canonical(inner)] as const));
}
