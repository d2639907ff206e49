import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import type { AppFacts } from './app.ts';
import type { HandlerOptions } from './handlers/handler.ts';
import { metadataOf } from './metadata.ts';
import { BUILDS, instanceSynthTarget, synthTarget } from './synth-target.ts';

/** Options of the plugin, in `nx.json`. */
export interface CdkPluginOptions extends HandlerOptions, TargetNames {
  /**
   * The environments file of the workspace, relative to its root. What it says of signing holds for all apps.
   * @default - `environments.json` if it is there
   */
  readonly environmentsFile?: string;
  /**
   * Configurations that every target that talks to AWS gets, with the options each of them sets. Nx loads
   * `.env.<configuration>` before the task starts, so a configuration can stand for another endpoint or other
   * credentials without any option at all.
   * @default {}
   */
  readonly configurations?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /**
   * Names of environment variables that all apps get besides those that tools need, with `*` for anything. They are
   * inputs of the cache. An app can name its own, in the list `nx-cdk:passEnvironment` of the context in its
   * `cdk.json`.
   * @default - none
   */
  readonly passEnvironment?: readonly string[];
  /**
   * Programs that a synthesis may start and still be kept in the cache, such as `esbuild`: what they read cannot be
   * followed, so it has to be among the inputs of the synth target.
   * @default - none: a synthesis that starts a program other than Node or the compiler of TypeScript is done again
   * each time
   */
  readonly coveredPrograms?: readonly string[];
  /**
   * What assets may ask `publish` for besides their own files: `executables`, `build-contexts`, `build-secrets`,
   * `build-ssh`, `build-outputs`, `build-network`, `build-cache`. See docs/images.md.
   * @default []
   */
  readonly allow?: readonly string[];
}

type AppExecutor =
  | Step['executor']
  | 'cdk'
  | 'dev'
  | 'lookups'
  | 'reap'
  | 'released'
  | 'releases'
  | 'reports'
  | 'sandboxes'
  | 'synth'
  | 'validate';

/** What the Nx targets are called, such as `deployTargetName`. @default - as their executors, such as `deploy` */
type TargetNames = { readonly [Name in `${AppExecutor}TargetName`]?: string };

/** What Nx shows of a target. */
interface Shown {
  readonly description: string;
  /** Options that somebody may want to give, for the help. */
  readonly example: Readonly<Record<string, unknown>>;
}

/** A step of shipping an app, with the executor of the same name. */
interface Step extends Shown {
  readonly executor:
    | 'bootstrap'
    | 'deploy'
    | 'destroy'
    | 'diff'
    | 'drift'
    | 'gc'
    | 'import-resources'
    | 'plan'
    | 'publish'
    | 'refactor'
    | 'rollback';
  /** The step that has to be done before. @default none */
  readonly after?: 'publish' | 'synth';
  /** Whether only apps with an environments file have it. @default false */
  readonly ofEnvironments?: true;
  /** Its description for one environment alone. @default - there is no target for one environment */
  readonly ofEnvironment?: (name: string) => string;
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
    executor: 'drift',
    after: 'synth',
    description: 'Show what was changed past CloudFormation; assumes only lookup roles',
    ofEnvironment: (name) => `Show what of ${name} was changed past CloudFormation`,
    example: { failOnDrift: true },
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
    ofEnvironment: (name) => `Roll stuck stacks of ${name} back to their last good state`,
    example: { stacks: '*/Data*' },
  },
  {
    executor: 'refactor',
    after: 'synth',
    description: 'Move resources that have another name or stack in the app, without replacing them, after asking',
    ofEnvironment: (name) => `Move resources of ${name} that have another name or stack in the app, after asking`,
    example: { dryRun: true },
  },
  {
    executor: 'gc',
    ofEnvironments: true,
    description: 'Delete published files and images that nothing needs, after asking',
    ofEnvironment: (name) => `Delete published files and images that nothing needs from the accounts of ${name}`,
    example: { dryRun: true },
  },
  {
    // Not `import`: that is a command of Nx itself, which would clone a repository called as the app.
    executor: 'import-resources',
    after: 'synth',
    description: 'Take resources that are there into a stack, after asking',
    example: { stacks: 'staging/Data', resourceMapping: 'resources.json' },
  },
  {
    executor: 'bootstrap',
    description: 'Bootstrap every account and region, with trust for the CI account',
    ofEnvironment: (name) => `Bootstrap the accounts and regions of ${name}`,
    example: { dryRun: true },
  },
];

const DEV: Shown = {
  description: 'Bring each edit to one environment for development; assumes publishing, deploy and hotswap roles',
  example: { logs: false },
};

const LOOKUPS: Shown = {
  description: 'Look up what the app asks for, and keep it in cdk.context.json; assumes only lookup roles',
  example: { refresh: true },
};

const RELEASED: Shown = {
  description: 'Show what was deployed to each deploy group; only reads',
  example: { json: true },
};

const RELEASES: Shown = {
  // Beside `nx release`, a command of Nx itself, and `released`: somebody may take the one for the other.
  description: 'List what was released when, and where it runs; only reads (not "nx release", which is of Nx itself)',
  example: { limit: 50 },
};

const VALIDATE: Shown = {
  description: 'Show what plugins, constructs and rules find in the assembly; asks no AWS',
  example: { failOnWarnings: true },
};

const SANDBOXES: Shown = {
  description: 'List the instances of environments that exist many times; only reads',
  example: { json: true },
};

const REAP: Shown = {
  description: 'Delete the instances that have expired, after asking; assumes only deploy roles',
  example: { dryRun: true },
};

// Not `report`: that is a command of Nx itself.
const REPORTS: Shown = {
  description: 'List the recorded runs, open their pages, draw the architecture; asks no AWS',
  example: { open: true },
};

const CDK: Shown = {
  description: 'Run a command of the CDK CLI on the assembly: nx cdk <project> -- <command>',
  example: { allow: 'build-network' },
};

/** The Nx targets of one CDK app, and the groups in which Nx shows them: one for the app, one for each environment. */
export function inferTargets(
  app: AppFacts,
  options: CdkPluginOptions = {},
): Pick<ProjectConfiguration, 'targets' | 'metadata'> {
  const { environmentsFile, pipelineFile } = app;
  const nameOf = (executor: AppExecutor) => options[`${executor}TargetName`] ?? executor;
  /** Never cached: a cache hit would claim something of an account that nobody looked at. */
  const target = (
    executor: AppExecutor,
    { description, example }: Shown,
    dependsOn: NonNullable<TargetConfiguration['dependsOn']>,
    settings: object,
    suffix = '',
  ): [string, TargetConfiguration] => {
    const name = `${nameOf(executor)}${suffix}`;
    const configurations = structuredClone(options.configurations ?? {}) as Record<string, object>;
    const metadata = metadataOf(app.name, name, 'aws-cdk', description, example);
    return [
      name,
      { executor: `nx-cdk:${executor}`, cache: false, dependsOn, options: settings, configurations, metadata },
    ];
  };
  const settings = {
    ...(app.cdkJson.output !== undefined && { assembly: app.cdkJson.output }),
    ...(environmentsFile !== undefined && { environmentsFile }),
  };
  /** The instance that is meant if nobody names one. */
  const meant = app.defaultInstance === undefined ? {} : { instance: app.defaultInstance };
  const ownInstance = app.defaultInstance === undefined ? {} : { defaultInstance: app.defaultInstance };
  const { passEnvironment, coveredPrograms, allow: words } = options;
  const allowed = words === undefined ? {} : { allow: words };
  const passed = passEnvironment === undefined ? {} : { passEnvironment };
  const covered = coveredPrograms === undefined ? {} : { coveredPrograms };
  /** The target of a step, for one environment or for all of them. */
  const step = (one: Step, { name: environment, instances }: Partial<AppFacts['environments'][number]> = {}) => {
    const suffix = environment === undefined ? '' : `-${environment}`;
    // Without an environments file only the assembly says which accounts there are.
    const after = one.executor === 'bootstrap' && environmentsFile === undefined ? 'synth' : one.after;
    // One environment does not wait for the upload of another; the assembly is one for all.
    const isInstance = instances === true && after !== undefined;
    const before = after && `${nameOf(after)}${after === 'publish' || isInstance ? suffix : ''}`;
    const shown = environment === undefined ? one : { ...one, description: one.ofEnvironment!(environment) };
    const allow = one.executor === 'publish' && allowed;
    const { requireApproval } = app.cdkJson;
    const approval = one.executor === 'deploy' && requireApproval !== undefined && { requireApproval };
    // What was published is the same whatever the assembly says.
    const general = one.executor === 'gc' ? { environmentsFile } : settings;
    const common = isInstance ? { environmentsFile, ...meant } : general;
    const own = { ...(environment !== undefined && { environment }), ...common, ...allow, ...approval };
    // Whose stacks are deleted is known without the app, which may have others by now.
    if (before === undefined || (isInstance && one.executor === 'destroy'))
      return target(one.executor, shown, [], own, suffix);
    const dependency = isInstance ? { target: before, params: 'forward' as const } : before;
    return target(one.executor, shown, [dependency], own, suffix);
  };
  /** The Nx targets of an environment; one with instances is synthesized on its own. */
  const targetsOf = (environment: AppFacts['environments'][number]) => {
    const steps = STEPS.filter(({ ofEnvironment }) => ofEnvironment !== undefined).map((one) => step(one, environment));
    if (!environment.instances) return steps;
    const name = `${nameOf('synth')}-${environment.name}`;
    const about = { environment: environment.name, environmentsFile, ...meant, ...passed, ...covered };
    return [[name, instanceSynthTarget(app, name, about)] as const, ...steps];
  };
  const hasInstances = app.environments.some(({ instances }) => instances);
  const common = [
    [nameOf('synth'), synthTarget(app, nameOf('synth'), { ...passed, ...covered })] as const,
    ...STEPS.filter((one) => one.ofEnvironments !== true || environmentsFile !== undefined).map((one) => step(one)),
    target('lookups', LOOKUPS, BUILDS, passed),
    // Not cached either: what is found depends on rules and a program that are no inputs of the assembly.
    target('validate', VALIDATE, [nameOf('synth')], settings),
    target('cdk', CDK, [nameOf('synth')], { ...settings, ...allowed }),
    target('reports', REPORTS, [], settings),
    // Which environments are for development is said in the file.
    ...(environmentsFile === undefined
      ? []
      : [
          target('dev', DEV, [], { environmentsFile, ...ownInstance, ...allowed }),
          target('releases', RELEASES, [], { environmentsFile }),
        ]),
    ...(hasInstances
      ? [target('sandboxes', SANDBOXES, [], { environmentsFile }), target('reap', REAP, [], { environmentsFile })]
      : []),
    ...(pipelineFile === undefined ? [] : [target('released', RELEASED, [], { environmentsFile: pipelineFile })]),
  ];
  const groups = [
    { group: 'CDK', targets: common },
    ...app.environments.map((environment) => ({ group: environment.name, targets: targetsOf(environment) })),
  ];
  const targetGroups = groups.map(({ group, targets }) => [group, targets.map(([name]) => name)] as const);
  return {
    targets: Object.fromEntries(groups.flatMap(({ targets }) => targets)),
    metadata: { targetGroups: Object.fromEntries(targetGroups) },
  };
}
