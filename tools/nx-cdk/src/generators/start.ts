import { execSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commandsOf, packageManagerOf } from '@nx-cdk/environments';
import type { GeneratorCallback, Tree } from '@nx/devkit';

type Generator<Options> = (tree: Tree, options: Options) => Promise<GeneratorCallback>;

/*
 * The generators that a workspace begins with. It need not have an `@nx/devkit` yet, which all of them use: they get it
 * here. The package does not ask for it itself: Yarn installs no peers, and npm would take the newest of the range,
 * which refuses an older Nx.
 */
export const init = withDevkit('init', () => import('./init/generator.ts'));
export const preset = withDevkit('preset', () => import('./preset/generator.ts'));

interface Loaded<Options> {
  readonly default: Generator<Options>;
}

function withDevkit<Options>(name: string, load: () => Promise<Loaded<Options>>): Generator<Options> {
  return async (tree, options) => {
    const { default: generator } = hasDevkit() ? await load() : await loadWithDevkit<Options>(tree.root, name);
    return generator(tree, options);
  };
}

/** Looks for the folder itself: what Node has once not found, it does not look for again. */
function hasDevkit(): boolean {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'node_modules', '@nx', 'devkit', 'package.json'))) {
    if (folder === dirname(folder)) return false;
    folder = dirname(folder);
  }
  return true;
}

async function loadWithDevkit<Options>(root: string, name: string): Promise<Loaded<Options>> {
  // Where Nx and its plugins are if the workspace has no package.json.
  const folder = existsSync(join(root, 'package.json')) ? root : join(root, '.nx', 'installation');
  installDevkit(folder);
  // pnpm then has this package in another folder, where it finds its devkit.
  const own = realpathSync(join(folder, 'node_modules', 'nx-cdk'));
  const file = join(own, 'src', 'generators', name, `generator${extname(import.meta.filename)}`);
  // eslint-disable-next-line rooms/doors -- one of the two above, in the folder of today
  return (await import(pathToFileURL(file).href)) as Loaded<Options>;
}

/** Installs the devkit of the minor version of the workspace's Nx: not each patch has one. */
function installDevkit(folder: string): void {
  const { version } = createRequire(import.meta.url)('nx/package.json') as { version: string };
  const [minor] = /^\d+\.\d+(?=\.\d+$)/.exec(version) ?? [];
  const wanted = `@nx/devkit@${minor === undefined ? version : `~${minor}.0`}`;
  console.log(`Installing ${wanted}, which goes with nx ${version} ...`);
  execSync(commandsOf(packageManagerOf(folder), folder).add(wanted), { cwd: folder, stdio: 'inherit' });
}
