import { readNxJson, type Tree } from '@nx/devkit';
import { editJson } from './json.ts';

/** Whether `nx.json` registers a plugin, as a name alone or with options. */
export function isRegistered(tree: Tree, plugin: string): boolean {
  const registered = readNxJson(tree)?.plugins ?? [];
  return registered.some((one) => (typeof one === 'string' ? one : one.plugin) === plugin);
}

/**
 * Registers a plugin in `nx.json`, after the others. One that is registered stays as it is, with its options.
 *
 * @throws if the workspace has no nx.json
 */
export function registerPlugin(tree: Tree, plugin: string, options: object): void {
  if (isRegistered(tree, plugin)) return;
  const entry = { plugin, options };
  const isList = Array.isArray(readNxJson(tree)?.plugins);
  editJson(tree, 'nx.json', [
    isList ? { path: ['plugins', -1], value: entry, insert: true } : { path: ['plugins'], value: [entry] },
  ]);
}
