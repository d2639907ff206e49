import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isClassicYarn, namedPackageManager, packageManagerOf } from './package-managers.ts';

/** A CI cannot get the package manager of a workspace in the version of the commit; the message says what to do. */
export class PackageManagerError extends Error {
  override readonly name = 'PackageManagerError';
}

/** How a package manager is fetched: as a package of npm's registry, of which one file is the program. */
interface Published {
  readonly name: string;
  /** The program in its archive. */
  readonly program: string;
  /**
   * What the checksum in `packageManager` is of, as Corepack makes it: of the whole package, or of the program alone
   * (https://github.com/nodejs/corepack, `sources/corepackUtils.ts`).
   */
  readonly checked: 'package' | 'program';
}

const CHECKSUM_LENGTHS: Readonly<Record<string, number>> = { sha224: 56, sha256: 64, sha384: 96, sha512: 128 };

/**
 * Lines of a shell that put the package manager of a workspace at the front of the PATH, exactly as the commit names
 * it: no job runs another program than the one that was reviewed. None for npm, which comes with Node.
 *
 * Corepack would do the same, but Node has not brought it since version 25, and to fetch Corepack by its name would run
 * what no checksum of the commit covers. So npm fetches the package, and its checksum is compared before it runs.
 * From version 12, pnpm is a native program, which the package fetches, and whose signature by npm it checks.
 *
 * @param root folder of the workspace
 * @param folder where to make a folder for it, as a word of a shell without quotes, such as `$WORK`. @default - the
 *   system's folder for temporary files; nothing is removed there
 * @throws PackageManagerError if the field `packageManager` has no version with a checksum and the repository has no
 *   copy of Yarn (`yarnPath`), or if Yarn makes no `node_modules`
 */
export function providePackageManager(root: string, folder?: string): string[] {
  const manager = packageManagerOf(root);
  if (manager === 'npm') return [];
  if (manager === 'yarn' && !isClassicYarn(root)) {
    const copy = yarnPath(root);
    if (copy !== undefined) return linked('yarn', `"$PWD/${copy}"`, folder);
  }
  const [, version = '', algorithm = '', checksum = ''] =
    /^(\d[\w.-]*)\+(sha\d+)\.([0-9a-f]+)$/.exec(namedPackageManager(root)?.version ?? '') ?? [];
  if (CHECKSUM_LENGTHS[algorithm] !== checksum.length) throw noChecksum(root, manager);
  const { name, program, checked } = publishedAs(manager, version);
  const archive = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
  const compare = (file: string) =>
    `echo "${checksum}  $PACKAGE_MANAGER/${file}" | ${algorithm}sum --check --strict --quiet`;
  const [makeFolder, ...link] = linked(manager, `"$PACKAGE_MANAGER/${program}"`, folder);
  return [
    makeFolder!,
    `npm pack --silent --pack-destination="$PACKAGE_MANAGER" ${name}@${version} > /dev/null`,
    ...(checked === 'package' ? [compare(archive)] : []),
    `tar -xzf "$PACKAGE_MANAGER/${archive}" -C "$PACKAGE_MANAGER"`,
    ...(checked === 'program' ? [compare(program)] : []),
    ...link,
  ];
}

function publishedAs(manager: 'pnpm' | 'yarn', version: string): Published {
  const major = Number.parseInt(version, 10);
  if (manager === 'pnpm') {
    return { name: 'pnpm', program: `package/bin/pnpm.${major < 11 ? 'cjs' : 'mjs'}`, checked: 'package' };
  }
  const program = 'package/bin/yarn.js';
  return major === 1
    ? { name: 'yarn', program, checked: 'package' }
    : { name: '@yarnpkg/cli-dist', program, checked: 'program' };
}

/** Makes a folder, and in it the name of a program. */
function linked(name: string, program: string, folder: string | undefined): string[] {
  return [
    `PACKAGE_MANAGER="$(mktemp -d${folder === undefined ? '' : ` "${folder}/XXXXXX"`})"`,
    `chmod +x ${program} && ln -s ${program} "$PACKAGE_MANAGER/${name}"`,
    'export PATH="$PACKAGE_MANAGER:$PATH"',
  ];
}

/** Yarn's own program in the repository, if it is there. @throws PackageManagerError if Yarn makes no `node_modules` */
function yarnPath(root: string): string | undefined {
  const file = join(root, '.yarnrc.yml');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const setting = (name: string) => new RegExp(`^${name}:\\s*["']?([\\w./-]+)["']?\\s*$`, 'm').exec(text)?.[1];
  if ((setting('nodeLinker') ?? 'pnp') === 'pnp') {
    throw new PackageManagerError(
      `${file} does not say "nodeLinker: node-modules", so there would be no node_modules, from which a CI runs Nx: add it, and run "yarn install".`,
    );
  }
  return setting('yarnPath');
}

function noChecksum(root: string, manager: 'pnpm' | 'yarn'): PackageManagerError {
  const version = namedPackageManager(root)?.version.replace(/\+.*/, '') ?? 'latest';
  return new PackageManagerError(
    `${join(root, 'package.json')} does not say by a checksum which ${manager} a CI runs ("packageManager": "${manager}@<version>+sha512.<checksum>"): run "npx corepack use ${manager}@${version}", which writes it there.`,
  );
}
