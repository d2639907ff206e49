import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * Everything of a folder that makes a difference to who reads it: each entry's path, kind and content, and in assets,
 * which are packed with them, modes. Two equal trees differ at most in times, and in modes of what is only read.
 *
 * @returns by path relative to the folder, the SHA-256 of a file, the target of a link
 */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const described = await Promise.all(
    entries.map(async (entry) => {
      const path = relative(folder, join(entry.parentPath, entry.name));
      const inAsset = path.split(sep).some((name) => name.startsWith('asset.'));
      return [
        path,
        `${inAsset ? await modeOf(join(folder, path)) : ''}${await describeEntry(join(folder, path))}`,
      ] as const;
    }),
  );
  return Object.fromEntries(described.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `644 `; nothing for a link, which has none. */
async function modeOf(path: string): Promise<string> {
  const stats = await lstat(path);
  return stats.isSymbolicLink() ? '' : `${(stats.mode & 0o7777).toString(8)} `;
}

async function describeEntry(path: string): Promise<string> {
  const stats = await lstat(path);
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return `link to ${await readlink(path)}`;
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
