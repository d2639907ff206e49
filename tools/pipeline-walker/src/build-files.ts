import { existsSync, statSync } from 'node:fs';
import { readdir, realpath, rm } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import { Failure } from 'nx-cdk/failure';
import { type ArchiveEntry, zipFiles } from './archive.ts';
import type { ArtifactFiles, Buildspec } from './buildspec.ts';
import type { RunningBuild } from './walk.ts';

/** Makes the output artifacts of a build and uploads them with its role. */
export async function uploadOutputs({ walk, action, session, folders }: RunningBuild, spec: Buildspec): Promise<void> {
  for (const name of action.outputs) {
    const files = filesOf(spec, name, action.outputs.length);
    if (files === undefined) {
      const what = `its buildspec says nothing of the artifact ${name}, which it has to make`;
      throw new Failure('NoArtifact', { subject: action.id, what });
    }
    action.say(`uploading ${name}`);
    const file = join(folders.scratch, 'output.zip');
    await zipFiles(await artifactEntries(folders.source, files, name), file, { links: files.links });
    walk.artifacts.set(name, await walk.store.put(session, name, file, { kind: 'zip' }));
    await rm(file, { force: true });
  }
}

/** The only artifact of an action is the primary one of its build; several are secondary ones, each by its name. */
function filesOf(spec: Buildspec, name: string, count: number): ArtifactFiles | undefined {
  return count === 1 ? (spec.artifacts ?? spec.secondaryArtifacts[name]) : spec.secondaryArtifacts[name];
}

/**
 * The files that an artifact is made of.
 *
 * @param source the source folder of the build
 * @param name of the artifact, for the error
 * @throws Failure `NoArtifact` if there is none, as CodeBuild does
 */
export async function artifactEntries(source: string, files: ArtifactFiles, name: string): Promise<ArchiveEntry[]> {
  const base = resolve(source, files.baseDirectory);
  const entries = await matchingFiles(base, files.files, { exclude: files.exclude, links: files.links });
  if (entries.length === 0) {
    const patterns = files.files.join(', ') || 'an empty list';
    throw new Failure('NoArtifact', {
      what: `The build made no file for the artifact ${name}: nothing matches ${patterns}`,
      ...(files.baseDirectory !== '.' && { where: files.baseDirectory }),
    });
  }
  if (!files.discardPaths) return entries;
  return entries.map(({ name: path, ...rest }) => ({ ...rest, name: basename(path) }));
}

/**
 * The files of a folder whose path in it matches one of the globs, hidden ones included; in the order of their names.
 */
export async function matchingFiles(
  folder: string,
  patterns: readonly string[],
  { exclude = [], links = false }: { readonly exclude?: readonly string[]; readonly links?: boolean } = {},
): Promise<ArchiveEntry[]> {
  if (!existsSync(folder)) return [];
  const clean = patterns.map((pattern) => pattern.replace(/^\.\//, ''));
  const isExcluded = exclude.length === 0 ? () => false : picomatch(exclude as string[], { dot: true });
  const plain = clean.filter((pattern) => !isGlob(pattern));
  const globs = clean.filter(isGlob);
  const isMatch = globs.length === 0 ? () => false : picomatch(globs, { dot: true });
  const named = plain.map((name) => ({ name, path: join(folder, name) })).filter(({ path }) => isFile(path));
  // A tree may be large; it is not looked at for files that are named.
  const walked = globs.length === 0 ? [] : (await walk(folder, folder, links, [])).filter(({ name }) => isMatch(name));
  const all = new Map(
    [...named, ...walked].filter(({ name }) => !isExcluded(name)).map((entry) => [entry.name, entry]),
  );
  return [...all.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

async function walk(root: string, folder: string, links: boolean, above: readonly string[]): Promise<ArchiveEntry[]> {
  const real = await realpath(folder);
  // A link that leads back would be followed for ever.
  if (above.includes(real)) return [];
  const found: ArchiveEntry[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isLink = entry.isSymbolicLink();
    if (entry.isDirectory() || (isLink && !links && isFolder(path))) {
      found.push(...(await walk(root, path, links, [...above, real])));
    } else if (entry.isFile() || (isLink && (links || isFile(path)))) {
      found.push({ name: relative(root, path).split(sep).join('/'), path });
    }
  }
  return found;
}

function isGlob(pattern: string): boolean {
  return picomatch.scan(pattern).isGlob;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
