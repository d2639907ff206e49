import { createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, readlink, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { Failure } from 'nx-cdk/failure';

/** A file that goes into an archive. */
export interface ArchiveEntry {
  /** Path in the archive, with `/` between names. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

const FOLDER = 0o040000;
const LINK = 0o120000;
const KIND = 0o170000;

/** Files that are compressed already. To deflate them again takes seconds and saves nothing. */
const COMPRESSED = /\.(gz|tgz|bz2|xz|zst|zip)$/;

/**
 * Writes files into a zip archive, with their modes. A link to a file becomes that file.
 *
 * @param links whether symbolic links stay such (`enable-symlinks` of a buildspec)
 */
export async function zipFiles(
  entries: readonly ArchiveEntry[],
  file: string,
  { links = false }: { readonly links?: boolean },
): Promise<void> {
  const { ZipFile } = await import('yazl');
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(file, { mode: 0o600 }));
  // Awaited below; until then a rejection must not end the process.
  written.catch(() => undefined);
  zip.on('error', (error) => (zip.outputStream as Readable).destroy(error as Error));
  for (const { name, path } of entries) {
    const own = await lstat(path);
    if (own.isSymbolicLink() && links) {
      zip.addBuffer(Buffer.from(await readlink(path)), name, { mode: LINK | 0o777, mtime: own.mtime });
      continue;
    }
    const stats = own.isSymbolicLink() ? await stat(path) : own;
    if (stats.isDirectory()) zip.addEmptyDirectory(name, { mode: stats.mode, mtime: stats.mtime });
    else if (stats.isFile()) {
      zip.addFile(path, name, { mode: stats.mode, mtime: stats.mtime, compress: !COMPRESSED.test(name) });
    }
  }
  zip.end();
  await written;
}

/**
 * Unpacks a zip archive into a folder, which is created if needed: files with their modes, symbolic links as such.
 *
 * @throws Failure `Archive` if it is no archive, or a name in it leads out of the folder
 */
export async function unzip(file: string, folder: string): Promise<void> {
  const { openPromise } = await import('yauzl');
  await mkdir(folder, { recursive: true });
  try {
    // yauzl itself refuses names that are absolute or contain `..`.
    const zip = await openPromise(file, { strictFileNames: true });
    // Created last, so that nothing is written through a link of the archive.
    const links: { path: string; target: string }[] = [];
    for await (const entry of zip.eachEntry()) {
      const path = join(folder, entry.fileName);
      const mode = entry.externalFileAttributes >>> 16;
      if (entry.fileName.endsWith('/') || (mode & KIND) === FOLDER) {
        await mkdir(path, { recursive: true });
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      const content = await zip.openReadStreamPromise(entry);
      if ((mode & KIND) === LINK) {
        links.push({ path, target: Buffer.concat(await content.toArray()).toString() });
        continue;
      }
      await pipeline(content, createWriteStream(path));
      // 0 in an archive of a system without modes.
      if ((mode & 0o777) !== 0) await chmod(path, mode & 0o777);
    }
    for (const { path, target } of links) await symlink(target, path);
  } catch (cause) {
    throw new Failure('Archive', { what: `${file} cannot be unpacked`, next: (cause as Error).message }, { cause });
  }
}
