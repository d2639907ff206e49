import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Cache } from 'aws-cdk-lib/aws-codebuild';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type ArtifactStore, lookingAt } from './artifact-store.ts';

/** What a {@link BuildCache} is told. */
export interface BuildCacheProps {
  /** Its key encrypts the cache, its log bucket takes the access log. */
  readonly store: ArtifactStore;
  /**
   * How long an entry is kept after it was written.
   * @default 30 days
   */
  readonly expiration?: Duration;
}

/**
 * A cache that only one role can write, even if the policies of other roles allow it. A build runs what it takes from a
 * cache: if the build of a pull request could write there, its code would run with the next build's permissions.
 *
 * An administrator who wants to empty it has to change the bucket's policy first.
 */
export class BuildCache extends Construct {
  readonly bucket: Bucket;
  /** For a CodeBuild project. */
  readonly cache: Cache;

  constructor(scope: Construct, id: string, props: BuildCacheProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey: props.store.key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [
        { expiration: props.expiration ?? Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      serverAccessLogsBucket: props.store.accessLogs,
      serverAccessLogsPrefix: 'cache/',
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.cache = Cache.bucket(this.bucket, { prefix: 'build' });
  }

  /** Refuses every other principal what changes an object. */
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
   * What the one writer needs, beside the key
   * (https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html).
   */
  readingAndWriting(): PolicyStatement[] {
    return [
      lookingAt(this.bucket),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
        resources: [this.bucket.arnForObjects('*')],
      }),
    ];
  }
}
