import type { PackageManager } from '@nx-cdk/environments';
import { readJson, type Tree } from '@nx/devkit';
import { nodeCommand } from '../../new-project/index.ts';
import { editJson } from '../../workspace/index.ts';

/** Folders whose packages are linked with each other. */
const PROJECTS = ['apps/*', 'libs/handlers/*'];

/** Lets the package manager link the projects: for npm and Yarn in `package.json`, for pnpm in a file of its own. */
export function linkProjects(tree: Tree, manager: PackageManager): void {
  if (manager !== 'pnpm') {
    editJson(tree, 'package.json', [{ path: ['workspaces'], value: PROJECTS }]);
    return;
  }
  const file = 'pnpm-workspace.yaml';
  const settings = tree.read(file, 'utf8') ?? '';
  if (/^packages:/m.test(settings)) return;
  tree.write(file, `packages:\n${PROJECTS.map((glob) => `  - ${glob}\n`).join('')}${settings}`);
}

/** What a person types, and the Node that runs the apps. */
export function writeScripts(tree: Tree): void {
  const { scripts } = readJson<{ scripts?: object }>(tree, 'package.json');
  const value = { ...scripts, start: 'local-aws up infra', test: 'nx run-many -t typecheck test' };
  editJson(tree, 'package.json', [
    { path: ['scripts'], value },
    { path: ['engines'], value: { node: nodeCommand().engine } },
  ]);
}

/** What makes a task run again. What the plugins infer has inputs of its own, made of these. */
export function writeNxSettings(tree: Tree, lockfile: string): void {
  const namedInputs = {
    default: ['{projectRoot}/**/*', 'sharedGlobals'],
    production: [
      'default',
      '!{projectRoot}/**/*.spec.ts',
      '!{projectRoot}/**/testing/**/*',
      '!{projectRoot}/jest.config.mjs',
      '!{projectRoot}/**/*.md',
    ],
    sharedGlobals: [`{workspaceRoot}/${lockfile}`, '{workspaceRoot}/tsconfig.base.json', '{workspaceRoot}/nx.json'],
  };
  const inputs = ['default', '^production'];
  const targetDefaults = {
    typecheck: { cache: true, inputs },
    test: {
      cache: true,
      inputs: [...inputs, '{workspaceRoot}/jest.preset.mjs', '{workspaceRoot}/environments.json'],
    },
  };
  editJson(tree, 'nx.json', [
    { path: ['namedInputs'], value: namedInputs },
    { path: ['targetDefaults'], value: targetDefaults },
  ]);
}
