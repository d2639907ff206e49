import { readdir, realpath, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure/index.ts';
import { followLink } from './data-file.ts';

/** A file of a folder. */
export interface FolderFile {
  /** What it is called in an archive: its path in the folder, with `/` between names. */
  readonly name: string;
  readonly path: string;
  readonly stats: Stats;
}

/**
 * The files of a folder in the order in which CDK's own tools zip them (`zipDirectory` of @aws-cdk/cdk-assets-lib): the
 * files of a folder before those of its subfolders, names in byte order, whatever the order of the file system. As
 * there, symbolic links are followed; broken links and empty folders are left out, and a `\\` in a name, which Linux
 * allows, becomes a `/` as on Windows.
 *
 * @throws Failure `AssetFolderCycle` if a link leads back to a folder it is in, `OutsideAssembly` if one leads out,
 * `AssetFileName` if an archive cannot have a file of that name, or has one already
 */
export async function listFolder(directory: string): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  const named = new Map<string, string>();
  const top = await realpath(directory);
  const queue = [{ name: '', path: directory, above: [top] }];
  for (const folder of queue) {
    const entries = await readdir(folder.path, { withFileTypes: true });
    for (const entry of entries.sort((one, other) => byBytes(one.name, other.name))) {
      const path = join(folder.path, entry.name);
      const stats = await stat(path).catch(ignoreBrokenLink);
      const name = folder.name ? `${folder.name}/${entry.name}` : entry.name;
      if (stats && entry.isSymbolicLink()) await followLink(top, path);
      if (stats?.isFile()) {
        const packedAs = name.replaceAll('\\', '/');
        refuseName(packedAs, path, named.get(packedAs));
        named.set(packedAs, path);
        files.push({ name: packedAs, path, stats });
      } else if (stats?.isDirectory()) {
        const real = await realpath(path);
        if (folder.above.includes(real)) {
          const what = `The asset folder ${directory} holds the link ${name}, which leads back to a folder it is in`;
          throw new Failure('AssetFolderCycle', { what, next: 'remove the link and synthesize again' });
        }
        queue.push({ name, path, above: [...folder.above, real] });
      }
    }
  }
  return files;
}

/** Refuses what yazl, the library of CDK's own tools, refuses with less to say, and two files in one place. */
function refuseName(name: string, path: string, other: string | undefined): void {
  const isOutside = /^(\/|[A-Za-z]:)/.test(name) || name.endsWith('/') || name.split('/').includes('..');
  if (!isOutside && other === undefined) return;
  const where = other === undefined ? 'as which no archive may hold it' : `as is ${other}`;
  const what = `The asset file ${path} is called ${name} in an archive, ${where}`;
  throw new Failure('AssetFileName', { what, next: 'rename it and synthesize again' });
}

/** Locks of the CDK toolkit: they say who uses an assembly's folder now, not what is in it. */
export const TOOLKIT_LOCK = /^(synth|read\..+)\.lock$/;

/** Orders names by their bytes, as CDK does. */
export function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** 755 or 644 of a regular file, by the owner's executable bit: the rest of a mode is the umask of the checkout. */
export function canonicalMode(mode: number): number {
  return mode & 0o100 ? 0o100755 : 0o100644;
}

function ignoreBrokenLink(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
