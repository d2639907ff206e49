import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import type { AppFacts } from './app.ts';
import { metadataOf } from './metadata.ts';
import type { NormalizedPluginOptions } from './plugin-options.ts';
import { synthTarget } from './synth-target.ts';

/** A step of shipping an app, with the executor of the same name. */
interface Step {
  readonly executor: 'bootstrap' | 'deploy' | 'destroy' | 'diff' | 'plan' | 'publish' | 'rollback';
  /** The step that has to be done before. @default none */
  readonly after?: 'publish' | 'synth';
  readonly description: string;
  /** What it is for one environment alone. @default - there is no target for one environment */
  readonly ofEnvironment?: (name: string) => string;
  /** Options that somebody may want to give, for the help. */
  readonly example: Readonly<Record<string, unknown>>;
}

const STEPS: readonly Step[] = [
  {
    executor: 'publish',
    after: 'synth',
    description: 'Upload what the stacks need; assumes only publishing roles',
    ofEnvironment: (name) => `Upload what the stacks of ${name} need`,
    example: { dryRun: true },
  },
  {
    executor: 'deploy',
    after: 'publish',
    description: 'Create and update the stacks; assumes only deploy roles',
    ofEnvironment: (name) => `Create and update the stacks of ${name}`,
    example: { stacks: '*/Data*', outputsFile: 'outputs.json' },
  },
  {
    executor: 'plan',
    after: 'publish',
    description: 'Write down what a deployment would change, for review; assumes only deploy roles',
    ofEnvironment: (name) => `Write down what a deployment to ${name} would change, for review`,
    example: { markdown: 'plan.md' },
  },
  {
    executor: 'diff',
    after: 'synth',
    description: 'Show what a deployment would change',
    ofEnvironment: (name) => `Show what a deployment to ${name} would change`,
    example: { failOnChange: true },
  },
  {
    executor: 'destroy',
    after: 'synth',
    description: 'Delete the stacks, after asking',
    ofEnvironment: (name) => `Delete the stacks of ${name}, after asking`,
    example: { dryRun: true },
  },
  {
    executor: 'rollback',
    after: 'synth',
    description: 'Roll stuck stacks back to their last good state',
    example: { stacks: '*/Data*' },
  },
  {
    executor: 'bootstrap',
    description: 'Bootstrap every account and region, with trust for the CI account',
    ofEnvironment: (name) => `Bootstrap the accounts and regions of ${name}`,
    example: { dryRun: true },
  },
];

/** The Nx targets of one CDK app, and the groups in which Nx shows them: one for the app, one for each environment. */
export function inferTargets(
  app: AppFacts,
  options: NormalizedPluginOptions,
): Pick<ProjectConfiguration, 'targets' | 'metadata'> {
  const nameOf = (executor: Step['executor'] | 'lookups' | 'released' | 'synth') => options[`${executor}TargetName`];
  /** Never cached: a cache hit would claim something of an account that nobody looked at. */
  const target = (
    name: string,
    executor: string,
    dependsOn: string[],
    settings: object,
    ...[description, example]: [string, Step['example']]
  ): [string, TargetConfiguration] => [
    name,
    {
      executor: `nx-cdk:${executor}`,
      cache: false,
      dependsOn,
      options: settings,
      configurations: structuredClone(options.configurations) as Record<string, object>,
      metadata: metadataOf(app.name, name, 'aws-cdk', description, example),
    },
  ];
  const { environmentsFile, pipelineFile } = app;
  const settings = {
    ...(app.cdkJson.output === undefined ? {} : { assembly: app.cdkJson.output }),
    ...(environmentsFile === undefined ? {} : { environmentsFile }),
  };
  /** The target of a step, for one environment or for all of them. */
  const step = ({ executor, after, description, ofEnvironment, example }: Step, environment?: string) => {
    const suffix = environment === undefined ? '' : `-${environment}`;
    // One environment does not wait for the upload of another; the assembly is one for all.
    const before = after === 'publish' ? [`${nameOf(after)}${suffix}`] : after === undefined ? [] : [nameOf(after)];
    // Without an environments file only the assembly says which accounts there are.
    const dependsOn = executor === 'bootstrap' && environmentsFile === undefined ? [nameOf('synth')] : before;
    const told = environment === undefined ? description : ofEnvironment!(environment);
    const only = environment === undefined ? {} : { environment };
    return target(`${nameOf(executor)}${suffix}`, executor, dependsOn, { ...only, ...settings }, told, example);
  };
  const lookups = 'Look up what the app asks for, and keep it in cdk.context.json; assumes only lookup roles';
  const released = 'Show what was deployed to each deploy group; only reads';
  const common = [
    [nameOf('synth'), synthTarget(app, nameOf('synth'))] as const,
    ...STEPS.map((one) => step(one)),
    target(nameOf('lookups'), 'lookups', ['^build'], {}, lookups, { refresh: true }),
    ...(pipelineFile === undefined
      ? []
      : [target(nameOf('released'), 'released', [], { environmentsFile: pipelineFile }, released, { json: true })]),
  ];
  const environments = app.environments.map((environment) => ({
    environment,
    targets: STEPS.filter(({ ofEnvironment }) => ofEnvironment).map((one) => step(one, environment)),
  }));
  const namesOf = (targets: readonly (readonly [string, unknown])[]) => targets.map(([name]) => name);
  return {
    targets: Object.fromEntries([...common, ...environments.flatMap(({ targets }) => targets)]),
    metadata: {
      targetGroups: {
        CDK: namesOf(common),
        ...Object.fromEntries(environments.map(({ environment, targets }) => [environment, namesOf(targets)])),
      },
    },
  };
}
