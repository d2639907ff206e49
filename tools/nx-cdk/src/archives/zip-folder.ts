import { createHash, hash } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { type PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { type FolderDigest, canonicalMode, listFolder, type FolderFile } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';

/** The first moment that a zip file can express, in local time; what CDK's own tools use. */
const FIXED_TIME = new Date(1980, 0, 1, 0, 0, 0);

/** Larger files are streamed, since both the file and what it is packed to would be held in memory. In bytes. */
export const STREAMED_ABOVE = 32 * 1024 * 1024;

/**
 * A folder as a zip archive that depends only on the names, contents and executable bits in it.
 *
 * If no file is larger than `STREAMED_ABOVE`, it is byte for byte what `zipDirectory` of @aws-cdk/cdk-assets-lib writes
 * after a checkout with a umask of 022; that function takes no file beyond 1 GiB. Here a file is always 755 if its
 * owner may execute it and 644 otherwise, which are also what Lambda needs
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html).
 *
 * Files are deflated one after the other in Node's thread pool, whose queue keeps the reading of the next ones back, as
 * does a reader of the stream who is slower. The stream fails with Failure `AssetChanged` if a file changes while it is
 * read.
 *
 * @param digest gets every file that is packed, so that the folder is read only once
 */
export function zipFolder(directory: string, digest?: FolderDigest): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream as PassThrough;
  zip.on('error', (error) => output.destroy(error as Error));
  void addFiles(zip, output, directory, digest).catch((error: Error) => output.destroy(error));
  return output;
}

async function addFiles(zip: ZipFile, output: PassThrough, directory: string, digest?: FolderDigest): Promise<void> {
  for (const file of await listFolder(directory)) {
    const { name, stats } = file;
    if (output.writableNeedDrain) await once(output, 'drain');
    // Without `forceDosTimestamp` the entry also carries the time in UTC, and the archive would change with the time
    // zone.
    const options = { mtime: FIXED_TIME, mode: canonicalMode(stats.mode), forceDosTimestamp: true };
    if (stats.size > STREAMED_ABOVE) {
      const sha256 = await streamInto(zip, output, file, options);
      digest?.add(name, stats.mode, sha256);
      continue;
    }
    const content = await readUnchanged(file);
    digest?.add(name, stats.mode, hash('sha256', content));
    zip.addBuffer(content, name, options);
  }
  zip.end();
}

/** Packs a file while it is read, after all that were added before. @returns its SHA-256 */
function streamInto(zip: ZipFile, output: PassThrough, file: FolderFile, options: object): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sum = createHash('sha256');
  // Not opened before its turn: a stream that nobody reads would keep the file open.
  zip.addReadStreamLazy(file.name, { ...options, size: file.stats.size }, (begin) => {
    const content = Readable.from(chunksOf(file), { objectMode: false });
    content.on('data', (chunk: Buffer) => sum.update(chunk));
    content.on('error', reject).on('end', () => resolve(sum.digest('hex')));
    output.on('close', () => content.destroy());
    begin(undefined, content);
  });
  return promise;
}

/** The content of a file that nothing was written to since its folder was listed. */
async function readUnchanged(file: FolderFile): Promise<Buffer> {
  await using handle = await open(file.path);
  const content = await handle.readFile();
  if (content.length !== file.stats.size) throw changed(file.path);
  await requireUnchanged(handle, file);
  return content;
}

/** The same, piece by piece. */
async function* chunksOf(file: FolderFile): AsyncGenerator<Buffer> {
  await using handle = await open(file.path);
  yield* handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>;
  await requireUnchanged(handle, file);
}

async function requireUnchanged(handle: FileHandle, { path, stats }: FolderFile): Promise<void> {
  const { size, mtimeMs, ino } = await handle.stat();
  if (size !== stats.size || mtimeMs !== stats.mtimeMs || ino !== stats.ino) throw changed(path);
}

/** A file or folder of an asset changes while it is read. */
export function changed(path: string): Failure {
  const next = 'publish again once nothing writes to it';
  return new Failure('AssetChanged', { what: `${path} changed while it was read`, next });
}
