import { createHash } from 'node:crypto';
import type { HeadObjectOutput, S3Client } from '@aws-sdk/client-s3';
import { Failure } from '../failure/index.ts';
import { bucketOf, type Buckets, explainRefusal, isAccessDenied, notBootstrapped } from '../aws/index.ts';
import type { ByteBudget } from './byte-budget.ts';
import { base64, compareHead, hashStream } from './checksum.ts';
import type { Content } from './content.ts';
import { COMPARABLE_SIZE, equivalentZip } from './equivalent-zip.ts';
import { sendObject } from './send-object.ts';
import type { Destination } from './work-list.ts';

/** What is at a destination, compared with what should be. */
export type Found =
  | { readonly state: 'absent' }
  /** Neither there nor known to be absent: the role may not look. */
  | { readonly state: 'hidden'; readonly refusal: unknown }
  | {
      readonly state: 'same';
      readonly versionId?: string;
      /**
       * Of what is there, hexadecimal: another one than that of the local content where other bytes hold the same
       * files.
       */
      readonly sha256: string;
      readonly detail?: string;
    }
  | { readonly state: 'different'; readonly detail: string };

/**
 * Looks at one object: one `HeadObject`, which asks S3 for the checksum and names the owner of the bucket. The content
 * is fetched only where no checksum proves it.
 *
 * HEAD was once a trap: S3 kept the answer "not found" and CloudFormation then did not find the template either
 * (https://github.com/aws/aws-cdk/issues/6430). It has been consistent since December 2020
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel).
 *
 * @param memory what may be held while contents are compared
 */
export async function inspect(
  s3: S3Client,
  destination: Destination,
  content: Content,
  memory: ByteBudget,
): Promise<Found> {
  const { HeadObjectCommand } = await import('@aws-sdk/client-s3');
  let head: HeadObjectOutput;
  try {
    head = await s3.send(
      new HeadObjectCommand({ ...bucketOf(destination), Key: destination.key, ChecksumMode: 'ENABLED' }),
    );
  } catch (error) {
    // S3 answers 403 instead of 404 to whoever may not list the bucket, and HEAD answers carry no error code
    // (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html).
    if (statusOf(error) === 404) return { state: 'absent' };
    if (isAccessDenied(error)) return { state: 'hidden', refusal: error };
    throw elsewhere(error, destination);
  }
  const comparison = await compareHead(head, content);
  if (comparison === 'same') return { state: 'same', versionId: head.VersionId, sha256: content.sha256 };
  // The size alone settles it for a file. An archive of another size may still hold the same files.
  if (comparison === 'different' && !content.zipped) return { state: 'different', detail: difference(head, content) };
  return inspectContent(s3, destination, content, head, memory);
}

async function inspectContent(
  s3: S3Client,
  destination: Destination,
  content: Content,
  head: HeadObjectOutput,
  memory: ByteBudget,
): Promise<Found> {
  const different = { state: 'different', detail: difference(head, content) } as const;
  const sameSize = head.ContentLength === content.size;
  const comparable = content.zipped && Math.max(head.ContentLength ?? 0, content.size) <= COMPARABLE_SIZE;
  if (!sameSize && !comparable) return different;
  const inMemory = comparable ? (head.ContentLength ?? 0) + (content.buffer ? 0 : content.size) : 0;
  const release = await memory.take(inMemory);
  try {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3');
    const { Body: body } = await s3.send(
      // The version that was looked at, not what someone may have written since.
      new GetObjectCommand({ ...bucketOf(destination), Key: destination.key, IfMatch: head.ETag }),
    );
    const stream = body as unknown as AsyncIterable<Uint8Array>;
    const same = { state: 'same', versionId: head.VersionId, sha256: content.sha256 } as const;
    if (!comparable) return (await hashStream(stream)) === content.sha256 ? same : different;
    const [theirs, ours] = [await bytesOf(stream), content.buffer ?? (await bytesOf(content.stream()))];
    if (theirs.equals(ours)) return same;
    if (!(await equivalentZip(ours, theirs))) return different;
    const sha256 = createHash('sha256').update(theirs).digest('hex');
    return { ...same, sha256, detail: 'the same files, zipped by another tool or machine' };
  } finally {
    release();
  }
}

/**
 * Uploads the content. One `PutObject`, which S3 does as a whole or not at all and refuses where what arrives does not
 * have the SHA-256; before the first one to a bucket, its encryption is read.
 *
 * @param found where the object may or may not be there, it is only written if it is not
 * @returns version id of the new object, where the bucket keeps versions
 */
export async function upload(
  s3: S3Client,
  destination: Destination,
  content: Content,
  options: { readonly buckets: Buckets; readonly found?: Found },
): Promise<string | undefined> {
  const hidden = options.found?.state === 'hidden';
  try {
    const { VersionId: versionId } = await sendObject(
      s3,
      {
        ...bucketOf(destination),
        Key: destination.key,
        ContentType: content.contentType,
        ContentLength: content.size,
        ChecksumSHA256: base64(content.sha256),
        ...(await options.buckets.encryption(s3, destination)),
        ...(hidden ? { IfNoneMatch: '*' } : {}),
      },
      content,
    );
    return versionId;
  } catch (error) {
    if ((error as Error).name === 'NoSuchBucket') throw notBootstrapped(destination, error);
    if (statusOf(error) === 412 && hidden)
      throw new Failure(
        'ObjectUnverifiable',
        `s3://${destination.bucket}/${destination.key} is there but may not be read, so its content cannot be verified: allow ` +
          `${destination.session.role?.arn ?? 'the caller'} s3:GetObject (and kms:Decrypt where the bucket has a key of its own).`,
        { cause: error },
      );
    if (isAccessDenied(error)) throw await explainRefusal(s3, destination, error);
    throw elsewhere(error, destination);
  }
}

function difference(head: HeadObjectOutput, content: Content): string {
  return head.ContentLength === content.size
    ? 'an object of the same size but with other content was there'
    : `an object of ${head.ContentLength} bytes instead of ${content.size} was there`;
}

/** A bucket of that name in another region answers with a redirect, which S3 clients do not follow. */
function elsewhere(error: unknown, destination: Destination): unknown {
  if (statusOf(error) !== 301) return error;
  const { account, region } = destination.target;
  return new Failure(
    'BucketInOtherRegion',
    `The bucket ${destination.bucket} is not in ${region}: bootstrap ${account}/${region} with a bucket of its own, or correct the synthesizer's bucket name.`,
    { cause: error },
  );
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
