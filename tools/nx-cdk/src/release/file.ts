import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure/index.ts';
import { digestOf } from './create.ts';
import { RELEASE_FILE, RELEASE_FORMAT, type ReleaseManifest } from './model.ts';

/** Writes `release.json` into the folder of an assembly; whole, or not at all. */
export async function writeReleaseManifest(directory: string, manifest: ReleaseManifest): Promise<void> {
  const file = join(directory, RELEASE_FILE);
  const next = `${file}.${process.pid}.new`;
  await writeFile(next, `${JSON.stringify(manifest, undefined, 2)}\n`);
  await rename(next, file);
}

/**
 * Reads `release.json` from the folder of an assembly.
 *
 * @returns undefined if there is none: the assembly was made by another tool
 * @throws Failure `BrokenRelease` if it is none, is of another format, or its digest is not that of what it holds
 */
export async function readReleaseManifest(directory: string): Promise<ReleaseManifest | undefined> {
  const file = join(directory, RELEASE_FILE);
  const broken = (how: string, cause?: unknown, next = 'synthesize again (nx synth <project>)') =>
    new Failure('BrokenRelease', { what: `${file} ${how}`, next }, { cause });
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw broken(`cannot be read (${cause.message})`, cause);
  });
  if (text === undefined) return undefined;
  let manifest: ReleaseManifest;
  try {
    manifest = (JSON.parse(text) ?? {}) as ReleaseManifest;
  } catch (cause) {
    throw broken('is no JSON', cause);
  }
  const { format, digest, tools, manifests, stacks, assets } = manifest;
  if (typeof format === 'number' && format > RELEASE_FORMAT) {
    const how = `is of format ${format}, and this workspace reads formats up to ${RELEASE_FORMAT}`;
    throw broken(how, undefined, 'update nx-cdk');
  }
  const whole =
    format === RELEASE_FORMAT &&
    typeof digest === 'string' &&
    [tools, manifests, stacks].every((part) => typeof part === 'object' && part !== null) &&
    Array.isArray(assets);
  if (!whole) throw broken('is no release manifest');
  if (digestOf(manifest) === digest) return manifest;
  throw broken('was changed after the synthesis: its digest is not that of what it holds');
}
