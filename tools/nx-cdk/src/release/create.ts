import { hash } from 'node:crypto';
import { relative, sep } from 'node:path';
import pLimit from 'p-limit';
import {
  type Assembly,
  type FileAsset,
  fileContentDigest,
  type ImageAsset,
  imageContentDigest,
  readData,
} from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { describeFiles } from './assembly-files.ts';
import { RELEASE_FORMAT, type ReleasedAsset, type ReleaseManifest } from './model.ts';

/** Files read at a time: enough to keep a disk busy. */
const READ_AT_ONCE = 16;

/** An asset as a release names it. */
type AssetName = Omit<ReleasedAsset, 'sha256'>;

interface DescribeOptions {
  /** Versions of what made the assembly. */
  readonly tools: ReleaseManifest['tools'];
  /** The digest of an asset's content, if it need not be read. @default - everything is read */
  readonly known?: (asset: AssetName) => string | undefined;
}

/**
 * Describes an assembly as a release. Reads every file of it once.
 *
 * @throws Failure `BrokenAssembly` if something that the assembly names cannot be read
 */
export async function describeRelease(assembly: Assembly, { tools, known }: DescribeOptions): Promise<ReleaseManifest> {
  const { directory } = assembly;
  const limit = pLimit(READ_AT_ONCE);
  const named = [...assembly.files, ...assembly.images].map((asset) => ({ asset, name: nameIn(directory, asset) }));
  // Each asset once, however many destinations and stacks it has.
  const distinct = [...new Map(named.map((each) => [keyOf(each.name), each])).values()];
  const [others, stacks, assets] = await Promise.all([
    describeFiles(assembly),
    limit.map(assembly.stacks, async ({ id, templateFile: file }) => {
      return [id, { template: pathIn(directory, file), sha256: hash('sha256', await read(file)) }] as const;
    }),
    limit.map(distinct, async ({ asset, name }) => {
      return { ...name, sha256: known?.(name) ?? (await contentOf(asset)) };
    }),
  ]);
  const content = {
    tools: sorted(Object.entries(tools)),
    manifests: sorted([...others].map(([file, sha256]) => [pathIn(directory, file), sha256] as const)),
    stacks: sorted(stacks),
    assets: assets.toSorted((one, other) => compare(orderOf(one), orderOf(other))),
  };
  return { format: RELEASE_FORMAT, digest: digestOf({ format: RELEASE_FORMAT, ...content }), ...content };
}

/** The digest that names a release: over everything in its manifest that says what it is made of. */
export function digestOf(manifest: Omit<ReleaseManifest, 'digest' | 'published'>): string {
  const { format, tools, manifests, stacks, assets } = manifest;
  return hash('sha256', JSON.stringify(canonical({ format, tools, manifests, stacks, assets })));
}

/** What a release calls an asset. */
export function nameIn(directory: string, asset: FileAsset | ImageAsset): AssetName {
  const { assetId: id } = asset;
  if ('bucket' in asset) {
    const { packaging, path } = asset.source;
    return { id, kind: 'file', packaging, path: path && pathIn(directory, path) };
  }
  const folder = asset.source.build?.directory;
  return { id, kind: 'image', path: folder && pathIn(directory, folder) };
}

/** Equal for equal names. */
export function keyOf({ id, kind, packaging, path }: AssetName): string {
  return JSON.stringify([id, kind, packaging, path]);
}

/** A file of an assembly as a release names it: relative, with `/` between names. */
export function pathIn(directory: string, file: string): string {
  return relative(directory, file).split(sep).join('/');
}

/** With sorted keys. */
export function sorted<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries.toSorted(([one], [other]) => compare(one, other)));
}

function contentOf(asset: FileAsset | ImageAsset): Promise<string> {
  return 'bucket' in asset
    ? fileContentDigest(asset.source).catch(unreadable(asset.source.path ?? asset.assetId))
    : imageContentDigest(asset.source).catch(unreadable(asset.source.build?.directory ?? asset.assetId));
}

function read(file: string): Promise<Buffer> {
  return readData(file).catch(unreadable(file));
}

/** Throws the failure for something that cannot be read. */
function unreadable(place: string) {
  return (cause: unknown): never => {
    if (cause instanceof Failure) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const what = `${place} ${code === 'ENOENT' ? 'is missing' : `cannot be read (${message})`}, although the assembly names it`;
    throw new Failure('BrokenAssembly', { what, next: 'synthesize again (nx synth <project>)' }, { cause });
  };
}

function orderOf({ id, kind, path = '' }: ReleasedAsset): string {
  return `${id} ${kind} ${path}`;
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
