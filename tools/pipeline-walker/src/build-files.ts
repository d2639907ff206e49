import { existsSync, statSync } from 'node:fs';
import { readdir, realpath, rm } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import { Failure } from 'nx-cdk/failure';
import { type ArchiveEntry, zipFiles } from './archive.ts';
import { uploadArtifact } from './artifacts.ts';
import type { ArtifactFiles, Buildspec } from './buildspec.ts';
import type { RunningBuild } from './walk.ts';

/** Makes the output artifacts of a build and uploads them with its role. */
export async function uploadOutputs({ walk, action, session, folders }: RunningBuild, spec: Buildspec): Promise<void> {
  for (const name of action.outputs) {
    // The only artifact of an action is the primary one of its build; several are secondary ones.
    const primary = action.outputs.length === 1 ? spec.artifacts : undefined;
    const files = primary ?? spec.secondaryArtifacts[name];
    if (files === undefined) {
      const what = `its buildspec says nothing of the artifact ${name}, which it has to make`;
      throw new Failure('NoArtifact', { subject: action.id, what });
    }
    const file = join(folders.scratch, 'output.zip');
    await zipFiles(await artifactEntries(folders.source, files, name), file, { links: files.links });
    await uploadArtifact(walk, action, session, name, file, { kind: 'zip' });
    await rm(file);
  }
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
  return files.discardPaths ? entries.map(({ name: path, ...rest }) => ({ ...rest, name: basename(path) })) : entries;
}

/**
 * The files of a folder whose relative path matches one of the globs, hidden ones included, sorted by name.
 *
 * @param links whether a symbolic link is a file of its own; otherwise it is followed
 */
export async function matchingFiles(
  folder: string,
  patterns: readonly string[],
  { exclude = [], links = false }: { readonly exclude?: readonly string[]; readonly links?: boolean } = {},
): Promise<ArchiveEntry[]> {
  if (!existsSync(folder)) return [];
  const { globs = [], names = [] } = Object.groupBy(
    patterns.map((pattern) => pattern.replace(/^\.\//, '')),
    (pattern) => (picomatch.scan(pattern).isGlob ? 'globs' : 'names'),
  );
  const named = names.map((name) => ({ name, path: join(folder, name) })).filter(({ path }) => statOf(path)?.isFile());
  // A tree may be large: it is read only if there is a glob.
  const isMatch = picomatch(globs, { dot: true });
  const found = globs.length === 0 ? [] : (await walk(folder, folder, links, [])).filter(({ name }) => isMatch(name));
  const isExcluded = picomatch([...exclude], { dot: true });
  const entries = new Map([...named, ...found].map((entry) => [entry.name, entry]));
  return [...entries.values()]
    .filter(({ name }) => !isExcluded(name))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

async function walk(root: string, folder: string, links: boolean, above: readonly string[]): Promise<ArchiveEntry[]> {
  const real = await realpath(folder);
  // A link that leads back would be followed for ever.
  if (above.includes(real)) return [];
  const found: ArchiveEntry[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const target = entry.isSymbolicLink() && !links ? statOf(path) : entry;
    if (target?.isDirectory()) found.push(...(await walk(root, path, links, [...above, real])));
    else if (target?.isFile() || target?.isSymbolicLink()) {
      found.push({ name: relative(root, path).split(sep).join('/'), path });
    }
  }
  return found;
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}
