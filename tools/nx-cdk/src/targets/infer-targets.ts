import type { TargetConfiguration } from '@nx/devkit';
import type { CdkJson } from '../synth/index.ts';
import type { NormalizedPluginOptions } from './plugin-options.ts';
import { synthTarget } from './synth-target.ts';

/** What the targets of an app depend on. */
export interface AppFacts {
  /** Folder of the app, relative to the workspace root. */
  readonly root: string;
  readonly cdkJson: CdkJson;
  /** Names of the environments in promotion order, read from `environmentsFile`. */
  readonly environments: readonly string[];
  /** The environments file, relative to the workspace root; absent for an app without environments. */
  readonly environmentsFile: string | undefined;
  /**
   * The environments file of the pipeline that the app makes, relative to the workspace root; absent for an app that
   * makes none.
   */
  readonly pipelineFile: string | undefined;
  /** Whether the plugin's own sources are a project of the workspace. */
  readonly ownSources: boolean;
  readonly namedInputs: Readonly<Record<string, unknown>>;
  readonly options: NormalizedPluginOptions;
}

/** The targets of one CDK app. */
export function inferTargets(app: AppFacts): Record<string, TargetConfiguration> {
  const { options } = app;
  const synth = options.synthTargetName;
  const publish = options.publishTargetName;
  const targets: Record<string, TargetConfiguration> = {
    [synth]: synthTarget(app),
    [publish]: awsTarget(app, 'publish', [synth], 'Upload what the stacks need; assumes only publishing roles'),
    [options.deployTargetName]: awsTarget(
      app,
      'deploy',
      [publish],
      'Create and update the stacks; assumes only deploy roles',
    ),
    [options.planTargetName]: awsTarget(
      app,
      'plan',
      [publish],
      'Write down what a deployment would change, for review; assumes only deploy roles',
    ),
    [options.diffTargetName]: awsTarget(app, 'diff', [synth], 'Show what a deployment would change'),
    [options.destroyTargetName]: awsTarget(app, 'destroy', [synth], 'Delete the stacks, after asking'),
    [options.rollbackTargetName]: awsTarget(
      app,
      'rollback',
      [synth],
      'Roll stuck stacks back to their last good state',
    ),
    [options.bootstrapTargetName]: awsTarget(
      app,
      'bootstrap',
      app.environmentsFile === undefined ? [synth] : [],
      'Bootstrap every account and region, with trust for the CI account',
    ),
    [options.lookupsTargetName]: targetWith(
      app,
      'lookups',
      ['^build'],
      'Look up what the app asks for, and keep it in cdk.context.json; assumes only lookup roles',
      {},
    ),
    ...pipelineTargets(app),
  };
  for (const name of app.environments) {
    const only = { environment: name };
    const publishOne = `${publish}-${name}`;
    targets[publishOne] = awsTarget(app, 'publish', [synth], `Upload what the stacks of ${name} need`, only);
    targets[`${options.deployTargetName}-${name}`] = awsTarget(
      app,
      'deploy',
      [publishOne],
      `Create and update the stacks of ${name}`,
      only,
    );
    targets[`${options.planTargetName}-${name}`] = awsTarget(
      app,
      'plan',
      [publishOne],
      `Write down what a deployment to ${name} would change, for review`,
      only,
    );
    targets[`${options.diffTargetName}-${name}`] = awsTarget(
      app,
      'diff',
      [synth],
      `Show what a deployment to ${name} would change`,
      only,
    );
    targets[`${options.destroyTargetName}-${name}`] = awsTarget(
      app,
      'destroy',
      [synth],
      `Delete the stacks of ${name}, after asking`,
      only,
    );
    targets[`${options.bootstrapTargetName}-${name}`] = awsTarget(
      app,
      'bootstrap',
      [],
      `Bootstrap the accounts and regions of ${name}`,
      only,
    );
  }
  return targets;
}

/** What an app that makes a pipeline gets besides. */
function pipelineTargets(app: AppFacts): Record<string, TargetConfiguration> {
  if (app.pipelineFile === undefined) return {};
  const description = 'Show what was deployed to each deploy group; only reads';
  const options = { environmentsFile: app.pipelineFile };
  return { [app.options.releasedTargetName]: targetWith(app, 'released', [], description, options) };
}

/** A target that works with an assembly of the app. */
function awsTarget(
  app: AppFacts,
  executor: string,
  dependsOn: readonly string[],
  description: string,
  options: Record<string, unknown> = {},
): TargetConfiguration {
  return targetWith(app, executor, dependsOn, description, {
    ...options,
    ...(app.cdkJson.output === undefined ? {} : { assembly: app.cdkJson.output }),
    ...(app.environmentsFile === undefined ? {} : { environmentsFile: app.environmentsFile }),
  });
}

/** A target that talks to AWS. Never cached: a cache hit would claim something of an account that nobody looked at. */
function targetWith(
  app: AppFacts,
  executor: string,
  dependsOn: readonly string[],
  description: string,
  options: Record<string, unknown>,
): TargetConfiguration {
  return {
    executor: `nx-cdk:${executor}`,
    cache: false,
    dependsOn: [...dependsOn],
    options,
    configurations: Object.fromEntries(
      Object.entries(app.options.configurations).map(([name, settings]) => [name, { ...settings }]),
    ),
    metadata: { technologies: ['aws-cdk'], description },
  };
}
