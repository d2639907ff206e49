/**
 * Which rooms (folders of tools/nx-cdk/src) each room may import, from the bottom to the top: a room may only be
 * granted rooms that stand above it in this list. Lint refuses any other import (rule `rooms/doors`) and any grant
 * that no file uses (`import-graph.ts`).
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  failure: [],
  progress: ['failure'],
  'cdk-json': ['failure'],
  inputs: ['cdk-json'],
  assembly: ['failure'],
  archives: ['failure', 'assembly'],
  aws: ['failure', 'progress'],
  toolkit: ['failure', 'progress', 'aws'],
  destinations: ['failure', 'progress', 'assembly', 'aws'],
  cloudformation: ['failure', 'progress', 'assembly', 'aws'],
  release: ['failure', 'progress', 'assembly', 'archives', 'aws', 'destinations', 'cloudformation'],
  deployments: ['failure', 'progress', 'aws'],
  synth: ['failure', 'progress', 'cdk-json', 'inputs', 'assembly', 'aws', 'toolkit', 'release'],
  'image-tool': ['failure'],
  handlers: ['failure', 'progress'],
  publish: ['failure', 'progress', 'assembly', 'archives', 'aws', 'destinations', 'image-tool'],
  'stock-cli': ['failure', 'cdk-json', 'assembly', 'aws', 'publish'],
  deploy: ['failure', 'progress', 'assembly', 'aws', 'destinations', 'cloudformation'],
  bootstrap: ['failure', 'progress', 'assembly', 'aws', 'toolkit'],
  mask: ['progress', 'assembly'],
  diff: ['failure', 'progress', 'assembly', 'aws', 'toolkit', 'cloudformation', 'deploy', 'mask'],
  drift: ['failure', 'progress', 'assembly', 'aws', 'cloudformation', 'deploy', 'mask'],
  plan: ['failure', 'progress', 'assembly', 'aws', 'cloudformation', 'deploy', 'drift'],
  report: ['progress', 'cloudformation', 'deploy', 'plan', 'publish'],
  hotswap: ['failure', 'assembly', 'archives', 'aws'],
  dev: ['failure', 'progress', 'inputs', 'assembly', 'aws', 'cloudformation', 'publish', 'deploy', 'plan', 'hotswap'],
  destroy: ['failure', 'progress', 'assembly', 'aws', 'cloudformation', 'deploy', 'plan'],
  sandboxes: ['progress', 'assembly', 'cloudformation', 'deploy', 'plan', 'destroy'],
  rollback: ['failure', 'progress', 'assembly', 'aws', 'toolkit', 'cloudformation'],
  refactor: ['failure', 'progress', 'assembly', 'aws', 'cloudformation'],
  import: ['failure', 'progress', 'assembly', 'aws', 'cloudformation'],
  gc: ['failure', 'progress', 'aws', 'destinations', 'cloudformation', 'release'],
  lookups: ['failure', 'progress', 'cdk-json', 'aws', 'synth'],
  validate: ['failure', 'progress', 'assembly'],
  targets: ['cdk-json', 'inputs'],
  command: ['failure', 'progress', 'cdk-json', 'inputs', 'assembly', 'aws', 'cloudformation', 'release', 'report'],
  comment: ['failure', 'diff'],
  workspace: ['failure'],
  'new-project': ['failure', 'workspace'],
  example: ['new-project'],
  cli: ['failure', 'progress', 'assembly', 'aws', 'deployments', 'release', 'diff', 'comment'],
  executors: [
    'failure',
    'cdk-json',
    'inputs',
    'assembly',
    'cloudformation',
    'destinations',
    'release',
    'deployments',
    'synth',
    'image-tool',
    'handlers',
    'publish',
    'stock-cli',
    'deploy',
    'bootstrap',
    'diff',
    'drift',
    'destroy',
    'plan',
    'dev',
    'rollback',
    'sandboxes',
    'refactor',
    'import',
    'gc',
    'lookups',
    'validate',
    'command',
  ],
  generators: ['failure', 'cdk-json', 'assembly', 'workspace', 'new-project', 'example'],
  migrations: ['workspace'],
  'plugin.ts': ['targets'],
};

/** The rooms that know Nx. All others would run in another build tool as well. */
export const KNOWS_NX = [
  'targets',
  'command',
  'cli',
  'executors',
  'generators',
  'migrations',
  'workspace',
  'new-project',
  'example',
  'plugin.ts',
];

/**
 * Rooms whose folders are as separate as rooms, and the door of these folders, if they have one: an executor never
 * imports from another executor, a generator may run another one.
 */
export const KEPT_APART: Readonly<Record<string, string | undefined>> = {
  executors: undefined,
  generators: 'generator.ts',
};

/** The folder that holds the rooms, from the root of the workspace. */
export const ROOMS_FOLDER = 'tools/nx-cdk/src';
