import type { Environments } from '@libs/environments';
import { ArtifactStore, BuildCache, FailureNotifications, PipelineError } from '@libs/constructs';
import { CfnOutput, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { type CfnPipeline, Pipeline, PipelineType, Variable } from 'aws-cdk-lib/aws-codepipeline';
import { CodePipeline, ManualApprovalStep } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { LookupRoles } from './lookup-roles.ts';
import { pipelineRole } from './pipeline-role.ts';
import { sourceOf } from './source.ts';
import { planSteps } from './step-plan.ts';
import { Steps } from './steps.ts';

/** Stages that a pipeline may have (https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html). */
const MOST_STAGES = 50;

/**
 * The pipeline in the CI account: gets a commit, synthesizes it, deploys itself, publishes, and then deploys one
 * environment after the other. Every step has a role of its own.
 *
 * CDK's `pipelines` engine gets steps only, and no stages of apps: it would make an action for each stack and asset,
 * and read every assembly to do so. Here an action is for a group of targets, and the tool that it runs knows stacks
 * and assets.
 */
export class PipelineStack extends Stack {
  /**
   * @throws PipelineError if the environments file names no source, or what it asks for is more than a pipeline or a
   * role can hold
   */
  constructor(scope: Construct, id: string, environments: Environments) {
    const { ci, qualifier, pipeline: settings } = environments;
    super(scope, id, {
      env: { account: ci.account, region: ci.region },
      stackName: `${settings.name}-pipeline`,
      description: `Pipeline ${settings.name}: its steps, and a role for each of them`,
      synthesizer: new DefaultStackSynthesizer({ qualifier }),
      // With a thousand targets, white space would be a third of the template.
      suppressTemplateIndentation: true,
    });
    const source = sourceOf(this, environments);
    const plan = planSteps(environments);
    const stages = 4 + plan.environments.length;
    if (stages > MOST_STAGES) {
      throw new PipelineError(
        `${environments.file} has ${plan.environments.length} environments, and a pipeline at most ${MOST_STAGES} stages, four of which come before them: make two pipelines.`,
      );
    }

    const store = new ArtifactStore(this, 'Artifacts');
    const cache = new BuildCache(this, 'Cache', store);
    const parts = { environments, plan, source, store, cache };
    const steps = new Steps(this, 'Steps', parts);
    const pipeline = new Pipeline(this, 'Pipeline', {
      pipelineName: settings.name,
      pipelineType: PipelineType.V2,
      role: pipelineRole(this, parts),
      // The engine would make a further role for the actions, with the same permissions.
      usePipelineRoleForActions: true,
      artifactBucket: store.bucket,
      // The same commit then goes through the pipeline that UpdatePipeline made of it.
      restartExecutionOnUpdate: true,
      variables: [
        new Variable({
          variableName: 'VERBOSE',
          defaultValue: 'false',
          description: 'true shows every AWS call of every step, with its role and how long it took',
        }),
      ],
    });

    const synth = steps.add(plan.synth, source.step);
    const engine = new CodePipeline(this, 'Engine', {
      codePipeline: pipeline,
      usePipelineRoleForActions: true,
      synth,
      // The engine's own step would install the CDK CLI from the registry while it holds credentials that deploy, and
      // could assume every role of the account that is tagged as a bootstrap role. Ours runs what Synth handed over and
      // may assume the two or three roles that it needs.
      selfMutation: false,
    });
    engine.addWave('UpdatePipeline', { post: [steps.add(plan.update, synth)] });
    engine.addWave('Publish', { post: plan.publish.map((step) => steps.add(step, synth)) });
    for (const environment of plan.environments) {
      const deploys = environment.steps.map((step) => steps.add(step, synth));
      if (!environment.approval) {
        engine.addWave(environment.name, { post: deploys });
        continue;
      }
      const approve = new ManualApprovalStep('Approve', { comment: `Approve to deploy to ${environment.name}.` });
      for (const deploy of deploys) deploy.addStepDependency(approve);
      engine.addWave(environment.name, { post: [approve, ...deploys] });
    }
    engine.buildPipeline();
    // The engine calls the stage `Build`; the name is used nowhere else in the template.
    (pipeline.node.defaultChild as CfnPipeline).addPropertyOverride('Stages.1.Name', 'Synth');

    new LookupRoles(this, 'Lookups', environments);
    const { topic } = new FailureNotifications(this, 'Failures', settings.name);
    new CfnOutput(this, 'PipelineName', { value: settings.name, description: 'Name of the pipeline' });
    new CfnOutput(this, 'FailureTopicArn', {
      value: topic.topicArn,
      description: 'Topic that says when an execution has failed',
    });
  }
}
