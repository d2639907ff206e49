import { hash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { targetName } from '@nx-cdk/environments';
import { withLock, workspaceLock } from '@nx-cdk/processes';
import { readData } from '../assembly/index.ts';
import type { DestinationReport } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { digestOf, sorted } from './create.ts';
import { RELEASE_FILE, RELEASE_FORMAT, type ReleaseManifest } from './model.ts';
import { placeOf, publishedAt } from './record.ts';

/** How long `notePublished` waits for other runs, each of which takes milliseconds; in milliseconds. */
const PATIENCE = 60_000;

/** Writes `release.json` into the folder of an assembly; whole, or not at all. */
export async function writeReleaseManifest(directory: string, manifest: ReleaseManifest): Promise<void> {
  const file = join(directory, RELEASE_FILE);
  const next = `${file}.${process.pid}.new`;
  await writeFile(next, formatReleaseManifest(manifest));
  await rename(next, file);
}

/** The text of a `release.json`. */
export function formatReleaseManifest(manifest: ReleaseManifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/**
 * Reads `release.json` from the folder of an assembly.
 *
 * @returns undefined if there is none: the assembly was made by another tool
 * @throws Failure `BrokenRelease` if it is none, is of another format, or its digest is not that of what it holds
 */
export async function readReleaseManifest(directory: string): Promise<ReleaseManifest | undefined> {
  const file = join(directory, RELEASE_FILE);
  const text = await readData(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw broken(file, `cannot be read (${cause.message})`, cause);
  });
  return text && parseReleaseManifest(text.toString(), file);
}

/**
 * Reads what a `release.json` says.
 *
 * @param file names it in a failure
 * @throws Failure `BrokenRelease` as `readReleaseManifest` does
 */
export function parseReleaseManifest(text: string, file: string): ReleaseManifest {
  let manifest: ReleaseManifest;
  try {
    manifest = (JSON.parse(text) ?? {}) as ReleaseManifest;
  } catch (cause) {
    throw broken(file, 'is no JSON', cause);
  }
  const { format, digest, tools, manifests, stacks, assets } = manifest;
  if (typeof format === 'number' && format > RELEASE_FORMAT) {
    const how = `is of format ${format}, and this workspace reads formats up to ${RELEASE_FORMAT}`;
    throw broken(file, how, undefined, 'update nx-cdk');
  }
  const whole =
    format === RELEASE_FORMAT &&
    typeof digest === 'string' &&
    [tools, manifests].every(areTexts) &&
    isObject(stacks) &&
    Object.values(stacks).every(areTexts) &&
    Array.isArray(assets) &&
    assets.every(areTexts);
  if (!whole) throw broken(file, 'is no release manifest');
  if (digestOf(manifest) === digest) return manifest;
  throw broken(file, 'was changed after the synthesis: its digest is not that of what it holds');
}

function broken(file: string, how: string, cause?: unknown, next = 'synthesize again (nx synth <project>)'): Failure {
  return new Failure('BrokenRelease', { what: `${file} ${how}`, next }, { cause });
}

function isObject(part: unknown): part is object {
  return typeof part === 'object' && part !== null;
}

/** Whether something has fields, each of them a text. */
function areTexts(part: unknown): boolean {
  return isObject(part) && Object.values(part).every((value) => typeof value === 'string');
}

/**
 * Adds to `release.json` what a run published. What runs for other environments add at the same time stays. For people
 * and their programs: no deployment trusts it.
 *
 * @param directory folder of the assembly
 * @param release digest of what was published; if the folder holds another release by now, nothing is written
 */
export async function notePublished(
  directory: string,
  release: string,
  results: readonly DestinationReport[],
): Promise<void> {
  const folder = resolve(directory);
  const name = `release-${hash('sha256', folder).slice(0, 16)}`;
  const add = async () => {
    const manifest = await readReleaseManifest(directory);
    if (manifest?.digest !== release) return;
    const published = merged(manifest.published ?? {}, results);
    if (JSON.stringify(published) === JSON.stringify(manifest.published ?? {})) return;
    await writeReleaseManifest(directory, { ...manifest, published });
  };
  // Beside the assembly: each file in it is part of the release.
  await withLock(workspaceLock(dirname(folder), name), add, AbortSignal.timeout(PATIENCE));
}

type Published = NonNullable<ReleaseManifest['published']>;

function merged(known: Published, results: readonly DestinationReport[]): Published {
  const added = results.map(
    (result) => [targetName(result), [publishedAt(result, result.region) ?? []].flat()] as const,
  );
  const targets = Map.groupBy([...Object.entries(known), ...added], ([target]) => target);
  const all = [...targets].map(([target, entries]) => {
    const region = target.split('/')[1]!;
    const destinations = entries.flatMap(([, each]) => each);
    // The last of a place wins.
    const places = sorted(destinations.map((each) => [placeOf(each, region), each]));
    return [target, Object.values(places)] as const;
  });
  return sorted(all.filter(([, destinations]) => destinations.length > 0));
}
