/** Every executor that an app has a target for. */
export type AppExecutor =
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

/** What Nx shows of a target. */
export interface Shown {
  readonly description: string;
  /** Options that somebody may want to give, for the help. */
  readonly example: Readonly<Record<string, unknown>>;
}

/** A step of shipping an app, with the executor of the same name. */
export interface Step extends Shown {
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

/** Those that also exist for each environment, and others that run after a step. */
export const STEPS: readonly Step[] = [
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

/** All others. */
export const OTHERS = {
  dev: {
    description: 'Bring each edit to one environment for development; assumes publishing, deploy and hotswap roles',
    example: { logs: false },
  },
  lookups: {
    description: 'Look up what the app asks for, and keep it in cdk.context.json; assumes only lookup roles',
    example: { refresh: true },
  },
  released: {
    description: 'Show what was deployed to each deploy group; only reads',
    example: { json: true },
  },
  releases: {
    // Beside `nx release`, a command of Nx itself, and `released`: somebody may take the one for the other.
    description: 'List what was released when, and where it runs; only reads (not "nx release", which is of Nx itself)',
    example: { limit: 50 },
  },
  validate: {
    description: 'Show what plugins, constructs and rules find in the assembly; asks no AWS',
    example: { failOnWarnings: true },
  },
  sandboxes: {
    description: 'List the instances of environments that exist many times; only reads',
    example: { json: true },
  },
  reap: {
    description: 'Delete the instances that have expired, after asking; assumes only deploy roles',
    example: { dryRun: true },
  },
  // Not `report`: that is a command of Nx itself.
  reports: {
    description: 'List the recorded runs, open their pages, draw the architecture; asks no AWS',
    example: { open: true },
  },
  cdk: {
    description: 'Run a command of the CDK CLI on the assembly: nx cdk <project> -- <command>',
    example: { allow: 'build-network' },
  },
} as const satisfies Partial<Record<AppExecutor, Shown>>;
