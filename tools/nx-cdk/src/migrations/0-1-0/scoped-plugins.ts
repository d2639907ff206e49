import { type GeneratorCallback, readJson, readNxJson, type Tree } from '@nx/devkit';
import { addPackages, editJson, finish } from '../../workspace/index.ts';
import { filesNamed } from '../files.ts';

const WALKER = 'pipeline-walker/plugin';
const CREDENTIALS = 'cdk-assume-role-credential-plugin';

/**
 * The plugins besides `nx-cdk/plugin` are packages with a scope: `@nx-cdk/pipeline-walker` in `nx.json`, and
 * `@nx-cdk/cdk-assume-role-credential-plugin` in `cdk.json`. A workspace that has a package of the old name, such as an
 * alias, goes on using it.
 */
export default async function scopedPlugins(tree: Tree): Promise<GeneratorCallback> {
  const install = [...renameWalker(tree), ...renameCredentialPlugin(tree)];
  return finish(tree, { install });
}

function renameWalker(tree: Tree): GeneratorCallback[] {
  const plugins = readNxJson(tree)?.plugins ?? [];
  const index = plugins.findIndex((one) => (typeof one === 'string' ? one : one.plugin) === WALKER);
  if (index === -1) return [];
  const path = ['plugins', index, ...(typeof plugins[index] === 'string' ? [] : ['plugin'])];
  editJson(tree, 'nx.json', [{ path, value: `@nx-cdk/${WALKER}` }]);
  return addPackages(tree, ['@nx-cdk/pipeline-walker']);
}

function renameCredentialPlugin(tree: Tree): GeneratorCallback[] {
  const { dependencies, devDependencies } = tree.exists('package.json')
    ? readJson<Record<string, Record<string, string> | undefined>>(tree, 'package.json')
    : {};
  if ({ ...dependencies, ...devDependencies }[CREDENTIALS] !== undefined) return [];
  const renamed = filesNamed(tree, 'cdk.json').filter((file) => renameIn(tree, file));
  return renamed.length === 0 ? [] : addPackages(tree, [`@nx-cdk/${CREDENTIALS}`]);
}

/** @returns whether the file named the plugin */
function renameIn(tree: Tree, file: string): boolean {
  const { plugin } = readJson<{ plugin?: string | string[] }>(tree, file);
  const names = [plugin ?? []].flat();
  if (!names.includes(CREDENTIALS)) return false;
  const scoped = names.map((name) => (name === CREDENTIALS ? `@nx-cdk/${CREDENTIALS}` : name));
  editJson(tree, file, [{ path: ['plugin'], value: Array.isArray(plugin) ? scoped : scoped[0] }]);
  return true;
}
