import { hash } from 'node:crypto';
import type { AwsClients } from '../aws/index.ts';
import { type BucketObject, type Buckets, bucketOf, explainObjectError, lookAtObject } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { bundleKey, unpackBundle } from './bundle.ts';
import { readAtMost } from './fetch-bundle.ts';
import { objectPlace } from './record.ts';

/** A bundle as it is written. */
export interface PackedBundle {
  /** Digest of the release. */
  readonly release: string;
  readonly bytes: Buffer;
}

/**
 * Writes the bundle of a release into a bucket, if it is not there and whole. Costs a look, and a write if need be.
 * Compressors of two machines may make other bytes of the same files: then what is there is read once.
 *
 * @param force writes without looking. @default false
 * @throws Failure `NotBootstrapped`, `BucketRefused`, ...; whatever else a call throws
 */
export async function putBundle(
  { release, bytes }: PackedBundle,
  place: Omit<BucketObject, 'key'>,
  { aws, buckets, force }: { readonly aws: AwsClients; readonly buckets: Buckets; readonly force: boolean },
): Promise<'recorded' | 'unchanged'> {
  const { bucket, target, session } = place;
  const object = { bucket, target, session, key: bundleKey(release) };
  const sha256 = hash('sha256', bytes);
  if (!force && (await isThere(aws, object, release, sha256))) return 'unchanged';
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(session);
  try {
    await s3.send(
      new PutObjectCommand({
        ...bucketOf(object),
        Key: object.key,
        Body: bytes,
        ContentType: 'application/gzip',
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
        ...(await buckets.encryption(aws, object)),
      }),
    );
  } catch (error) {
    throw await explainObjectError(aws, object, error);
  }
  return 'recorded';
}

async function isThere(aws: AwsClients, object: BucketObject, release: string, sha256: string): Promise<boolean> {
  const look = await lookAtObject(aws, object);
  if (look.state !== 'found') return false;
  if (look.sha256 === sha256) return true;
  const where = objectPlace(object.bucket, object.key);
  try {
    const content = await look.content();
    if (content === undefined) return false;
    await unpackBundle(await readAtMost(content, where), release, where);
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === 'BrokenBundle') return false;
    throw error;
  }
}
