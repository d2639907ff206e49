import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ExactRole } from './exact-role.ts';
import { allSteps } from './step-plan.ts';
import { type PipelineParts, acceptObjects, arnOf, projectArn } from './steps.ts';

/**
 * The role of the pipeline and of its actions: it starts the builds of the plan, gets the source and hands artifacts
 * on. It cannot assume any other role, so no permission of a step is within its reach.
 */
export function pipelineRole(scope: Construct, { environments, plan, source, store }: PipelineParts): IRole {
  const { ci, pipeline } = environments;
  const exact = new ExactRole(scope, 'PipelineRole', {
    roleName: `${pipeline.name}-pipeline`,
    description: 'Starts the steps of the pipeline and hands artifacts on.',
    // https://docs.aws.amazon.com/codepipeline/latest/userguide/cross-service-confused-deputy-prevention.html
    assumedBy: new ServicePrincipal('codepipeline.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': ci.account, 'aws:SourceArn': arnOf(ci, 'codepipeline', pipeline.name) },
      },
    }),
    many: {
      actions: ['codebuild:BatchGetBuilds', 'codebuild:StartBuild', 'codebuild:StopBuild'],
      resources: allSteps(plan).map((step) => projectArn(ci, step)),
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
      ...source.pipelineStatements,
    ],
  });
  acceptObjects(
    exact,
    store.bucket,
    '*',
    'The bucket holds the artifacts of this pipeline only, and it hands all of them on.',
  );
  return exact.role;
}
