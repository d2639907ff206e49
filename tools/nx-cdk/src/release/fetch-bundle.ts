import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AwsClients } from '../aws/index.ts';
import { type BucketObject, bucketOf, explainObjectError, lookAtObject } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { bundleKey, LARGEST_BUNDLE, missingMetadata, type Unpacked, unpackBundle } from './bundle.ts';
import { objectPlace } from './record.ts';

/** A bundle that was fetched. */
export interface FetchedBundle extends Unpacked {
  /** When it was written, in milliseconds since the epoch, on the clock of S3. */
  readonly writtenAt: number;
}

/**
 * Fetches the assembly of a release from a bucket: one request.
 *
 * @returns undefined if it is not there
 * @throws Failure `BrokenBundle` if something else is there, `BucketRefused`, ...
 */
export async function fetchBundle(
  aws: AwsClients,
  place: Omit<BucketObject, 'key'>,
  release: string,
): Promise<FetchedBundle | undefined> {
  const object = { ...place, key: bundleKey(release) };
  const where = objectPlace(object.bucket, object.key);
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(object.session);
  const found = await s3
    .send(new GetObjectCommand({ ...bucketOf(object), Key: object.key }))
    .catch(async (error: unknown) => {
      if (['NoSuchKey', 'NoSuchBucket'].includes((error as Error).name)) return undefined;
      throw await explainObjectError(aws, object, error);
    });
  if (found === undefined) return undefined;
  const packed = await readAtMost(found.Body as unknown as AsyncIterable<Uint8Array>, where);
  return { ...(await unpackBundle(packed, release, where)), writtenAt: found.LastModified?.getTime() ?? 0 };
}

/**
 * When the assembly of a release was written into a bucket, in milliseconds since the epoch, on the clock of S3; one
 * request.
 *
 * @returns undefined if it is not there
 * @throws Failure as `fetchBundle` does
 */
export async function bundleWrittenAt(
  aws: AwsClients,
  place: Omit<BucketObject, 'key'>,
  release: string,
): Promise<number | undefined> {
  const object = { ...place, key: bundleKey(release) };
  const look = await lookAtObject(aws, object, { checksum: false });
  if (look.state === 'hidden') throw await explainObjectError(aws, object, look.refusal);
  return look.state === 'found' ? look.writtenAt : undefined;
}

/**
 * Content of an object, up to the size of the largest bundle.
 *
 * @param where names the object in the failure
 * @throws Failure `BrokenBundle` for more
 */
export async function readAtMost(content: AsyncIterable<Uint8Array>, where: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= LARGEST_BUNDLE) continue;
    const what = `${where} is not the assembly of a release: it has more than ${LARGEST_BUNDLE} bytes`;
    throw new Failure('BrokenBundle', { what, next: 'find out who has put it there, and publish again' });
  }
  return Buffer.concat(chunks);
}

/**
 * Writes an assembly into a folder, whole or not at all. If another process has done the same meanwhile, its folder
 * stays; what was there before and is something else is replaced.
 *
 * @param isThere whether the folder holds what it should
 * @throws Failure `BrokenBundle` if names of the files exclude each other here
 */
export async function writeAssembly(
  folder: string,
  { files }: Unpacked,
  isThere: () => Promise<boolean>,
): Promise<void> {
  const next = `${folder}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const empty = missingMetadata(files).map((name) => [name, Buffer.from('{}')] as const);
    for (const [name, content] of [...files, ...empty]) {
      const file = join(next, name);
      await mkdir(dirname(file), { recursive: true });
      // Never over another: where capitals do not count, two names may be one.
      await writeFile(file, content, { flag: 'wx' });
    }
    while (!(await moved(next, folder))) {
      if (await isThere()) return;
      const old = `${next}.old`;
      await rename(folder, old).catch(ignoreMissing);
      await rm(old, { recursive: true, force: true });
    }
  } catch (cause) {
    if (!['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes((cause as NodeJS.ErrnoException).code ?? ''))
      throw cause;
    const what = `The assembly of the release cannot be written to ${folder}: ${(cause as Error).message}`;
    throw new Failure('BrokenBundle', { what, next: 'rename what the app writes there' }, { cause });
  } finally {
    await rm(next, { recursive: true, force: true });
  }
}

/** Whether a folder is in its place; false if another one is there. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    // An empty folder is replaced, a file is not (ENOTDIR).
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
