import { createHash } from 'node:crypto';
import type { HeadObjectOutput, S3Client } from '@aws-sdk/client-s3';
import { type Aws, bucketOf, explainRefusal, isAccessDenied, type Speaker } from '../aws/index.ts';
import { Failure } from '../failure/failure.ts';
import type { PublishedImage, PublishedObject } from './model.ts';
import type { NeededImage, NeededObject } from './needs.ts';

/** What is at a place, beside what was recorded of it. */
export type Finding = { readonly state: 'same' } | { readonly state: 'absent' } | Other;

/** Something else is there: its SHA-256, or the digest of an image. */
interface Other {
  readonly state: 'other';
  readonly found: string;
}

type Place = Pick<NeededObject, 'bucket' | 'key' | 'environment'>;

const SAME = { state: 'same' } as const;
const ABSENT = { state: 'absent' } as const;

/** What S3 says of an object; undefined where there is none. */
export type SeenObject = HeadObjectOutput | undefined;

/**
 * Looks at an object, without knowing yet what it should be.
 *
 * @param speaker who looks
 * @throws Failure `BucketRefused` naming role and action where it may not look
 */
export async function seeObject(
  aws: Aws,
  { bucket, key, environment }: NeededObject,
  speaker: Speaker,
): Promise<SeenObject> {
  const { HeadObjectCommand } = await import('@aws-sdk/client-s3');
  const object = { bucket, key, environment };
  const s3 = await aws.s3({ ...speaker, region: environment.region });
  return orAbsent(s3, object, undefined, () =>
    s3.send(new HeadObjectCommand({ ...bucketOf(object), Key: key, ChecksumMode: 'ENABLED' })),
  );
}

/**
 * Compares an object with what was recorded of it, by the first of these that tells: the SHA-256 that S3 keeps of it, its version, its content.
 *
 * Only SHA-256 of the whole object counts: of an object that was written in parts S3 keeps one over the parts, and other checksums can be met on purpose
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html). A version is never written again, so the recorded one still has the bytes that it had.
 *
 * @param seen what was looked at
 * @param recorded any of which it may be
 * @param speaker who reads the content, where nothing else tells
 * @throws Failure `BucketRefused` naming role and action where it may not be read
 */
export async function compareObject(
  aws: Aws,
  { bucket, key, environment }: NeededObject,
  seen: SeenObject,
  recorded: readonly PublishedObject[],
  speaker: Speaker,
): Promise<Finding> {
  if (seen === undefined) return ABSENT;
  const known = sha256Of(seen);
  if (known !== undefined) return verdict(known, recorded);
  const version = seen.VersionId;
  // The version `null` is written anew each time.
  if (version !== undefined && version !== 'null' && recorded.some(({ versionId }) => versionId === version))
    return SAME;
  const object = { bucket, key, environment };
  const s3 = await aws.s3({ ...speaker, region: environment.region });
  return orAbsent(s3, object, ABSENT, async () => verdict(await hashContent(s3, object, seen.ETag), recorded));
}

/** What a request about an object comes back with, or what stands for its absence. */
async function orAbsent<T>(s3: S3Client, object: Place, absent: T, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (['NotFound', 'NoSuchKey', 'NoSuchBucket'].includes((error as Error).name)) return absent;
    throw isAccessDenied(error) ? await explainRefusal(s3, object, error) : error;
  }
}

function verdict(sha256: string, recorded: readonly PublishedObject[]): Finding {
  return recorded.some((each) => each.sha256 === sha256) ? SAME : { state: 'other', found: sha256 };
}

/** The SHA-256 of the whole object, where S3 keeps one. */
function sha256Of({ ChecksumSHA256: checksum, ChecksumType: type }: HeadObjectOutput): string | undefined {
  if (!checksum || type === 'COMPOSITE' || /-\d+$/.test(checksum)) return undefined;
  return Buffer.from(checksum, 'base64').toString('hex');
}

async function hashContent(s3: S3Client, object: Place, etag: string | undefined): Promise<string> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  // What was looked at, not what somebody may have written since.
  const { Body: body } = await s3.send(new GetObjectCommand({ ...bucketOf(object), Key: object.key, IfMatch: etag }));
  const hash = createHash('sha256');
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * Looks for the image that a tag names.
 *
 * @param speaker who looks, in the region of the repository
 * @returns its digest; undefined where there is none
 * @throws Failure `ImageHidden` naming role and action where it may not look: what nobody has seen is not what was published
 */
export async function seeImage(
  aws: Aws,
  { repository, tag, environment }: NeededImage,
  speaker: Speaker,
): Promise<string | undefined> {
  const { DescribeImagesCommand } = await import('@aws-sdk/client-ecr');
  const { account, region } = environment;
  const ecr = await aws.ecr({ ...speaker, region });
  try {
    const { imageDetails: [image] = [] } = await ecr.send(
      new DescribeImagesCommand({ registryId: account, repositoryName: repository, imageIds: [{ imageTag: tag }] }),
    );
    return image?.imageDigest;
  } catch (error) {
    if (['ImageNotFoundException', 'RepositoryNotFoundException'].includes((error as Error).name)) return undefined;
    if (!isAccessDenied(error)) throw error;
    const who = speaker.role === undefined ? 'the caller' : `the role ${speaker.role.arn}`;
    throw new Failure(
      'ImageHidden',
      `${who} may not ecr:DescribeImages on ${repository} in ${account}/${region}, so nobody can tell whether it holds the image that was published: run nx bootstrap, which allows it.`,
      { cause: error },
    );
  }
}

/** Compares the digest of an image with what was recorded of it, any of which it may be. */
export function compareImage(found: string | undefined, recorded: readonly PublishedImage[]): Finding {
  if (found === undefined) return ABSENT;
  return recorded.some(({ digest }) => digest === found) ? SAME : { state: 'other', found };
}
