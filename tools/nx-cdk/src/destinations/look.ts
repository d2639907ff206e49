import type { Readable } from 'node:stream';
import { bootstrapAdvice, sha256Of } from '../assembly/index.ts';
import { type AwsClients, isAccessDenied } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { type BucketObject, bucketOf, explainObjectError, type S3Clients, statusOf } from './bucket.ts';
import type { ImageDestination } from './destination.ts';

/** What is at a destination of a file. `hidden`: the role may not look, so it is not known. */
export type ObjectLook =
  { readonly state: 'absent' } | { readonly state: 'hidden'; readonly refusal: unknown } | FoundObject;

/** An object that is there. */
export interface FoundObject {
  readonly state: 'found';
  /** In bytes. */
  readonly size: number | undefined;
  /** When it was written, in milliseconds since the epoch, on the clock of S3. */
  readonly writtenAt: number;
  /** The SHA-256 as S3 writes it. Of an object that was written in parts, it is one over the parts and ends in `-3`. */
  readonly checksum: string | undefined;
  /** The SHA-256 of the whole object in hexadecimal digits, if S3 keeps one. */
  readonly sha256: string | undefined;
  /** Undefined if the bucket keeps no versions. */
  readonly versionId: string | undefined;
  /** Fetches what was looked at, not what somebody may have written since; undefined if it is gone. */
  content(): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Lets go of content that came with the look, if nobody has read it. */
  close(): void;
  /** SHA-256 of the content, in hexadecimal digits, which is fetched for it. */
  contentSha256(): Promise<string | undefined>;
}

/** What is at a destination of an image. `hidden`: the role may not look, so it is not known. */
export type ImageLook =
  /** `sha256:` and 64 hexadecimal digits. */
  | { readonly state: 'found'; readonly digest: string }
  /** With a failure if there is not even a repository. */
  | { readonly state: 'absent'; readonly noRepository?: Failure }
  | { readonly state: 'hidden'; readonly refusal: unknown };

/**
 * Looks at one object: one `HeadObject`, which names the owner of the bucket. Since December 2020 a later read finds
 * what is written after a HEAD that found nothing
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel); see
 * https://github.com/aws/aws-cdk/issues/6430 for the time before.
 *
 * @param options.checksum asks S3 for the checksum, which needs the use of the bucket's KMS key. @default true
 * @param options.fetched fetches it at once, with `GetObject`, for who reads it in any case; then it has to be read or
 * closed. @default false
 * @throws Failure `BucketInOtherRegion`; whatever else the call throws
 */
export async function lookAtObject(
  aws: S3Clients,
  object: BucketObject,
  { checksum = true, fetched = false }: { readonly checksum?: boolean; readonly fetched?: boolean } = {},
): Promise<ObjectLook> {
  const s3 = await aws.s3(object.session);
  const { GetObjectCommand, HeadObjectCommand } = await import('@aws-sdk/client-s3');
  const which = { ...bucketOf(object), Key: object.key };
  try {
    const input = { ...which, ...(checksum && { ChecksumMode: 'ENABLED' as const }) };
    const got = fetched ? await s3.send(new GetObjectCommand(input)) : undefined;
    let unread = got?.Body as unknown as Readable | undefined;
    const head = got ?? (await s3.send(new HeadObjectCommand(input)));
    const { ContentLength: size, ChecksumSHA256, ChecksumType, VersionId: versionId, ETag: IfMatch } = head;
    const writtenAt = head.LastModified?.getTime() ?? 0;
    const isWhole = ChecksumSHA256 && ChecksumType !== 'COMPOSITE' && !/-\d+$/.test(ChecksumSHA256);
    const sha256 = isWhole ? Buffer.from(ChecksumSHA256, 'base64').toString('hex') : undefined;
    const close = () => {
      unread?.destroy();
      unread = undefined;
    };
    const content = async () => {
      if (unread !== undefined) {
        const body = unread;
        unread = undefined;
        return body;
      }
      try {
        const { Body: body } = await s3.send(new GetObjectCommand({ ...which, IfMatch }));
        return body as unknown as AsyncIterable<Uint8Array>;
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw await explainObjectError(aws, object, error);
      }
    };
    const contentSha256 = async () => {
      const stream = await content();
      return stream && sha256Of(stream);
    };
    const known = { size, writtenAt, checksum: ChecksumSHA256, sha256, versionId };
    return { state: 'found', ...known, content, contentSha256, close };
  } catch (error) {
    if (isAbsent(error)) return { state: 'absent' };
    // S3 answers 403 instead of 404 to a role that may not list the bucket
    // (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html).
    if (isAccessDenied(error)) return { state: 'hidden', refusal: error };
    throw await explainObjectError(aws, object, error);
  }
}

/** HEAD answers have no body and so no code: the SDK names them after their status. */
function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404 || ['NotFound', 'NoSuchKey', 'NoSuchBucket'].includes((error as Error).name);
}

/**
 * Looks at the image that a tag names: one `DescribeImages`, as in CDK's own tools. Fetching the manifest would count
 * as a pull, which lifecycle rules and scans go by.
 *
 * @throws whatever else the call throws
 */
export async function lookAtImage(aws: Pick<AwsClients, 'ecr'>, destination: ImageDestination): Promise<ImageLook> {
  const ecr = await aws.ecr(destination.session);
  const { DescribeImagesCommand } = await import('@aws-sdk/client-ecr');
  const { repository: repositoryName, tag: imageTag, target } = destination;
  try {
    const { imageDetails } = await ecr.send(
      new DescribeImagesCommand({ registryId: target.account, repositoryName, imageIds: [{ imageTag }] }),
    );
    const digest = imageDetails?.[0]?.imageDigest;
    return digest === undefined ? { state: 'absent' } : { state: 'found', digest };
  } catch (error) {
    const { name } = error as Error;
    if (name === 'ImageNotFoundException') return { state: 'absent' };
    if (name === 'RepositoryNotFoundException')
      return { state: 'absent', noRepository: noRepository(destination, error) };
    if (isAccessDenied(error)) return { state: 'hidden', refusal: error };
    throw error;
  }
}

/** There is no such repository: the target is not bootstrapped. */
export function noRepository({ repository, targetName }: ImageDestination, cause?: unknown): Failure {
  const [what, next] = [`There is no repository ${repository}`, bootstrapAdvice(repository)];
  return new Failure('NotBootstrapped', { what, where: targetName, next }, { cause });
}
