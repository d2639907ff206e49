import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Cache } from 'aws-cdk-lib/aws-codebuild';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Kept when the stack goes: deleting a bucket that holds something fails, and its lifecycle empties it. */
const removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/**
 * Where a pipeline keeps its artifacts for 30 days: a bucket with versions and a key of its own, over TLS only, with an
 * access log that is kept for a year.
 *
 * Permissions go by artifact: CodePipeline puts each below a folder that begins with the names of the pipeline and of
 * the artifact, the first shortened to 20 characters, the second to 10
 * (https://docs.aws.amazon.com/codepipeline/latest/userguide/troubleshooting.html).
 */
export class ArtifactStore extends Construct {
  readonly bucket: Bucket;
  readonly key: Key;
  /** Takes the access logs of further buckets too. */
  readonly accessLogs: Bucket;
  readonly #folder: string;

  /** @param pipelineName its artifacts need names that differ in their first ten characters */
  constructor(scope: Construct, id: string, pipelineName: string) {
    super(scope, id);
    this.#folder = pipelineName.slice(0, 20);
    this.key = new Key(this, 'Key', {
      description: 'Artifacts and cache of the pipeline',
      enableKeyRotation: true,
      removalPolicy,
    });
    this.accessLogs = bucket(this, 'AccessLogs', Duration.days(365), { encryption: BucketEncryption.S3_MANAGED });
    this.bucket = bucket(this, 'Bucket', Duration.days(30), { versioned: true, ...encryptedBy(this, 'artifacts/') });
  }

  /** Pattern of the keys that an artifact gets. */
  keysOf(artifact: string): string {
    return `${this.#folder}/${artifact.slice(0, 10)}/*`;
  }

  /**
   * What a build needs to take some artifacts, and to make another one
   * (https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html).
   */
  permissions(taken: readonly string[], made?: string): PolicyStatement[] {
    const arns = (...artifacts: string[]) => artifacts.map((name) => this.bucket.arnForObjects(this.keysOf(name)));
    return [
      place(this.bucket),
      new PolicyStatement({ actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: arns(...taken) }),
      ...(made === undefined ? [] : [new PolicyStatement({ actions: ['s3:PutObject'], resources: arns(made) })]),
      new PolicyStatement({
        actions: ['kms:Decrypt', ...(made === undefined ? [] : ['kms:Encrypt', 'kms:GenerateDataKey'])],
        resources: [this.key.keyArn],
      }),
    ];
  }
}

/**
 * A cache that only one role can write, even if the policies of other roles allow it. A build believes what it takes
 * from a cache: if the build of a pull request could write there, the next build would hand on what that one made.
 * Entries are kept for 30 days after they were written.
 *
 * An administrator who wants to empty it has to change the bucket's policy first.
 */
export class BuildCache extends Construct {
  readonly bucket: Bucket;
  /** For a CodeBuild project. */
  readonly cache: Cache;

  /** @param store its key encrypts the cache, its log bucket takes the access log */
  constructor(scope: Construct, id: string, store: ArtifactStore) {
    super(scope, id);
    this.bucket = bucket(this, 'Bucket', Duration.days(30), encryptedBy(store, 'cache/'));
    this.cache = Cache.bucket(this.bucket, { prefix: 'build' });
  }

  /** Denies changes of objects to every other principal. */
  writtenOnlyBy(writer: IRole): void {
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyOneWriter',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject*', 's3:DeleteObject*', 's3:ReplicateObject', 's3:ReplicateDelete', 's3:RestoreObject'],
        resources: [this.bucket.arnForObjects('*')],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': writer.roleArn } },
      }),
    );
  }

  /**
   * What the one writer needs, besides the key
   * (https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html).
   */
  readingAndWriting(): PolicyStatement[] {
    const actions = ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'];
    return [place(this.bucket), new PolicyStatement({ actions, resources: [this.bucket.arnForObjects('*')] })];
  }
}

function bucket(scope: Construct, id: string, expiration: Duration, props: BucketProps): Bucket {
  return new Bucket(scope, id, {
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    lifecycleRules: [
      {
        expiration,
        noncurrentVersionExpiration: expiration,
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy,
    ...props,
  });
}

function encryptedBy({ key, accessLogs }: ArtifactStore, serverAccessLogsPrefix: string): BucketProps {
  return {
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    serverAccessLogsBucket: accessLogs,
    serverAccessLogsPrefix,
  };
}

/** CodeBuild asks for the region and the owner of a bucket before it asks for an object. */
function place({ bucketArn }: Bucket): PolicyStatement {
  return new PolicyStatement({ actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'], resources: [bucketArn] });
}
