import {
  type BootstrapRole,
  type Environments,
  type Target,
  bootstrapRoleArn,
  deployGroups,
  recordParameterName,
} from '@libs/environments';
import { shareAmongRoles } from '@libs/constructs';
import { Duration } from 'aws-cdk-lib';
import {
  type StepCommands,
  deployCommands,
  publishCommands,
  publishSomeCommands,
  synthCommands,
  updateCommands,
} from './step-commands.ts';

/** What is allowed on the roles of the bootstrap stacks. */
export const ASSUME_ROLE = ['sts:AssumeRole'];

/** One action of the pipeline that runs commands. */
export interface PlannedStep {
  /** Name of the action. */
  readonly id: string;
  /** Name of its project and its role. */
  readonly name: string;
  /** What the role is for, in a sentence. */
  readonly description: string;
  readonly commands: StepCommands;
  /** ARNs of the roles it may take. */
  readonly assumes: readonly string[];
  /** What it may do with the key that signs releases. */
  readonly signing?: 'kms:Sign' | 'kms:Verify';
  /** Name of the SSM parameter it keeps its deployment record in. */
  readonly record?: string;
  /** Whether it builds container images, which needs a privileged container. */
  readonly privileged: boolean;
  readonly timeout: Duration;
}

/** An environment's stage: what is asked first, and what is done then, all at the same time. */
export interface PlannedEnvironment {
  readonly name: string;
  readonly approval: boolean;
  readonly steps: readonly PlannedStep[];
}

/** Everything the pipeline runs, in its order. */
export interface StepPlan {
  readonly synth: PlannedStep;
  readonly update: PlannedStep;
  readonly publish: readonly PlannedStep[];
  readonly environments: readonly PlannedEnvironment[];
}

/** The longest that CodeBuild lets an action of CodePipeline run: stacks may take hours. */
const AS_LONG_AS_POSSIBLE = Duration.hours(8);

/**
 * The steps that the environments file asks for. What they are and may do follows from the file alone, never from
 * assets or stacks: the pipeline stays the same whatever the apps beside it become.
 *
 * @throws PipelineError if a role cannot hold what a step needs
 */
export function planSteps(environments: Environments): StepPlan {
  const { ci, pipeline, qualifier, signing } = environments;
  const step = (suffix: string, more: Omit<PlannedStep, 'name' | 'privileged' | 'timeout' | 'assumes'> & Optional) => ({
    name: `${pipeline.name}-${suffix}`,
    assumes: [],
    privileged: false,
    timeout: Duration.hours(1),
    ...more,
  });
  const publishing: BootstrapRole[] = pipeline.images ? ['file-publishing', 'image-publishing'] : ['file-publishing'];
  const arns = (roles: readonly BootstrapRole[], targets: readonly Target[]) =>
    targets.flatMap((target) => roles.map((role) => bootstrapRoleArn(role, target, qualifier)));

  const shares = shareAmongRoles(ASSUME_ROLE, allTargets(environments), (target) => arns(publishing, [target]));
  const publish = shares.map((targets, index) => {
    const part = shares.length === 1 ? '' : `-${index + 1}-of-${shares.length}`;
    return step(`publish${part}`, {
      id: `Publish${part}`,
      description: 'Uploads templates and assets; deploys nothing.',
      commands:
        part === ''
          ? publishCommands(environments.environments)
          : publishSomeCommands(environments.environments, targets),
      assumes: arns(publishing, targets),
      ...(signing === undefined ? {} : { signing: 'kms:Sign' as const }),
      privileged: pipeline.images,
      timeout: AS_LONG_AS_POSSIBLE,
    });
  });

  return {
    synth: step('synth', {
      id: 'Synth',
      description: 'Installs and synthesizes; may take no other role.',
      commands: synthCommands(),
    }),
    update: step('update', {
      id: 'UpdatePipeline',
      description: 'Deploys the pipeline itself, in the CI account and nowhere else.',
      commands: updateCommands(),
      assumes: arns(['deploy', ...publishing], [ci]),
    }),
    publish,
    environments: environments.environments.map((environment) => ({
      name: environment.name,
      approval: environment.approval,
      steps: deployGroups(environments, environment).map((group, _, all) =>
        step(`deploy-${environment.name}-${group.name}`, {
          id: `Deploy-${group.name}`,
          description: `Deploys to ${environment.name} ${group.name}; publishes nothing.`,
          commands: deployCommands(environment.name, group, all.length === 1),
          assumes: arns(['deploy'], group.targets),
          ...(signing === undefined ? {} : { signing: 'kms:Verify' as const }),
          record: recordParameterName(environments, environment.name, group.name),
          timeout: AS_LONG_AS_POSSIBLE,
        }),
      ),
    })),
  };
}

type Optional = Partial<Pick<PlannedStep, 'privileged' | 'timeout' | 'assumes'>>;

/** All steps of a plan, in its order. */
export function allSteps({ synth, update, publish, environments }: StepPlan): PlannedStep[] {
  return [synth, update, ...publish, ...environments.flatMap(({ steps }) => steps)];
}

/** Every account and region once: two environments may share one. */
export function allTargets({ environments }: Environments): Target[] {
  const targets = environments.flatMap((environment) => environment.targets);
  return [...new Map(targets.map((target) => [`${target.account}/${target.region}`, target])).values()];
}
