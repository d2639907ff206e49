import { readJson, readNxJson, type Tree } from '@nx/devkit';
import { editJson, type JsonEdit } from '../../workspace/index.ts';

type Versions = Readonly<Record<string, string>>;

/**
 * Lets the later steps of the pipeline find what they run: they are installed without development dependencies, and
 * run Nx with the plugins of `nx.json`. CodeBuild keeps a cache of Nx only if it is in the workspace.
 */
export function installForSteps(tree: Tree): void {
  const { dependencies = {}, devDependencies = {} } = readJson<{ dependencies?: Versions; devDependencies?: Versions }>(
    tree,
    'package.json',
  );
  const nxJson = readNxJson(tree) ?? {};
  const plugins = (nxJson.plugins ?? []).map((one) => packageOf(typeof one === 'string' ? one : one.plugin));
  const moved = ['nx', '@nx/devkit', 'nx-cdk', ...plugins].filter((name) => devDependencies[name] !== undefined);
  if (moved.length > 0) {
    const all = { ...dependencies, ...Object.fromEntries(moved.map((name) => [name, devDependencies[name]])) };
    const sorted = Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)));
    editJson(tree, 'package.json', [
      { path: ['dependencies'], value: sorted },
      ...moved.map((name): JsonEdit => ({ path: ['devDependencies', name], value: undefined })),
    ]);
  }
  if (nxJson.cacheDirectory === undefined) {
    editJson(tree, 'nx.json', [{ path: ['cacheDirectory'], value: '.nx/cache' }]);
  }
}

/** `@nx-cdk/pipeline-walker` of `@nx-cdk/pipeline-walker/plugin`. */
function packageOf(plugin: string): string {
  return plugin
    .split('/')
    .slice(0, plugin.startsWith('@') ? 2 : 1)
    .join('/');
}
