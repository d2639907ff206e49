import { type GeneratorCallback, installPackagesTask, readJson, readNxJson, type Tree } from '@nx/devkit';
import { editJson } from './json.ts';
import { type PackageName, versionOf } from './versions.ts';

export type { PackageName };

type Versions = Readonly<Record<string, string>>;

interface Manifest {
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
}

/**
 * Adds packages to the workspace's `package.json`. Those that it names anywhere stay as they are, with their version
 * and place. In a workspace without one, where Nx is installed below `.nx` (`installation` in nx.json), they are added
 * there.
 *
 * @param to @default 'devDependencies'
 * @returns what installs them, to be given to `finish`; nothing if none was missing
 */
export function addPackages(
  tree: Tree,
  names: readonly PackageName[],
  to: 'dependencies' | 'devDependencies' = 'devDependencies',
): GeneratorCallback[] {
  if (!tree.exists('package.json')) return addToInstallation(tree, names);
  const manifest = readJson<Manifest>(tree, 'package.json');
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const missing = namesMissing(names, { ...optionalDependencies, ...devDependencies, ...dependencies });
  if (missing.length === 0) return [];
  // Into an object that is there, each at its place in the alphabet, as package managers do.
  const all = Object.fromEntries(missing.toSorted().map((name) => [name, specOf(name, manifest)]));
  const edits = Object.entries(all).map(([name, value]) => ({
    path: [to, name],
    value,
    position: (keys: readonly string[]) => placeOf(name, keys),
  }));
  editJson(tree, 'package.json', manifest[to] === undefined ? [{ path: [to], value: all }] : edits);
  return [() => installPackagesTask(tree, true)];
}

/** Our packages move together: where `nx-cdk` may be a later version, the others may, too. */
function specOf(name: PackageName, { dependencies, devDependencies }: Manifest): string {
  const nxCdk = { ...devDependencies, ...dependencies }['nx-cdk'] ?? '';
  const [prefix = ''] = name.startsWith('@nx-cdk/') ? (/^[~^](?=\d)/.exec(nxCdk) ?? []) : [];
  return `${prefix}${versionOf(name)}`;
}

/** Nx installs what is named there itself, at its next command. */
function addToInstallation(tree: Tree, names: readonly PackageName[]): GeneratorCallback[] {
  const { installation } = readNxJson(tree) ?? {};
  if (installation === undefined) return [];
  for (const name of namesMissing(names, installation.plugins ?? {})) {
    editJson(tree, 'nx.json', [{ path: ['installation', 'plugins', name], value: versionOf(name) }]);
  }
  return [];
}

function namesMissing(names: readonly PackageName[], there: Versions): PackageName[] {
  return [...new Set(names)].filter((name) => there[name] === undefined);
}

function placeOf(name: string, keys: readonly string[]): number {
  const next = keys.findIndex((key) => key > name);
  return next === -1 ? keys.length : next;
}
