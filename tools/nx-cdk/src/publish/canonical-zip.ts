import { hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { type FolderDigest, canonicalMode, listFolder, type FolderFile } from '../assembly/index.ts';
import { changed } from './failures.ts';

/** The first moment that a zip file can express, in local time; what CDK's own tools use. */
const FIXED_TIME = new Date(1980, 0, 1, 0, 0, 0);

/**
 * A folder as a zip archive that depends only on the names, contents and executable bits in it.
 *
 * It is byte for byte what `zipDirectory` of @aws-cdk/cdk-assets-lib writes after a checkout with a umask of 022. Here
 * a file is always 755 if its owner may execute it and 644 otherwise, which are also what Lambda needs
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html).
 *
 * Files are deflated one after the other in Node's thread pool, whose queue keeps the reading of the next ones back;
 * until the end, only compressed content stays in memory. The stream fails with Failure `AssetChanged` if a file
 * changes while it is read.
 *
 * @param digest gets every file that is packed, so that the folder is read only once
 */
export function zipFolder(directory: string, digest?: FolderDigest): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  zip.on('error', (error) => output.destroy(error as Error));
  void addFiles(zip, directory, digest).catch((error: Error) => output.destroy(error));
  return output;
}

async function addFiles(zip: ZipFile, directory: string, digest: FolderDigest | undefined): Promise<void> {
  for (const file of await listFolder(directory)) {
    const { name, stats } = file;
    const content = await readUnchanged(file);
    digest?.add(name, stats.mode, hash('sha256', content));
    // Without `forceDosTimestamp` the entry also carries the time in UTC, and the archive would change with the time
    // zone.
    zip.addBuffer(content, name, { mtime: FIXED_TIME, mode: canonicalMode(stats.mode), forceDosTimestamp: true });
  }
  zip.end();
}

/** The content of a file that nothing was written to since its folder was listed. */
async function readUnchanged({ path, stats }: FolderFile): Promise<Buffer> {
  await using handle = await open(path);
  const content = await handle.readFile();
  const { size, mtimeMs, ino } = await handle.stat();
  if (content.length !== size || size !== stats.size || mtimeMs !== stats.mtimeMs || ino !== stats.ino)
    throw changed(path);
  return content;
}
