import type { Environments } from '@libs/environments';
import { ArtifactStore, BuildCache, FailureNotifications, PipelineError } from '@libs/constructs';
import { CfnOutput, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { BuildSpec, ComputeType, LinuxBuildImage } from 'aws-cdk-lib/aws-codebuild';
import { type CfnPipeline, Pipeline, PipelineType, Variable } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildStep, CodePipeline, type IFileSetProducer, ManualApprovalStep } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { LookupRoles } from './lookup-roles.ts';
import { pipelineRole } from './pipeline-role.ts';
import { sourceOf } from './source.ts';
import { CACHED_PATHS, HANDOVER } from './step-commands.ts';
import { type PlannedEnvironment, type PlannedStep, planSteps } from './step-plan.ts';
import { StepRoles } from './step-roles.ts';

/** Stages that a pipeline may have (https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html). */
const MOST_STAGES = 50;

/**
 * The pipeline in the CI account: gets a commit, synthesizes it, deploys itself, publishes, and then deploys one
 * environment after the other. Every step has a role of its own.
 *
 * It is built with CDK's `pipelines` engine, which is given steps only, and no stages of apps: the engine would make an
 * action a stack and an asset, and look into every assembly to do so. Here an action is a group of targets, and which
 * stacks and assets there are is the business of the tool that the step runs.
 */
export class PipelineStack extends Stack {
  readonly #roles: StepRoles;
  readonly #cache: BuildCache;

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
    this.#cache = new BuildCache(this, 'Cache', { store });
    this.#roles = new StepRoles(this, 'Steps', {
      environments,
      plan,
      store,
      cache: this.#cache,
      sourceStatements: source.synthStatements,
    });
    const pipeline = new Pipeline(this, 'Pipeline', {
      pipelineName: settings.name,
      pipelineType: PipelineType.V2,
      role: pipelineRole(this, { environments, plan, store, sourceStatements: source.pipelineStatements }),
      // The engine would make a role for the actions that the pipeline's role takes, with the same permissions and
      // nothing gained.
      usePipelineRoleForActions: true,
      artifactBucket: store.bucket,
      // What UpdatePipeline changed is what the same commit then goes through.
      restartExecutionOnUpdate: true,
      variables: [
        new Variable({
          variableName: 'VERBOSE',
          defaultValue: 'false',
          description: 'true shows every AWS call of every step, with its role and how long it took',
        }),
      ],
    });

    const synth = this.#step(plan.synth, source.step);
    const engine = new CodePipeline(this, 'Engine', {
      codePipeline: pipeline,
      usePipelineRoleForActions: true,
      synth,
      // The engine's own step would install the CDK CLI from the registry while it holds credentials that deploy, and
      // may take every role of the account that is tagged as a bootstrap role. Ours runs what Synth handed over, and
      // may take the two or three roles that it needs.
      selfMutation: false,
    });
    engine.addWave('UpdatePipeline', { post: [this.#step(plan.update, synth)] });
    engine.addWave('Publish', { post: plan.publish.map((step) => this.#step(step, synth)) });
    for (const environment of plan.environments) this.#environment(engine, environment, synth);
    engine.buildPipeline();
    // The engine calls the stage `Build` and leaves no choice; the name is one in the template and nowhere else.
    (pipeline.node.defaultChild as CfnPipeline).addPropertyOverride('Stages.1.Name', 'Synth');

    new LookupRoles(this, 'Lookups', environments);
    const { topic } = new FailureNotifications(this, 'Failures', { pipelineName: settings.name });
    new CfnOutput(this, 'PipelineName', { value: settings.name, description: 'Name of the pipeline' });
    new CfnOutput(this, 'FailureTopicArn', {
      value: topic.topicArn,
      description: 'Topic that says when an execution has failed',
    });
  }

  #environment(engine: CodePipeline, { name, approval, steps }: PlannedEnvironment, synth: CodeBuildStep): void {
    const deploys = steps.map((step) => this.#step(step, synth));
    if (!approval) {
      engine.addWave(name, { post: deploys });
      return;
    }
    const approve = new ManualApprovalStep('Approve', { comment: `Approve to deploy to ${name}.` });
    for (const deploy of deploys) deploy.addStepDependency(approve);
    engine.addWave(name, { post: [approve, ...deploys] });
  }

  #step(step: PlannedStep, input: IFileSetProducer): CodeBuildStep {
    const { role, logGroup } = this.#roles.of(step);
    const synth = step.id === 'Synth';
    return new CodeBuildStep(step.id, {
      projectName: step.name,
      role,
      input,
      installCommands: [...step.commands.install],
      commands: [...step.commands.build],
      ...(synth ? { primaryOutputDirectory: HANDOVER, cache: this.#cache.cache, partialBuildSpec: SYNTH_ONLY } : {}),
      buildEnvironment: {
        buildImage: LinuxBuildImage.AMAZON_LINUX_2023_5,
        computeType: ComputeType.SMALL,
        privileged: step.privileged,
      },
      env: {
        CI: 'true',
        NX_CDK_VERBOSE: '#{variables.VERBOSE}',
        NX_VERBOSE_LOGGING: '#{variables.VERBOSE}',
      },
      logging: { cloudWatch: { logGroup } },
      timeout: step.timeout,
    });
  }
}

/** Any Node that npm runs on will do until the workspace's own is installed. */
const SYNTH_ONLY = BuildSpec.fromObject({
  phases: { install: { 'runtime-versions': { nodejs: '22' } } },
  cache: { paths: CACHED_PATHS },
});
