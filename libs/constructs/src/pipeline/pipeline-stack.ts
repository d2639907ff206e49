import type { Environments } from '@nx-cdk/environments';
import { CfnOutput, DefaultStackSynthesizer, Stack, type StackProps } from 'aws-cdk-lib';
import { Pipeline, PipelineType, type StageOptions, Variable } from 'aws-cdk-lib/aws-codepipeline';
import { ManualApprovalAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import type { Construct } from 'constructs';
import { ArtifactStore, BuildCache } from './artifact-store.ts';
import { FailureNotifications } from './failure-notifications.ts';
import { LookupRoles } from './lookup-roles.ts';
import { PipelineError } from './pipeline-error.ts';
import { pipelineRole } from './pipeline-role.ts';
import { sourceOf } from './source.ts';
import { DIGEST, RELEASES, YES_OR_NO, entryIf } from './stage-entry.ts';
import { type PlannedStep, planSteps } from './step-plan.ts';
import { Steps } from './steps.ts';
import { type WorkspaceProps, readWorkspace } from './workspace.ts';

/** Props of {@link PipelineStack}. */
export interface PipelineStackProps
  extends WorkspaceProps, Pick<StackProps, 'permissionsBoundary' | 'tags' | 'terminationProtection'> {
  /** What `readEnvironments` of `@nx-cdk/environments` has read: account, source, environments in promotion order. */
  readonly environments: Environments;
}

/** Stages that a pipeline may have (https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html). */
const MOST_STAGES = 50;

/** The releases that a step made, `infra=<digest>,quotes=<digest>`: `--release` of all later ones. */
const releasesOf = (synth: PlannedStep) => `#{${synth.id}.RELEASES}`;

/** What a later step knows of those that came before it: of Tools, and of the one that made its assemblies. */
const told = ({ takes }: PlannedStep, synth: PlannedStep) => ({
  RELEASES: releasesOf(synth),
  ...(takes.includes(synth.makes!) && { ASSEMBLIES: `#{${synth.id}.ASSEMBLIES}` }),
  WORKSPACE: '#{Tools.WORKSPACE}',
});

/**
 * What a person reads who approves: the very variable that the steps take as `--release`, so that nobody can show
 * another one. CodePipeline takes 1000 characters before it fills in variables, and 100 KB for the action afterwards
 * (https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html).
 */
const question = (what: string, synth: PlannedStep) =>
  `${what} Only these releases can be deployed then; nx shows the first 12 digits of each: ${releasesOf(synth)}`;

const UPDATE = 'Approve to update the pipeline and the roles of its steps.';

/**
 * The pipeline in the CI account: gets a commit, synthesizes it, deploys itself, publishes, and then deploys one
 * environment after the other. Every step has a role of its own.
 *
 * An action is for a group of targets, and the tool that it runs knows stacks and assets; CDK's `pipelines` would make
 * an action for each of them. What is run where a role is comes from Tools, which runs no code of an app. What Synth
 * makes is data, and named by digests. The pipeline itself is synthesized where no other app runs, since it says what
 * all steps run.
 */
export class PipelineStack extends Stack {
  /**
   * @throws PipelineError if the environments file names no source, or what it asks for is more than a pipeline or a
   * role can hold; PackageManagerError if the commit does not say which package manager the steps run
   */
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    const { environments } = props;
    const { ci, qualifier, pipeline: settings } = environments;
    super(scope, id, {
      ...props,
      env: { account: ci.account, region: ci.region },
      stackName: `${settings.name}-pipeline`,
      description: `Pipeline ${settings.name}: its steps, and a role for each of them`,
      synthesizer: new DefaultStackSynthesizer({ qualifier }),
      // With a thousand targets, white space would be a third of the template.
      suppressTemplateIndentation: true,
    });
    const source = sourceOf(this, environments);
    const workspace = readWorkspace(props);
    const plan = planSteps(environments, workspace);
    const stages = 4 + plan.environments.length;
    if (stages > MOST_STAGES) {
      throw new PipelineError(
        `${environments.file} has ${plan.environments.length} environments, and a pipeline at most ${MOST_STAGES} stages, four of which come before them: make two pipelines.`,
      );
    }

    const store = new ArtifactStore(this, 'Artifacts', settings.name);
    const cache = settings.cache ? new BuildCache(this, 'Cache', store) : undefined;
    const parts = { environments, workspace, plan, source, store, ...(cache && { cache }) };
    const steps = new Steps(this, 'Steps', parts);
    /** A stage of steps that run at the same time, after a person was asked if there is a question. */
    const stage = (
      stageName: string,
      later: readonly PlannedStep[],
      asked?: string,
      synth = plan.synth,
    ): StageOptions => ({
      stageName,
      actions: [
        ...(asked ? [approve(question(asked, synth))] : []),
        ...later.map((step) => steps.action(step, told(step, synth), asked ? 2 : 1)),
      ],
    });
    new Pipeline(this, 'Pipeline', {
      pipelineName: settings.name,
      pipelineType: PipelineType.V2,
      role: pipelineRole(this, parts),
      // CDK would make a further role for the actions, with the same permissions.
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
      stages: [
        { stageName: 'Source', actions: [source.action] },
        {
          stageName: 'Synth',
          beforeEntry: entryIf({ 'variables.VERBOSE': YES_OR_NO }),
          actions: [plan.synth, plan.synthPipeline, plan.tools].map((step) => steps.action(step)),
        },
        {
          ...stage('UpdatePipeline', [plan.update], settings.approveUpdates ? UPDATE : undefined, plan.synthPipeline),
          beforeEntry: entryIf({
            'Synth.RELEASES': RELEASES,
            'Synth.ASSEMBLIES': DIGEST,
            'SynthPipeline.RELEASES': RELEASES,
            'SynthPipeline.ASSEMBLIES': DIGEST,
          }),
        },
        stage('Publish', plan.publish),
        ...plan.environments.map(({ name, approval, steps: deploys }) =>
          stage(name, deploys, approval ? `Approve to deploy to ${name}.` : undefined),
        ),
      ],
    });

    new LookupRoles(this, 'Lookups', environments);
    const { topic } = new FailureNotifications(this, 'Failures', settings.name);
    new CfnOutput(this, 'PipelineName', { value: settings.name, description: 'Name of the pipeline' });
    new CfnOutput(this, 'FailureTopicArn', {
      value: topic.topicArn,
      description: 'Topic that says when an execution has failed',
    });
  }
}

function approve(additionalInformation: string): ManualApprovalAction {
  return new ManualApprovalAction({ actionName: 'Approve', additionalInformation });
}
