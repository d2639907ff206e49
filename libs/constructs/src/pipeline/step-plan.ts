import {
  type CiStep,
  type Environments,
  deploySteps,
  publishStep,
  synthAppsStep,
  synthPipelineStep,
  synthStep,
  updateStep,
  promotedEnvironments,
  promotedTargets,
} from '@nx-cdk/environments';
import { Duration } from 'aws-cdk-lib';
import {
  ARTIFACTS,
  type StepCommands,
  VARIABLES,
  deployCommands,
  publishCommands,
  synthCommands,
  toolsCommands,
} from './step-commands.ts';
import type { Workspace } from './workspace.ts';
import { shareAmongRoles } from './spread-permission.ts';

/** What is allowed on the roles of the bootstrap stacks. */
export const ASSUME_ROLE = ['sts:AssumeRole'];

/** One action of the pipeline that runs commands; its name is that of its project and its role. */
export interface PlannedStep extends Omit<CiStep, 'commands'> {
  /** Name of the action. */
  readonly id: string;
  readonly commands: StepCommands;
  readonly timeout: Duration;
  /** Names of its input artifacts; it starts in the first. */
  readonly takes: readonly string[];
  /** Name of the artifact that it makes. @default - none */
  readonly makes?: string;
  /** Variables of its shell that later actions get. */
  readonly tells: readonly string[];
}

/** Everything the pipeline runs, in its order. */
export interface StepPlan {
  /** Installs what the later steps run. */
  readonly tools: PlannedStep;
  /** Runs the apps, at the same time. */
  readonly synth: PlannedStep;
  /** Runs the pipeline's own app, where no other can change what it makes. */
  readonly synthPipeline: PlannedStep;
  readonly update: PlannedStep;
  readonly publish: readonly PlannedStep[];
  readonly environments: readonly {
    readonly name: string;
    /** Whether a person is asked before the steps start, all at the same time. */
    readonly approval: boolean;
    readonly steps: readonly PlannedStep[];
  }[];
}

/** The longest that CodeBuild lets an action of CodePipeline run: stacks may take hours. */
const AS_LONG_AS_POSSIBLE = Duration.hours(8);

/**
 * The steps that the environments file asks for. They follow from that file and the workspace's package manager alone,
 * not from assets or stacks: the pipeline stays the same when apps change.
 *
 * @throws PipelineError if a role cannot hold what a step needs
 */
export function planSteps(environments: Environments, workspace: Workspace): StepPlan {
  const { project } = workspace;
  const planned = (step: CiStep, id: string, rest: Pick<PlannedStep, 'commands' | 'takes' | 'makes' | 'tells'>) => ({
    ...step,
    id,
    name: `${environments.pipeline.name}-${step.name}`,
    timeout: step.kind === 'publish' || step.kind === 'deploy' ? AS_LONG_AS_POSSIBLE : Duration.hours(1),
    ...rest,
  });
  const synth = (step: CiStep, id: string, makes: string) =>
    planned(step, id, {
      takes: [ARTIFACTS.source],
      makes,
      tells: VARIABLES.synth,
      commands: synthCommands(step, workspace),
    });
  const publish = (step: CiStep, id: string, assemblies: string = ARTIFACTS.assemblies) =>
    planned(step, id, {
      takes: [ARTIFACTS.workspace, assemblies],
      tells: [],
      commands: publishCommands(step, assemblies),
    });
  const deploy = (step: CiStep) =>
    planned(step, `Deploy-${step.group}`, {
      takes: [ARTIFACTS.workspace],
      tells: [],
      commands: deployCommands(step),
    });
  const shares = shareAmongRoles(
    ASSUME_ROLE,
    promotedTargets(environments),
    (target) => publishStep(environments, [target]).assumes,
  );
  const tools = { ...synthStep(), name: 'tools', description: 'Installs the tools of all later steps.' };
  return {
    tools: planned(tools, 'Tools', {
      ...{
        takes: [ARTIFACTS.source],
        makes: ARTIFACTS.workspace,
        tells: VARIABLES.tools,
        commands: toolsCommands(workspace),
      },
    }),
    synth: synth(synthAppsStep(project), 'Synth', ARTIFACTS.assemblies),
    synthPipeline: synth(synthPipelineStep(project), 'SynthPipeline', ARTIFACTS.pipeline),
    // It publishes what it deploys, so it gets an archive, as Publish does.
    update: publish(updateStep(environments, project), 'UpdatePipeline', ARTIFACTS.pipeline),
    publish: shares.map((targets, index) => {
      if (shares.length === 1) return publish(publishStep(environments), 'Publish');
      const part = `-${index + 1}-of-${shares.length}`;
      const step = publishStep(environments, targets);
      return publish({ ...step, name: `${step.name}${part}` }, `Publish${part}`);
    }),
    environments: promotedEnvironments(environments).map((environment) => ({
      ...environment,
      steps: deploySteps(environments, environment).map(deploy),
    })),
  };
}

/** All steps of a plan, in its order. */
export function allSteps({ tools, synth, synthPipeline, update, publish, environments }: StepPlan): PlannedStep[] {
  return [tools, synth, synthPipeline, update, ...publish, ...environments.flatMap(({ steps }) => steps)];
}
