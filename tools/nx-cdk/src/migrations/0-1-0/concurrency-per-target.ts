import { readJson, type Tree } from '@nx/devkit';
import { editJson, finish, renameKey } from '../../workspace/index.ts';
import { filesNamed } from '../files.ts';

/**
 * `concurrencyPerEnvironment` of `deploy` and `destroy` is called `concurrencyPerTarget`: in `nx.json` (defaults of Nx
 * targets and configurations of the plugin), in projects, and on command lines in scripts.
 */
export default async function concurrencyPerTarget(tree: Tree): Promise<void> {
  for (const file of filesNamed(tree, 'nx.json', 'project.json', 'package.json')) {
    renameKey(tree, file, 'concurrencyPerEnvironment', 'concurrencyPerTarget');
  }
  for (const file of filesNamed(tree, 'package.json')) {
    const { scripts = {} } = readJson<{ scripts?: Record<string, string> }>(tree, file);
    const edits = Object.entries(scripts).map(([name, line]) => ({ path: ['scripts', name], value: renamed(line) }));
    editJson(
      tree,
      file,
      edits.filter(({ path, value }) => value !== scripts[path[1]!]),
    );
  }
  await finish(tree, {});
}

function renamed(line: string): string {
  return line
    .replaceAll('--concurrencyPerEnvironment', '--concurrencyPerTarget')
    .replaceAll('--concurrency-per-environment', '--concurrency-per-target');
}
