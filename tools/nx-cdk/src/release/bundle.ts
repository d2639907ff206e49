import { hash } from 'node:crypto';
import { lstat, readlink } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ArtifactManifest, AssemblyManifest } from '@aws-cdk/cloud-assembly-schema';
import { type Assembly, readData } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { withoutMetadata } from './assembly-files.ts';
import { formatReleaseManifest, parseReleaseManifest } from './file.ts';
import { parseFlat } from './flat-json.ts';
import { RELEASE_FILE, type ReleaseManifest, shortRelease } from './model.ts';

/** Where the bundles of releases lie in a bucket. Apart from the records, which are listed at each deployment. */
const BUNDLES = 'assemblies/';

/** The most that a bundle may be unpacked to: a hundred of the largest templates are less. In bytes. */
const MOST = 100 * 1024 * 1024;

/** The most that a bundle may have. In bytes. */
export const LARGEST_BUNDLE = 32 * 1024 * 1024;

/** The most files and assets that a release may list: a hundred of the largest apps have fewer. */
const MOST_LISTED = 50_000;

/** Version of the format. */
const FORMAT = 1;

/** How deep objects and lists are in each other: a file that is no text, and what a release says was published. */
const LEVELS = 4;

/** What is in a bundle: JSON, packed by gzip. */
interface Content {
  readonly format: typeof FORMAT;
  /** `release.json`, without what was published. */
  readonly release: string;
  /** Every file that the release lists. What is no text is in base64. */
  readonly files: readonly Entry[];
}

type Entry = readonly [name: string, content: string | { readonly base64: string }];

/** The assembly of a release as it came out of a bundle: each byte of it is what the release lists. */
export interface Unpacked {
  readonly manifest: ReleaseManifest;
  /** By path in the assembly, `release.json` included. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Key of the bundle of a release: one for all that is published of it. */
export function bundleKey(release: string): string {
  return `${BUNDLES}${release}.json.gz`;
}

/**
 * Packs the assembly of a release, without what is in assets: templates, manifests and whatever else the release lists.
 * Construct metadata are left out, as they are no part of a release.
 *
 * @returns undefined if it is too large, or has assets of `LegacyStackSynthesizer`, which only those metadata tell
 * @throws Failure `ReleaseMismatch` if a file is not what the release lists; what reading throws
 */
export async function packBundle(
  { directory, stacks }: Pick<Assembly, 'directory' | 'stacks'>,
  manifest: ReleaseManifest,
): Promise<Buffer | undefined> {
  if (stacks.some(({ hasLegacyAssets }) => hasLegacyAssets)) return undefined;
  const listed = listedBy(manifest);
  if (listed.size + manifest.assets.length > MOST_LISTED) return undefined;
  const head = JSON.stringify({ format: FORMAT, release: formatReleaseManifest(unpublished(manifest)) });
  const entries: string[] = [];
  let size = Buffer.byteLength(head);
  for (const [name, sha256] of listed) {
    const file = join(directory, name);
    if (size + (await lstat(file)).size > MOST) return undefined;
    const content = await readListed(file, sha256, manifest);
    const text = content.toString();
    const isText = Buffer.from(text).equals(content);
    const entry: Entry = [name, isText ? text : { base64: content.toString('base64') }];
    entries.push(JSON.stringify(entry));
    // JSON writes some bytes with six.
    size += Buffer.byteLength(entries.at(-1)!) + 1;
    if (size > MOST) return undefined;
  }
  const packed = await promisify(gzip)(`${head.slice(0, -1)},"files":[${entries.join(',')}]}`);
  return packed.length > LARGEST_BUNDLE ? undefined : packed;
}

/** What was published is told by records alone. */
function unpublished(manifest: ReleaseManifest): ReleaseManifest {
  return { ...manifest, published: undefined };
}

/** What a release lists that is in no asset: the SHA-256 by path. */
function listedBy({ manifests, stacks }: ReleaseManifest): Map<string, string> {
  const templates = Object.values(stacks).map(({ template, sha256 }) => [template, sha256] as const);
  return new Map([...Object.entries(manifests), ...templates]);
}

/** The bytes that a release knows of a file: of a manifest without its metadata, of a link where it leads. */
async function readListed(file: string, sha256: string, { digest }: ReleaseManifest): Promise<Buffer> {
  const isIt = (content: Buffer) => hash('sha256', content) === sha256;
  if ((await lstat(file)).isSymbolicLink()) {
    const link = Buffer.from(`link ${await readlink(file)}`);
    if (isIt(link)) return link;
  }
  const content = await readData(file);
  if (isIt(content)) return content;
  const known = basename(file) === 'manifest.json' ? Buffer.from(withoutMetadata(file, content)) : content;
  if (isIt(known)) return known;
  const what = `${file} is not what it is in release ${shortRelease(digest)}`;
  throw new Failure('ReleaseMismatch', { what, next: 'synthesize again (nx synth <project>)' });
}

/**
 * Reads a bundle, which may be anything. Nothing in it is believed: it has to hold the release with this digest, and
 * exactly the files that this lists, each with its SHA-256.
 *
 * @param release digest of what is wanted
 * @param where names the object in the failure: `s3://bucket/key`
 * @throws Failure `BrokenBundle`
 */
export async function unpackBundle(packed: Buffer, release: string, where: string): Promise<Unpacked> {
  try {
    if (packed.length > LARGEST_BUNDLE) throw new Error(`it has more than ${LARGEST_BUNDLE} bytes`);
    const text = await promisify(gunzip)(packed, { maxOutputLength: MOST });
    const { format, release: released, files } = parseFlat(text, LEVELS) as Content;
    if (format !== FORMAT) throw new Error(`its format is not ${FORMAT}`);
    if (typeof released !== 'string' || !Array.isArray(files)) throw new Error('it is not what publish writes');
    parseFlat(Buffer.from(released), LEVELS);
    const manifest = parseReleaseManifest(released, RELEASE_FILE);
    if (manifest.digest !== release) throw new Error(`it holds release ${shortRelease(manifest.digest)}`);
    const own = unpublished(manifest);
    return { manifest: own, files: checked(files, own).set(RELEASE_FILE, Buffer.from(formatReleaseManifest(own))) };
  } catch (error) {
    const what = `${where} is not the assembly of release ${shortRelease(release)}: ${(error as Error).message}`;
    const next = 'find out who has changed it, and publish again (nx publish <project>)';
    throw new Failure('BrokenBundle', { what, next }, { cause: error });
  }
}

/** @throws Error if these are not the files that a release lists */
function checked(files: Content['files'], manifest: ReleaseManifest): Map<string, Buffer> {
  const listed = listedBy(manifest);
  const found = new Map<string, Buffer>();
  for (const [name, content] of files) {
    const sha256 = listed.get(name);
    if (sha256 === undefined) throw new Error(`it holds ${JSON.stringify(name)}, which the release does not list`);
    if (found.has(name)) throw new Error(`it holds ${name} twice`);
    requirePlace(name);
    const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.base64, 'base64');
    if (hash('sha256', bytes) !== sha256) throw new Error(`its ${name} is not what the release lists`);
    found.set(name, bytes);
  }
  const missing = [...listed.keys()].find((name) => !found.has(name));
  if (missing !== undefined) throw new Error(`it does not hold ${missing}`);
  return found;
}

/**
 * A digest says what was approved, and not that it is harmless: an app decides what its files are called.
 *
 * @throws Error for a name that is no place in the folder of the assembly
 */
function requirePlace(name: string): void {
  if (!isPlace(name)) throw new Error(`${JSON.stringify(name)} is no place in an assembly`);
}

function isPlace(name: string): boolean {
  const isOutside = name.split('/').some((part) => part === '' || part === '.' || part === '..');
  return !isOutside && !/[\\\0]|^[A-Za-z]:/.test(name) && name !== RELEASE_FILE;
}

/**
 * Files with construct metadata that manifests name, and that a bundle does not hold. The CDK toolkit opens no assembly
 * without them, so they have to be there, and empty.
 */
export function missingMetadata(files: Unpacked['files']): string[] {
  const manifests = [...files].filter(([name]) => basename(name) === 'manifest.json');
  const named = manifests.flatMap(([manifest, content]) =>
    artifactsOf(content).flatMap((artifact) => {
      const file: unknown = artifact?.additionalMetadataFile;
      return typeof file === 'string' ? [posix.join(posix.dirname(manifest), file)] : [];
    }),
  );
  return [...new Set(named)].filter((name) => isPlace(name) && !files.has(name));
}

/** Of a file that is called as a manifest is, and may be anything. */
function artifactsOf(content: Buffer): (ArtifactManifest | null)[] {
  try {
    const manifest = JSON.parse(content.toString()) as Partial<AssemblyManifest> | null;
    return Object.values(manifest?.artifacts ?? {});
  } catch {
    return [];
  }
}
