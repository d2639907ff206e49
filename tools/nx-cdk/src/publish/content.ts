import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { FolderDigest, type FileSource } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { zipFolder } from './canonical-zip.ts';
import { runExecutable } from './executable.ts';
import { changed } from './failures.ts';

/** Content up to this size is held in memory while it is uploaded; larger content is streamed from disk. In bytes. */
export const IN_MEMORY_LIMIT = 8 * 1024 * 1024;

/** What goes into a bucket, read and hashed once. */
export interface Content {
  /** In bytes. */
  readonly size: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
  /** Of what the source holds, whatever compressor packed it; see `assembly/content-digest.ts`. */
  readonly digest: string;
  readonly contentType: string;
  /** True for an archive that was made here, whose bytes depend on the compressor. */
  readonly zipped: boolean;
  /** The whole content, if it is small enough to be held. */
  readonly buffer?: Buffer;
  /** Reads the content from the start. */
  stream(): Readable;
  /** Gives back the memory, and deletes what was written to disk, to hold the content. */
  dispose(): Promise<void>;
}

/** What each kind of work has to wait for. */
export interface ContentLimits {
  /** Runs an executable source when its turn has come. */
  readonly build: <T>(work: () => Promise<T>) => Promise<T>;
  /** Reads or zips when its turn has come. */
  readonly zip: <T>(work: () => Promise<T>) => Promise<T>;
  /** Waits until so many bytes may be held in memory; returns what gives them back. */
  readonly reserve: (bytes: number) => Promise<() => void>;
}

/**
 * Reads, or builds, or zips a source and hashes it.
 *
 * A zip is made afresh in each run and kept nowhere. A cached archive could only be trusted after the folder was read
 * and hashed, which is most of the work; trusting it by name, as a cache by source hash would, uploads whatever is in
 * the cache.
 *
 * @param workingDirectory in which an executable source runs
 * @throws Failure `AssetSourceMissing` if the file or folder is not there, `AssetChanged` if it changes while it is
 * read, `AssetBuildFailed` if the command of an executable source fails
 */
export async function prepare(source: FileSource, workingDirectory: string, limits: ContentLimits): Promise<Content> {
  const { executable, path } = source;
  if (executable) {
    const made = await limits.build(() => runExecutable(executable, workingDirectory));
    // What CDK's own tools declare for whatever an executable makes.
    return limits.zip(() => readContent(made, 'application/zip', limits.reserve));
  }
  if (!path) throw missing('(no path)', new Error('the manifest names neither a file nor a command'));
  return limits.zip(() =>
    source.packaging === 'zip'
      ? zipContent(path, limits.reserve)
      : readContent(path, contentTypeOf(path), limits.reserve),
  );
}

async function readContent(path: string, contentType: string, reserve: ContentLimits['reserve']): Promise<Content> {
  const handle = await open(path).catch((error) => {
    throw missing(path, error);
  });
  let release = () => {};
  try {
    const before = await handle.stat();
    if (!before.isFile()) throw missing(path, new Error('not a file'));
    if (before.size <= IN_MEMORY_LIMIT) release = await reserve(before.size);
    const { size, sha256, buffer } = await collect(handle.createReadStream({ autoClose: false }), { spill: false });
    const after = await handle.stat();
    if (size !== before.size || after.mtimeMs !== before.mtimeMs) throw changed(path);
    const stream = () => createReadStream(path);
    return { size, sha256, digest: sha256, buffer, contentType, zipped: false, stream, dispose: async () => release() };
  } catch (error) {
    release();
    throw error;
  } finally {
    await handle.close();
  }
}

async function zipContent(directory: string, reserve: ContentLimits['reserve']): Promise<Content> {
  const digest = new FolderDigest();
  const { size, sha256, buffer, spilled, dispose } = await collect(zipFolder(directory, digest), { spill: true }).catch(
    (error) => {
      throw ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
        ? missing(directory, error)
        : error;
    },
  );
  // Its size was not known before. Waiting here keeps the turn to zip, so that no further archive is made meanwhile.
  const release = buffer ? await reserve(size) : () => {};
  return {
    size,
    sha256,
    digest: digest.end(),
    buffer,
    contentType: 'application/zip',
    zipped: true,
    stream: () => createReadStream(spilled!),
    dispose: async () => {
      release();
      await dispose();
    },
  };
}

interface Collected {
  readonly size: number;
  readonly sha256: string;
  readonly buffer?: Buffer;
  /** Where the stream was written because it is too large to be held. */
  readonly spilled?: string;
  readonly dispose: () => Promise<void>;
}

/**
 * Hashes a stream and keeps it: in memory while it is small, else (with `spill`) in a temporary file, or not at all.
 */
async function collect(stream: Readable, options: { spill: boolean }): Promise<Collected> {
  const hash = createHash('sha256');
  let chunks: Buffer[] | undefined = [];
  let size = 0;
  let folder: string | undefined;
  let file: FileHandle | undefined;
  const dispose = async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
  };
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
      if (chunks && size <= IN_MEMORY_LIMIT) {
        chunks.push(chunk);
        continue;
      }
      if (options.spill) {
        folder ??= await mkdtemp(join(tmpdir(), 'nx-cdk-publish-'));
        file ??= await open(join(folder, 'asset.zip'), 'wx', 0o600);
        for (const held of chunks ?? []) await file.appendFile(held);
        await file.appendFile(chunk);
      }
      chunks = undefined;
    }
    await file?.close();
  } catch (error) {
    await file?.close().catch(() => {});
    await dispose();
    throw error;
  }
  return {
    size,
    sha256: hash.digest('hex'),
    buffer: chunks && Buffer.concat(chunks),
    spilled: folder && join(folder, 'asset.zip'),
    dispose,
  };
}

/** Nobody but a browser reads it, so only what assemblies hold has a type of its own. */
function contentTypeOf(path: string): string {
  const known: Record<string, string> = {
    '.json': 'application/json',
    '.zip': 'application/zip',
    '.yaml': 'text/yaml',
    '.yml': 'text/yaml',
    '.js': 'application/javascript',
    '.html': 'text/html',
    '.txt': 'text/plain',
  };
  return known[extname(path).toLowerCase()] ?? 'application/octet-stream';
}

function missing(path: string, cause: unknown): Failure {
  const what = `The assembly names the asset ${path}, which cannot be read (${(cause as Error).message})`;
  return new Failure('AssetSourceMissing', { what, next: 'synthesize again' }, { cause });
}
