import type { S3Client, ServerSideEncryption } from '@aws-sdk/client-s3';
import { Failure } from '../failure/index.ts';
import { callOf, explain, isAccessDenied } from './explain.ts';

/** An object in a bucket, and the account and region that the bucket has to be in. */
export interface BucketObject {
  readonly bucket: string;
  readonly key: string;
  readonly target: { readonly account: string; readonly region: string };
}

/** The headers of a `PutObject` that say how to encrypt. */
export interface Encryption {
  readonly ServerSideEncryption?: ServerSideEncryption;
  readonly SSEKMSKeyId?: string;
}

/** What is known about the buckets of a run; each is asked once, and only before the first upload to it. */
export class Buckets {
  readonly #encryptions = new Map<string, Promise<Encryption>>();

  /**
   * The encryption headers for an upload. A bucket encrypts by default; the headers are for organizations whose
   * policies refuse an upload without them, as in CDK's own tools. A role that may not read the setting uploads
   * without.
   *
   * @throws Failure `NotBootstrapped` where there is no such bucket
   */
  encryption(s3: S3Client, object: BucketObject): Promise<Encryption> {
    const key = `${object.target.account}/${object.target.region}/${object.bucket}`;
    let known = this.#encryptions.get(key);
    if (!known) {
      known = readEncryption(s3, object);
      this.#encryptions.set(key, known);
    }
    return known;
  }
}

async function readEncryption(s3: S3Client, object: BucketObject): Promise<Encryption> {
  const { GetBucketEncryptionCommand } = await import('@aws-sdk/client-s3');
  try {
    const { ServerSideEncryptionConfiguration: configuration } = await s3.send(
      new GetBucketEncryptionCommand(bucketOf(object)),
    );
    const rule = configuration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
    if (!rule?.SSEAlgorithm) return {};
    return { ServerSideEncryption: rule.SSEAlgorithm, SSEKMSKeyId: rule.KMSMasterKeyID };
  } catch (error) {
    if ((error as Error).name === 'NoSuchBucket') throw notBootstrapped(object, error);
    if (isAccessDenied(error) || (error as Error).name === 'ServerSideEncryptionConfigurationNotFoundError') return {};
    throw error;
  }
}

/** Which bucket, and whose it has to be: S3 refuses the request where the bucket belongs to another account. */
export function bucketOf(object: BucketObject): { Bucket: string; ExpectedBucketOwner: string } {
  return { Bucket: object.bucket, ExpectedBucketOwner: object.target.account };
}

export function notBootstrapped(object: BucketObject, cause: unknown): Failure {
  const { account, region } = object.target;
  return new Failure(
    'NotBootstrapped',
    `There is no bucket ${object.bucket} in ${account}/${region}: bootstrap it (nx bootstrap), then publish again.`,
    { cause },
  );
}

/**
 * What requests are allowed by, where that has another name
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
 */
const PERMISSIONS: Readonly<Record<string, string>> = { HeadObject: 'GetObject', ListObjectsV2: 'ListBucket' };

/**
 * Finds out why S3 refused a request: because the bucket belongs to another account, or because the role may not do it.
 * S3 answers both alike (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html), so the
 * same harmless question is asked with and without naming the owner.
 */
export async function explainRefusal(s3: S3Client, object: BucketObject, refusal: unknown): Promise<Failure> {
  const { GetBucketLocationCommand } = await import('@aws-sdk/client-s3');
  const ask = (input: { Bucket: string; ExpectedBucketOwner?: string }) =>
    s3.send(new GetBucketLocationCommand(input)).then(
      () => 'answered' as const,
      (error: Error) => (error.name === 'NoSuchBucket' ? 'missing' : 'refused'),
    );
  const { bucket, target } = object;
  const where = `${target.account}/${target.region}`;
  const call = callOf(refusal);
  const action = `s3:${PERMISSIONS[call?.action ?? ''] ?? call?.action ?? 'PutObject'}`;
  const role = call && call.role !== 'caller' ? `the role ${call.role}` : 'the caller';
  const asOurs = await ask(bucketOf(object));
  if (asOurs === 'missing') return notBootstrapped(object, refusal);
  if (asOurs === 'refused' && (await ask({ Bucket: bucket })) === 'answered')
    return new Failure(
      'WrongBucketOwner',
      `The bucket ${bucket} does not belong to the account ${target.account} but to somebody else: nothing was sent; find out who owns it ` +
        `before anything else, then bootstrap ${where} again.`,
      { cause: refusal },
    );
  const reason =
    asOurs === 'answered'
      ? `it lacks ${action} or the use of the bucket's KMS key`
      : `it lacks ${action}, or the bucket belongs to another account than ${target.account}`;
  return new Failure(
    'BucketRefused',
    `In ${where}, ${role} may not use s3://${bucket}/${object.key} (${action}): ${reason}; check the role's policy and the owner of the bucket.`,
    { cause: refusal, denied: { ...explain(refusal).denied, action } },
  );
}
