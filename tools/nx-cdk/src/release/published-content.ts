import { createHash } from 'node:crypto';
import type { HeadObjectOutput, S3Client } from '@aws-sdk/client-s3';
import { type AwsClients, bucketOf, explainRefusal, isAccessDenied, type Session } from '../aws/index.ts';
import { Failure, roleOf } from '../failure/index.ts';
import type { PublishedImage, PublishedObject } from './model.ts';
import type { NeededImage, NeededObject } from './needs.ts';

/** What is at a place, beside what was recorded of it. */
export type Finding = { readonly state: 'same' } | { readonly state: 'absent' } | Other;

/** Something else is there: its SHA-256, or the digest of an image. */
interface Other {
  readonly state: 'other';
  readonly found: string;
}

type Place = Pick<NeededObject, 'bucket' | 'key' | 'target'>;

const SAME = { state: 'same' } as const;
const ABSENT = { state: 'absent' } as const;

/** An object that was looked at, not yet compared with anything. */
export interface SeenObject {
  /** Of the whole object, where S3 keeps one. */
  readonly sha256: string | undefined;
  /** Absent in a bucket that keeps none. */
  readonly versionId: string | undefined;
  /**
   * Reads the object, once however often it is asked, and gives its SHA-256; undefined where it has gone since it was
   * looked at.
   */
  content(): Promise<string | undefined>;
}

/**
 * Looks at an object, without knowing yet what it should be.
 *
 * @param session who looks
 * @returns undefined where there is none
 * @throws Failure `BucketRefused` naming role and action where it may not look
 */
export async function seeObject(
  aws: AwsClients,
  { bucket, key, target }: NeededObject,
  session: Session,
): Promise<SeenObject | undefined> {
  const { HeadObjectCommand } = await import('@aws-sdk/client-s3');
  const object = { bucket, key, target };
  const s3 = await aws.s3({ ...session, region: target.region });
  const head = await unlessAbsent(s3, object, () =>
    s3.send(new HeadObjectCommand({ ...bucketOf(object), Key: key, ChecksumMode: 'ENABLED' })),
  );
  if (head === undefined) return undefined;
  let content: Promise<string | undefined> | undefined;
  return {
    sha256: sha256Of(head),
    versionId: head.VersionId,
    content: () => (content ??= unlessAbsent(s3, object, () => hashContent(s3, object, head.ETag))),
  };
}

/**
 * Compares an object with what was recorded of it, by the first of these that tells: the SHA-256 that S3 keeps of it,
 * its version, its content.
 *
 * Only SHA-256 of the whole object counts: of an object that was written in parts S3 keeps one over the parts, and
 * other checksums can be met on purpose
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html). A version is never written
 * again, so the recorded one still has the bytes that it had.
 *
 * @param recorded any of which it may be
 * @throws Failure `BucketRefused` naming role and action where it may not be read
 */
export async function compareObject(
  seen: SeenObject | undefined,
  recorded: readonly PublishedObject[],
): Promise<Finding> {
  if (seen === undefined) return ABSENT;
  const { sha256, versionId: version } = seen;
  // The version `null` is written anew each time.
  const known = version !== undefined && version !== 'null' && recorded.some(({ versionId }) => versionId === version);
  if (sha256 === undefined && known) return SAME;
  const found = sha256 ?? (await seen.content());
  if (found === undefined) return ABSENT;
  return recorded.some((each) => each.sha256 === found) ? SAME : { state: 'other', found };
}

/** What a request about an object comes back with; undefined where there is no such object. */
async function unlessAbsent<T>(s3: S3Client, object: Place, request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (['NotFound', 'NoSuchKey', 'NoSuchBucket'].includes((error as Error).name)) return undefined;
    throw isAccessDenied(error) ? await explainRefusal(s3, object, error) : error;
  }
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
 * @param session who looks, in the region of the repository
 * @returns its digest; undefined where there is none
 * @throws Failure `ImageHidden` naming role and action where it may not look: what nobody has seen is not what was
 * published
 */
export async function seeImage(
  aws: AwsClients,
  { repository, tag, target }: NeededImage,
  session: Session,
): Promise<string | undefined> {
  const { DescribeImagesCommand } = await import('@aws-sdk/client-ecr');
  const { account, region } = target;
  const ecr = await aws.ecr({ ...session, region });
  try {
    const { imageDetails: [image] = [] } = await ecr.send(
      new DescribeImagesCommand({ registryId: account, repositoryName: repository, imageIds: [{ imageTag: tag }] }),
    );
    return image?.imageDigest;
  } catch (error) {
    if (['ImageNotFoundException', 'RepositoryNotFoundException'].includes((error as Error).name)) return undefined;
    if (!isAccessDenied(error)) throw error;
    const who = session.role === undefined ? 'the caller' : `the role ${session.role.arn}`;
    throw new Failure(
      'ImageHidden',
      `${who} may not ecr:DescribeImages on ${repository} in ${account}/${region}, so nobody can tell whether it holds the image that was published: run nx bootstrap, which allows it.`,
      { cause: error, denied: { action: 'ecr:DescribeImages', role: roleOf(session.role?.arn) } },
    );
  }
}

/** Compares the digest of an image with what was recorded of it, any of which it may be. */
export function compareImage(found: string | undefined, recorded: readonly PublishedImage[]): Finding {
  if (found === undefined) return ABSENT;
  return recorded.some(({ digest }) => digest === found) ? SAME : { state: 'other', found };
}
