import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** What an {@link ArtifactStore} can be told. */
export interface ArtifactStoreProps {
  /**
   * How long artifacts are kept: as long as somebody may want to approve or retry the execution that they belong to.
   * @default 30 days
   */
  readonly expiration?: Duration;

  /**
   * How long it is kept who asked for them.
   * @default 365 days
   */
  readonly logExpiration?: Duration;
}

/**
 * Where a pipeline keeps its artifacts: a bucket of its own and a key of its own, over TLS only, with an access log.
 *
 * Permissions go by bucket and not by object: CodePipeline chooses the keys of the objects, by rules that it does not
 * promise to keep, and nothing but artifacts of this one pipeline is in the bucket.
 */
export class ArtifactStore extends Construct {
  readonly bucket: IBucket;
  readonly key: Key;
  /** Takes the access logs of further buckets too. */
  readonly accessLogs: Bucket;

  constructor(scope: Construct, id: string, props: ArtifactStoreProps = {}) {
    super(scope, id);
    const { expiration = Duration.days(30), logExpiration = Duration.days(365) } = props;
    // Kept when the stack goes: deleting a bucket that holds something fails, and its lifecycle empties it.
    const removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    this.key = new Key(this, 'Key', {
      description: 'Artifacts and cache of the pipeline',
      enableKeyRotation: true,
      removalPolicy,
    });
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [{ expiration: logExpiration, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    });
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [{ expiration, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'artifacts/',
      removalPolicy,
    });
  }

  /**
   * What a build needs to take its input
   * (https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html).
   */
  reading(): PolicyStatement[] {
    return [
      lookingAt(this.bucket),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resources: [this.bucket.arnForObjects('*')],
      }),
      new PolicyStatement({ actions: ['kms:Decrypt'], resources: [this.key.keyArn] }),
    ];
  }

  /** What a build needs to take its input and to hand its output on, from the same page. */
  readingAndWriting(): PolicyStatement[] {
    return [
      lookingAt(this.bucket),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
        resources: [this.bucket.arnForObjects('*')],
      }),
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
        resources: [this.key.keyArn],
      }),
    ];
  }
}

/** CodeBuild asks for the region and the owner of a bucket before it asks for an object. */
export function lookingAt(bucket: IBucket): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'],
    resources: [bucket.bucketArn],
  });
}
