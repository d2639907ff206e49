import { execSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { commandsOf, packageManagerOf } from '@nx-cdk/environments';
import type { GeneratorCallback, Tree } from '@nx/devkit';

/**
 * The generators that a workspace begins with. It need not have an `@nx/devkit` yet, which all of them use: they get it
 * here. The package does not ask for it itself: Yarn installs no peers, and npm would take the newest of the range,
 * which refuses an older Nx.
 */
type Generator<Options> = (tree: Tree, options: Options) => Promise<GeneratorCallback>;

export const init = withDevkit(() => import('./init/generator.ts'));
export const preset = withDevkit(() => import('./preset/generator.ts'));

function withDevkit<Options>(load: () => Promise<{ default: Generator<Options> }>): Generator<Options> {
  return async (tree, options) => {
    if (!hasDevkit()) installDevkit(tree.root);
    const { default: generator } = await load();
    return generator(tree, options);
  };
}

function hasDevkit(): boolean {
  try {
    import.meta.resolve('@nx/devkit');
    return true;
  } catch {
    return false;
  }
}

/** Of the minor version of the workspace's Nx: not each patch has one. */
function installDevkit(root: string): void {
  const { version } = createRequire(join(root, 'package.json'))('nx/package.json') as { version: string };
  const [minor] = /^\d+\.\d+(?=\.\d+$)/.exec(version) ?? [];
  const wanted = `@nx/devkit@${minor === undefined ? version : `~${minor}.0`}`;
  console.log(`Installing ${wanted}, which goes with nx ${version} ...`);
  execSync(commandsOf(packageManagerOf(root), root).add(wanted), { cwd: root, stdio: 'inherit' });
}
