import { parse } from 'yaml';

/** Versions of each package, sorted; a package may be there in several. */
export type LockedVersions = ReadonlyMap<string, readonly string[]>;

/**
 * Lockfiles, and how each is read. Versions of pnpm write keys differently: `/zod@3.1.0`, `zod@3.1.0(peer@1.0.0)`.
 */
const READERS: Readonly<Record<string, (text: string) => Iterable<readonly [name: string, version: string]>>> = {
  'package-lock.json': readNpm,
  'npm-shrinkwrap.json': readNpm,
  'pnpm-lock.yaml': readPnpm,
  'yarn.lock': readYarn,
};

/** Names of the lockfiles that can be read. */
export const LOCKFILES = Object.keys(READERS);

/**
 * The packages that a lockfile names.
 *
 * @param file its name
 * @returns undefined if it is none that can be read
 */
export function readLockfile(file: string, text: string): LockedVersions | undefined {
  const read = READERS[file];
  if (read === undefined) return undefined;
  const versions = new Map<string, Set<string>>();
  try {
    for (const [name, version] of read(text)) {
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
    }
  } catch {
    return undefined;
  }
  return new Map([...versions].map(([name, all]) => [name, [...all].toSorted()]));
}

/** https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#packages */
function* readNpm(text: string): Iterable<readonly [string, string]> {
  const { packages } = JSON.parse(text) as {
    packages: Record<string, { name?: string; version?: string; link?: true }>;
  };
  for (const [path, { name, version, link }] of Object.entries(packages)) {
    const folder = path.split('node_modules/').at(-1)!;
    // Packages of the workspace itself are in its folders.
    if (path.includes('node_modules/') && version !== undefined && link !== true) yield [name ?? folder, version];
  }
}

/** https://github.com/pnpm/spec/tree/master/lockfile */
function* readPnpm(text: string): Iterable<readonly [string, string]> {
  const { packages = {} } = parse(text) as { packages?: Record<string, unknown> };
  for (const key of Object.keys(packages)) {
    const [, name, version] = /^\/?(@?[^@]+)@([^(]+)/.exec(key) ?? [];
    if (name !== undefined) yield [name, version!];
  }
}

/** Yarn 1 has a format of its own, and later versions write YAML. What begins in the first column is an entry. */
function* readYarn(text: string): Iterable<readonly [string, string]> {
  for (const entry of text.split(/\n(?=["\w@])/)) {
    const [, name] = /^"?(@?[^@"\s]+)@/.exec(entry) ?? [];
    const [, resolution] = /^ {2}resolution: "(@?[^@"]+)@npm:/m.exec(entry) ?? [];
    const [, version] = /^ {2}version:? "?([^"\s]+)"?$/m.exec(entry) ?? [];
    const isOwn = /^ {2}linkType: soft$/m.test(entry);
    if (name !== undefined && version !== undefined && !isOwn) yield [resolution ?? name, version];
  }
}
