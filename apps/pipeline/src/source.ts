import type { Environments, PipelineSource } from '@libs/environments';
import { PipelineError } from '@libs/constructs';
import { Arn, ArnFormat, SecretValue } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CodePipelineSource } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';

/** The source action of the pipeline, and the permissions that it needs. */
export interface SourceStep {
  readonly step: CodePipelineSource;
  /** What the pipeline itself needs to see and fetch a commit. */
  readonly pipelineStatements: readonly PolicyStatement[];
  /** What Synth needs to get it. */
  readonly synthStatements: readonly PolicyStatement[];
}

/**
 * The source that the environments file names.
 *
 * @throws PipelineError naming the field and the file if there is none
 */
export function sourceOf(scope: Construct, { pipeline, file }: Environments): SourceStep {
  const { source } = pipeline;
  if (source === undefined) {
    throw new PipelineError(
      `${file} has no field "pipeline.source", which says where the pipeline gets its commits from: add one, docs/pipeline.md shows the three kinds.`,
    );
  }
  switch (source.type) {
    case 'connection': {
      const use = useConnection(source.connection);
      return {
        step: CodePipelineSource.connection(source.repository, source.branch, {
          actionName: 'Source',
          connectionArn: source.connection,
          // The full history, to compare with the commit that was released last.
          codeBuildCloneOutput: true,
        }),
        pipelineStatements: [use],
        // The source action hands over a reference only; CodeBuild clones by itself.
        synthStatements: [use.copy()],
      };
    }
    case 'github-token':
      return {
        step: CodePipelineSource.gitHub(source.repository, source.branch, {
          actionName: 'Source',
          // CloudFormation puts the token into the action when it deploys the pipeline, so no role of the pipeline
          // reads the secret.
          authentication: SecretValue.secretsManager(source.tokenSecret),
        }),
        pipelineStatements: [],
        synthStatements: [],
      };
    case 's3':
      return s3Source(scope, source);
  }
}

function s3Source(scope: Construct, { bucket: name, key }: Extract<PipelineSource, { type: 's3' }>): SourceStep {
  const bucket = Bucket.fromBucketName(scope, 'SourceBucket', name);
  return {
    step: CodePipelineSource.s3(bucket, key, { actionName: 'Source' }),
    // https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
    pipelineStatements: [
      new PolicyStatement({
        actions: ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'],
        resources: [bucket.bucketArn],
      }),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectVersion', 's3:GetObjectVersionTagging'],
        resources: [bucket.arnForObjects(key)],
      }),
    ],
    synthStatements: [],
  };
}

/** A connection belongs to the service of either its new or its old name, and so does the action. */
function useConnection(connection: string): PolicyStatement {
  const { service } = Arn.split(connection, ArnFormat.SLASH_RESOURCE_NAME);
  return new PolicyStatement({ actions: [`${service}:UseConnection`], resources: [connection] });
}
