import type { Environments, PipelineSource } from '@nx-cdk/environments';
import { Arn, ArnFormat, SecretValue } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Action, Artifact, type CommonActionProps } from 'aws-cdk-lib/aws-codepipeline';
import {
  CodeStarConnectionsSourceAction,
  GitHubSourceAction,
  S3SourceAction,
} from 'aws-cdk-lib/aws-codepipeline-actions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { PipelineError } from './pipeline-error.ts';
import { ARTIFACTS } from './step-commands.ts';

/** The source action of the pipeline, and the permissions that it needs. */
export interface SourceStep {
  readonly action: Action;
  /** What the pipeline itself needs to see and fetch a commit. */
  readonly pipelineStatements: readonly PolicyStatement[];
  /** What a step needs to get it. */
  readonly stepStatements: readonly PolicyStatement[];
}

/**
 * The source that the environments file names.
 *
 * @throws PipelineError naming the field and the file if there is none
 */
export function sourceOf(scope: Construct, { pipeline, file }: Environments): SourceStep {
  const { source } = pipeline;
  const common = { actionName: 'Source', output: new Artifact(ARTIFACTS.source) };
  if (source === undefined) {
    throw new PipelineError(
      `${file} has no field "pipeline.source", which says where the pipeline gets its commits from: add one, docs/pipeline.md shows the three kinds.`,
    );
  }
  switch (source.type) {
    case 'connection':
      return {
        action: new CodeStarConnectionsSourceAction({
          ...common,
          ...repositoryOf(source),
          connectionArn: source.connection,
          // The full history, to compare with the commit that was released last.
          codeBuildCloneOutput: true,
        }),
        pipelineStatements: [useConnection(source)],
        // The source action hands over a reference only; CodeBuild clones by itself.
        stepStatements: [useConnection(source, { toRead: true })],
      };
    case 'github-token':
      return {
        action: new GitHubSourceAction({
          ...common,
          ...repositoryOf(source),
          // CloudFormation puts the token into the action when it deploys the pipeline, so no role of the pipeline
          // reads the secret.
          oauthToken: SecretValue.secretsManager(source.tokenSecret),
        }),
        pipelineStatements: [],
        stepStatements: [],
      };
    case 's3':
      return s3Source(scope, source, common);
  }
}

type Source<Type> = Extract<PipelineSource, { type: Type }>;

function s3Source(
  scope: Construct,
  { bucket: name, key }: Source<'s3'>,
  common: CommonActionProps & { output: Artifact },
): SourceStep {
  const bucket = Bucket.fromBucketName(scope, 'SourceBucket', name);
  return {
    action: new S3SourceAction({ ...common, bucket, bucketKey: key }),
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
    stepStatements: [],
  };
}

function repositoryOf({ repository, branch }: Source<'connection' | 'github-token'>) {
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo, branch };
}

/**
 * A connection belongs to the service of either its new or its old name, and so does the action.
 *
 * @param toRead whether pushing, and all else that writes, is left out, and every other repository: a connection may be
 * good for much more (https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html)
 */
function useConnection({ connection, repository }: Source<'connection'>, { toRead = false } = {}): PolicyStatement {
  const { service } = Arn.split(connection, ArnFormat.SLASH_RESOURCE_NAME);
  return new PolicyStatement({
    actions: [`${service}:UseConnection`],
    resources: [connection],
    ...(toRead && {
      conditions: {
        StringNotEquals: { [`${service}:ProviderPermissionsRequired`]: 'read_write' },
        StringEqualsIfExists: { [`${service}:FullRepositoryId`]: repository },
      },
    }),
  });
}
