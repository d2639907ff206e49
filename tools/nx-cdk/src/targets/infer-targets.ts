import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import type { AppFacts } from './app.ts';
import type { HandlerOptions } from './handlers/handler.ts';
import { metadataOf } from './metadata.ts';
import { type AppExecutor, OTHERS, type Shown, type Step, STEPS } from './steps.ts';
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

/** What the Nx targets are called, such as `deployTargetName`. @default - as their executors, such as `deploy` */
type TargetNames = { readonly [Name in `${AppExecutor}TargetName`]?: string };

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
  const other = (
    executor: keyof typeof OTHERS,
    dependsOn: NonNullable<TargetConfiguration['dependsOn']>,
    options: object,
  ) => target(executor, OTHERS[executor], dependsOn, options);
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
    other('lookups', BUILDS, passed),
    // Not cached either: what is found depends on rules and a program that are no inputs of the assembly.
    other('validate', [nameOf('synth')], settings),
    other('cdk', [nameOf('synth')], { ...settings, ...allowed }),
    other('reports', [], settings),
    // Which environments are for development is said in the file.
    ...(environmentsFile === undefined
      ? []
      : [
          other('dev', [], { environmentsFile, ...ownInstance, ...allowed }),
          other('releases', [], { environmentsFile }),
        ]),
    ...(hasInstances ? [other('sandboxes', [], { environmentsFile }), other('reap', [], { environmentsFile })] : []),
    ...(pipelineFile === undefined ? [] : [other('released', [], { environmentsFile: pipelineFile })]),
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
