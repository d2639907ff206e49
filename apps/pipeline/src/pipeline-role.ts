import { type Environments, partitionOf } from '@libs/environments';
import { type ArtifactStore, ExactRole } from '@libs/constructs';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type StepPlan, allSteps } from './step-plan.ts';
import { acceptObjects, projectArn } from './step-roles.ts';

/** What {@link pipelineRole} is told. */
export interface PipelineRoleProps {
  readonly environments: Environments;
  readonly plan: StepPlan;
  readonly store: ArtifactStore;
  /** What the source action needs. */
  readonly sourceStatements: readonly PolicyStatement[];
}

/**
 * The role of the pipeline and of its actions: it starts the builds of the plan, gets the source and hands artifacts
 * on. It cannot take any other role, so no permission of a step is within its reach.
 */
export function pipelineRole(scope: Construct, props: PipelineRoleProps): IRole {
  const { environments, plan, store, sourceStatements } = props;
  const { ci, pipeline } = environments;
  const pipelineArn = `arn:${partitionOf(ci.region)}:codepipeline:${ci.region}:${ci.account}:${pipeline.name}`;
  const exact = new ExactRole(scope, 'PipelineRole', {
    roleName: `${pipeline.name}-pipeline`,
    description: 'Starts the steps of the pipeline and hands artifacts on.',
    // https://docs.aws.amazon.com/codepipeline/latest/userguide/cross-service-confused-deputy-prevention.html
    assumedBy: new ServicePrincipal('codepipeline.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': ci.account, 'aws:SourceArn': pipelineArn } },
    }),
    many: {
      actions: ['codebuild:BatchGetBuilds', 'codebuild:StartBuild', 'codebuild:StopBuild'],
      resources: allSteps(plan).map((step) => projectArn(environments, step)),
    },
    statements: [
      // https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
      new PolicyStatement({
        actions: ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning'],
        resources: [store.bucket.bucketArn],
      }),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:PutObjectAcl'],
        resources: [store.bucket.arnForObjects('*')],
      }),
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
        resources: [store.key.keyArn],
      }),
      ...sourceStatements,
    ],
  });
  acceptObjects(
    exact,
    store.bucket,
    'CodePipeline chooses the keys, and the bucket holds the artifacts of this pipeline only.',
  );
  return exact.role;
}
