import { hash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { changed, hold, Holdings, IN_MEMORY_LIMIT, zipFolder } from '../archives/index.ts';
import { FolderDigest, type FileSource, sha256Of } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { lastLineOf } from './executable.ts';

/** What goes into a bucket, read and hashed once. Disposing of it releases its memory and its temporary file. */
export interface Content extends AsyncDisposable {
  /** In bytes. */
  readonly size: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
  /** Of the source, whichever compressor packed it; see `assembly/content-digest.ts`. */
  readonly digest: string;
  readonly contentType: string;
  /** The folder of an archive that was made here: its bytes depend on the compressor. */
  readonly folder?: string;
  /** The whole content, if it is small enough to be held. */
  readonly buffer?: Buffer;
  /** Reads the content from the start. */
  stream(): Readable;
}

/** Waits for the turn of each kind of work. */
export interface ContentLimits {
  /** For an executable source. */
  readonly build: <T>(work: () => Promise<T>) => Promise<T>;
  /** For reading or zipping. */
  readonly zip: <T>(work: () => Promise<T>) => Promise<T>;
  /** Waits until so many bytes may be held in memory, until it is disposed. */
  readonly reserve: (bytes: number) => Promise<Disposable | undefined>;
}

/**
 * Reads, or builds, or zips a source and hashes it.
 *
 * A zip is made anew in each run. A cached one could only be trusted after the folder was read and hashed, which is
 * most of the work; a cache by source hash would upload whatever is in it.
 *
 * @param workingDirectory in which an executable source runs
 * @throws Failure `AssetSourceMissing` if the file or folder is not there, `AssetChanged` if it changes while it is
 * read, `AssetBuildFailed` if the command of an executable source fails
 */
export async function prepare(source: FileSource, workingDirectory: string, limits: ContentLimits): Promise<Content> {
  const { executable, path } = source;
  if (executable) {
    const made = await limits.build(() => fileMadeBy(executable, workingDirectory));
    // What CDK's own tools declare for whatever an executable makes.
    return limits.zip(() => readContent(made, 'application/zip', limits.reserve));
  }
  if (!path) throw missing('(no path)', new Error('the manifest names neither a file nor a command'));
  const type = CONTENT_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
  return limits.zip(() =>
    source.packaging === 'zip' ? zipContent(path, limits.reserve) : readContent(path, type, limits.reserve),
  );
}

/** Only browsers read it, so only what assemblies hold has a type of its own. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.zip': 'application/zip',
  '.yaml': 'text/yaml',
  '.yml': 'text/yaml',
  '.js': 'application/javascript',
  '.html': 'text/html',
  '.txt': 'text/plain',
};

/** The file whose path the command writes as its last line, relative to the folder in which it runs. */
async function fileMadeBy(command: readonly string[], cwd: string): Promise<string> {
  const { line, failure } = await lastLineOf(command, 'path', { cwd });
  if (failure === undefined) return resolve(cwd, line);
  const what = `The command ${command[0]} that builds an asset failed (${failure})`;
  throw new Failure('AssetBuildFailed', { what, next: `run it in ${cwd} to see why, then publish again` });
}

async function readContent(path: string, contentType: string, reserve: ContentLimits['reserve']): Promise<Content> {
  // A pipe would keep its reader waiting for ever.
  await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
    throw missing(path, error);
  });
  await using held = new Holdings();
  const before = await handle.stat();
  const { size } = before;
  if (!before.isFile()) throw missing(path, new Error('not a file'));
  const isSmall = size <= IN_MEMORY_LIMIT;
  if (isSmall) held.use(await reserve(size));
  const buffer = isSmall ? await handle.readFile() : undefined;
  const sha256 = buffer ? hash('sha256', buffer) : await sha256Of(handle.createReadStream({ autoClose: false }));
  const after = await handle.stat();
  if (after.size !== size || after.mtimeMs !== before.mtimeMs || (buffer?.length ?? size) !== size) throw changed(path);
  const stream = () => createReadStream(path);
  return holding(held, { size, sha256, digest: sha256, buffer, contentType, stream });
}

async function zipContent(directory: string, reserve: ContentLimits['reserve']): Promise<Content> {
  await using held = new Holdings();
  const digest = new FolderDigest();
  const kept = await hold(zipFolder(directory, digest)).catch((error) => {
    throw ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
      ? missing(directory, error)
      : error;
  });
  held.use(kept);
  // Its size was not known before. Waiting here keeps the turn to zip, so that no further archive is made meanwhile.
  if (kept.buffer) held.use(await reserve(kept.size));
  const { size, sha256, buffer, stream } = kept;
  const contentType = 'application/zip';
  return holding(held, { size, sha256, digest: digest.end(), contentType, folder: directory, buffer, stream });
}

/** Content that holds its memory and files until it is disposed. */
function holding(held: Holdings, content: Omit<Content, keyof AsyncDisposable>): Content {
  const moved = held.move();
  return { ...content, [Symbol.asyncDispose]: () => moved[Symbol.asyncDispose]() };
}

function missing(path: string, cause: unknown): Failure {
  const what = `The assembly names the asset ${path}, which cannot be read (${(cause as Error).message})`;
  return new Failure('AssetSourceMissing', { what, next: 'synthesize again' }, { cause });
}
