import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { compareArchive, IN_MEMORY_LIMIT } from '../archives/index.ts';
import type { AwsClients } from '../aws/index.ts';
import {
  bucketOf,
  type Buckets,
  explainObjectError,
  type FileDestination,
  lookAtObject,
} from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import type { ByteBudget } from './byte-budget.ts';
import { base64, compareChecksum } from './checksum.ts';
import type { Content } from './content.ts';

/** What is at a destination, compared with what should be. */
export type Found =
  /** `hidden`: the role may not look, so it is not known. */
  | { readonly state: 'absent' | 'hidden' }
  | {
      readonly state: 'same';
      readonly versionId: string | undefined;
      /** Of what is there, hexadecimal. Not that of the local content if other bytes hold the same files. */
      readonly sha256: string;
      readonly detail?: string;
    }
  | { readonly state: 'different'; readonly detail: string };

/**
 * Looks at one object, and compares it. The content is fetched only if no checksum proves it.
 *
 * @param memory what may be held while contents are compared
 */
export async function inspect(
  aws: Pick<AwsClients, 's3'>,
  destination: FileDestination,
  content: Content,
  memory: ByteBudget,
): Promise<Found> {
  const object = await lookAtObject(aws, destination);
  if (object.state !== 'found') return object;
  const { size, versionId } = object;
  const comparison = await compareChecksum(object, content);
  const same = { state: 'same', versionId, sha256: content.sha256 } as const;
  if (comparison === 'same') return same;
  const sameSize = size === content.size;
  const held = sameSize ? 'the same size but with other content' : `${size} bytes instead of ${content.size}`;
  const different = { state: 'different', detail: `an object of ${held} was there` } as const;
  if (content.folder === undefined) {
    if (comparison === 'different' || !sameSize) return different;
    return (await object.contentSha256()) === content.sha256 ? same : different;
  }
  // An archive of another size may still hold the same files.
  using _room = await memory.take(Math.min(size ?? 0, IN_MEMORY_LIMIT));
  const found = await compareArchive(content.folder, size, () => object.content());
  if (found === undefined) return { state: 'absent' };
  if (found.sha256 === content.sha256) return same;
  if (found.sha256 === undefined || found.digest !== content.digest) return different;
  return { ...same, sha256: found.sha256, detail: 'the same files, zipped by another tool or machine' };
}

/**
 * Uploads the content. S3 writes it as a whole or not at all, and refuses content of another SHA-256. Before the first
 * upload to a bucket, its encryption is read.
 *
 * @param options.found if the role may not look, the object is only written if there is none
 * @returns version id of the new object, if the bucket keeps versions
 */
export async function upload(
  aws: Pick<AwsClients, 's3'>,
  destination: FileDestination,
  content: Content,
  { buckets, found }: { readonly buckets: Buckets; readonly found?: Found },
): Promise<string | undefined> {
  const isHidden = found?.state === 'hidden';
  if (content.size > LARGEST) throw tooLarge(destination, content);
  try {
    const input = {
      ...bucketOf(destination),
      Key: destination.key,
      ContentType: content.contentType,
      ContentLength: content.size,
      ChecksumSHA256: base64(content.sha256),
      ...(await buckets.encryption(aws, destination)),
      ...(isHidden && { IfNoneMatch: '*' }),
    };
    return await send(await aws.s3(destination.session), input, content);
  } catch (error) {
    if (!isHidden || (error as Error).name !== 'PreconditionFailed')
      throw await explainObjectError(aws, destination, error);
    const { place, session } = destination;
    const what = `${place} is there but may not be read, so its content cannot be verified`;
    const role = session.role?.arn ?? 'the caller';
    const next = `allow ${role} s3:GetObject (and kms:Decrypt if the bucket has a key of its own)`;
    throw new Failure('ObjectUnverifiable', { what, next }, { cause: error });
  }
}

/** In bytes (https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html). */
const LARGEST = 5 * 1024 ** 3;

function tooLarge({ label, asset, place }: FileDestination, { size, folder }: Content): Failure {
  const what = folder === undefined ? 'has' : 'is an archive of';
  return new Failure('AssetTooLarge', {
    what: `The asset ${asset.source.path ?? label} ${what} ${size} bytes, and one upload to ${place} takes ${LARGEST}`,
    next: 'leave out of the asset what is not needed, or upload it by other means',
  });
}

/** The part of a request that sending changes. */
interface Request {
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * One `PutObject`, from memory or from disk. It holds far more than Lambda or CloudFormation take.
 *
 * Two things differ from the SDK's own `Body`:
 * - The signature covers the known hash of the content, which is not computed again for each destination; streamed
 *   content is signed as well, which the SDK leaves out.
 * - A stream is opened for each attempt, below the SDK's retries, which otherwise give up on a request that streams.
 */
async function send(s3: S3Client, input: Omit<PutObjectCommandInput, 'Body'>, content: Content) {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const command = new PutObjectCommand({ ...input, Body: content.buffer ?? new Uint8Array() });
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as Request).headers['x-amz-content-sha256'] = content.sha256;
      return next(args);
    },
    { step: 'build', name: 'knownContentHash' },
  );
  if (!content.buffer) {
    command.middlewareStack.add(
      (next) => async (args) => {
        const body = content.stream();
        // A copy, so that the next attempt does not find the stream of this one.
        const prototype = Object.getPrototypeOf(args.request) as object;
        const request = Object.assign(Object.create(prototype) as Request, args.request, { body });
        try {
          return await next({ ...args, request });
        } finally {
          body.destroy();
        }
      },
      // After the retries and the signature: what they see has no stream.
      { step: 'finalizeRequest', priority: 'low', name: 'streamEachAttempt' },
    );
  }
  return (await s3.send(command)).VersionId;
}
