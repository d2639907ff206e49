import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { bootstrapAdvice, type Target } from '../assembly/index.ts';
import { type AwsClients, callOf, explain, isAccessDenied, type Session } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';

/** An object in a bucket, the account and region that the bucket has to be in, and who asks for it. */
export interface BucketObject {
  readonly bucket: string;
  readonly key: string;
  readonly target: Target;
  readonly session: Session;
}

export type S3Clients = Pick<AwsClients, 's3'>;

/** The headers of a `PutObject` that say how to encrypt. */
type Encryption = Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'>;

/** What is known about the buckets of a run; each is asked once, and only before the first upload to it. */
export class Buckets {
  readonly #encryptions = new Map<string, Promise<Encryption>>();

  /**
   * The encryption headers for an upload. Buckets encrypt by default; as in CDK's own tools, the headers are for
   * policies that refuse an upload without them. A role that may not read the setting uploads without.
   *
   * @throws Failure `NotBootstrapped` if there is no such bucket
   */
  encryption(aws: S3Clients, object: BucketObject): Promise<Encryption> {
    const key = `${targetNameOf(object)}/${object.bucket}`;
    const known = this.#encryptions.get(key) ?? readEncryption(aws, object);
    this.#encryptions.set(key, known);
    return known;
  }
}

async function readEncryption(aws: S3Clients, object: BucketObject): Promise<Encryption> {
  const { GetBucketEncryptionCommand } = await import('@aws-sdk/client-s3');
  try {
    const s3 = await aws.s3(object.session);
    const answer = await s3.send(new GetBucketEncryptionCommand(bucketOf(object)));
    const rule = answer.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
    if (!rule?.SSEAlgorithm) return {};
    return { ServerSideEncryption: rule.SSEAlgorithm, SSEKMSKeyId: rule.KMSMasterKeyID };
  } catch (error) {
    if (isAccessDenied(error) || (error as Error).name === 'ServerSideEncryptionConfigurationNotFoundError') return {};
    throw (error as Error).name === 'NoSuchBucket' ? notBootstrapped(object, error) : error;
  }
}

/** Which bucket, and whose it has to be: S3 refuses the request if the bucket belongs to another account. */
export function bucketOf({ bucket, target }: Omit<BucketObject, 'key'>) {
  return { Bucket: bucket, ExpectedBucketOwner: target.account };
}

/**
 * What an error of a request about an object means: `NotBootstrapped`, `BucketInOtherRegion`, or what
 * `explainRefusal` finds out. Any other error is returned as it is.
 */
export async function explainObjectError(aws: S3Clients, object: BucketObject, error: unknown): Promise<unknown> {
  if ((error as Error).name === 'NoSuchBucket') return notBootstrapped(object, error);
  if (isAccessDenied(error)) return explainRefusal(aws, object, error);
  // A bucket of that name in another region answers with a redirect, which S3 clients do not follow.
  if (statusOf(error) !== 301) return error;
  const what = `The bucket ${object.bucket} is not in ${object.target.region}`;
  const next = `bootstrap ${targetNameOf(object)} with a bucket of its own, or correct the synthesizer's bucket name`;
  return new Failure('BucketInOtherRegion', { what, next }, { cause: error });
}

/** The HTTP status of an SDK's error. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function notBootstrapped(object: BucketObject, cause: unknown): Failure {
  const [what, next] = [`There is no bucket ${object.bucket}`, bootstrapAdvice(object.bucket)];
  return new Failure('NotBootstrapped', { what, where: targetNameOf(object), next }, { cause });
}

/**
 * The permission that requests need, if it has another name
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
 */
const PERMISSIONS: Readonly<Record<string, string>> = { HeadObject: 'GetObject', ListObjectsV2: 'ListBucket' };

/**
 * Finds out why S3 refused a request: because the bucket belongs to another account, or because the role may not do it.
 * S3 answers both alike (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html), so the
 * same harmless question is asked with and without the owner.
 */
export async function explainRefusal(aws: S3Clients, object: BucketObject, refusal: unknown): Promise<Failure> {
  const { GetBucketLocationCommand } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(object.session);
  const ask = (input: { Bucket: string; ExpectedBucketOwner?: string }) =>
    s3.send(new GetBucketLocationCommand(input)).then(
      () => 'answered' as const,
      (error: Error) => (error.name === 'NoSuchBucket' ? 'missing' : 'refused'),
    );
  const { bucket, key, target } = object;
  const asOurs = await ask(bucketOf(object));
  if (asOurs === 'missing') return notBootstrapped(object, refusal);
  if (asOurs === 'refused' && (await ask({ Bucket: bucket })) === 'answered') {
    const what = `The bucket ${bucket} does not belong to the account ${target.account} but to somebody else: nothing was sent`;
    const next = `find out who owns it before anything else, then bootstrap ${targetNameOf(object)} again`;
    return new Failure('WrongBucketOwner', { what, next }, { cause: refusal });
  }
  const call = callOf(refusal);
  const action = `s3:${PERMISSIONS[call?.action ?? ''] ?? call?.action ?? 'PutObject'}`;
  const role = call && call.role !== 'caller' ? `The role ${call.role}` : 'The caller';
  const reason =
    asOurs === 'answered'
      ? `it lacks ${action} or the use of the bucket's KMS key`
      : `it lacks ${action}, or the bucket belongs to another account than ${target.account}`;
  const what = `${role} may not use s3://${bucket}/${key} (${action}) in ${targetNameOf(object)}: ${reason}`;
  const next = "check the role's policy and the owner of the bucket";
  const denied = { ...explain(refusal).denied, action };
  return new Failure('BucketRefused', { what, next }, { cause: refusal, denied });
}

function targetNameOf({ target }: BucketObject): string {
  return `${target.account}/${target.region}`;
}
