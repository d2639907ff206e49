import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSource, ImageSource } from './model.ts';
import { byBytes, canonicalMode, listFolder } from './folder.ts';

/*
 * What an asset is made of as one SHA-256 in hex, the same on every machine. The bytes of an archive are not: the
 * compressors of two versions of Node, or of two processor architectures, pack the same files differently.
 */

/**
 * The digest of a folder: a SHA-256 over `<mode> <SHA-256 of its content> <path>` for each file, in the order of
 * `listFolder`. The mode is 755 or 644; times, owners and empty folders do not count, as in the archive.
 */
export class FolderDigest {
  readonly #hash = createHash('sha256');

  /** Adds the next file. */
  add(name: string, mode: number, digest: string): void {
    this.#line(canonicalMode(mode).toString(8).slice(-3), digest, name);
  }

  /** Adds a link that is kept as one. */
  addLink(name: string, target: string): void {
    this.#line('link', hash('sha256', target), name);
  }

  end(): string {
    return this.#hash.digest('hex');
  }

  #line(mode: string, digest: string, name: string): void {
    // Names may hold line breaks; no file system allows a zero byte in one.
    this.#hash.update(`${mode} ${digest} ${name}\0`);
  }
}

/**
 * The digest of a file asset: of a file, that of its bytes; of a folder, that of a `FolderDigest`; of an executable
 * source, which has no content before it runs, that of its command line.
 *
 * @throws what reading throws: `ENOENT` if it is not there
 */
export async function fileContentDigest({ executable, path, packaging }: FileSource): Promise<string> {
  if (executable !== undefined || path === undefined) return hash('sha256', JSON.stringify(executable ?? []));
  if (packaging === 'file') return fileDigest(path);
  const digest = new FolderDigest();
  for (const { name, path: file, stats } of await listFolder(path)) {
    digest.add(name, stats.mode, await fileDigest(file));
  }
  return digest.end();
}

/**
 * The digest of what an image is built from: its folder, with links as links, as a builder gets it. All else (build
 * arguments, the platform) is in the asset manifest, which is hashed by itself.
 *
 * @throws as `fileContentDigest` does
 */
export async function imageContentDigest({ executable, build }: ImageSource): Promise<string> {
  if (build === undefined) return hash('sha256', JSON.stringify(executable ?? []));
  const digest = new FolderDigest();
  await addContext(digest, build.directory, '');
  return digest.end();
}

async function addContext(digest: FolderDigest, folder: string, prefix: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => byBytes(a.name, b.name))) {
    const path = join(folder, entry.name);
    const name = `${prefix}${entry.name}`;
    if (entry.isSymbolicLink()) digest.addLink(name, await readlink(path));
    else if (entry.isDirectory()) await addContext(digest, path, `${name}/`);
    else if (entry.isFile()) digest.add(name, (await stat(path)).mode, await fileDigest(path));
  }
}

/** Files up to this size are read at once, which is much quicker for small ones. In bytes. */
const AT_ONCE = 1024 * 1024;

async function fileDigest(path: string): Promise<string> {
  const stats = await stat(path);
  // A pipe has no size, and would keep its reader waiting.
  if (!stats.isFile()) throw new Error('it is no file');
  if (stats.size <= AT_ONCE) return hash('sha256', await readFile(path));
  return sha256Of(createReadStream(path));
}

/** SHA-256 of a stream, in hex. */
export async function sha256Of(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const whole = createHash('sha256');
  for await (const chunk of chunks) whole.update(chunk);
  return whole.digest('hex');
}
