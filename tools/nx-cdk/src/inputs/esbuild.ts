import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, parse, resolve, sep } from 'node:path';
import { isFile, isInPackage, type ProgramRead } from './program-reads.ts';
import type { ProgramRun } from './programs.ts';
import { TypeScriptConfigurations } from './typescript-configurations.ts';

/** esbuild itself: a program of its own, which its package puts into the place of a script when it is installed. */
const ESBUILD = /\/node_modules\/(@esbuild\/[^/]+|esbuild)\/bin\/esbuild$/;

/** The options with which `NodejsFunction` bundles a handler, and which do not change what is read by other means. */
const KNOWN =
  /^--(bundle|target|platform|format|outfile|outdir|minify|minify-[a-z]+|sourcemap|sources-content|external|loader|define|log-level|log-limit|keep-names|tsconfig|metafile|banner|footer|main-fields|conditions|inject|charset|legal-comments|tree-shaking|pure|drop|entry-names|out-extension|resolve-extensions|color|packages|jsx|jsx-[a-z]+|mangle-props|asset-names|chunk-names|splitting)(:|=|$)/;

/** Where it writes: the run that is asked writes elsewhere, and says what it read. */
const OUTPUT = /^--(outfile|outdir|metafile)(=|$)/;

/** Milliseconds. A large handler takes a second. */
const LONGEST = 120_000;

/** What esbuild says of a run. https://esbuild.github.io/api/#metafile */
interface Metafile {
  readonly inputs: Readonly<Record<string, { readonly imports: readonly MetafileImport[] }>>;
}

interface MetafileImport {
  readonly path: string;
  /** As it is written. */
  readonly original?: string;
  readonly external?: boolean;
}

/** What it read, by absolute path, with what each imports. */
type Inputs = ReadonlyMap<string, readonly MetafileImport[]>;

/**
 * What esbuild read when it bundled something. It is asked itself: run again with the same arguments, it writes down
 * its inputs, into a folder that is removed. It leaves out manifests and configurations, which are read here, and
 * where it looked in vain: these are the places in which another file would be taken for a source.
 *
 * @returns undefined if the program is another one, or if not all of what it reads can be known
 */
export function readsOfEsbuild({ file, args, cwd }: ProgramRun): readonly ProgramRead[] | undefined {
  if (!ESBUILD.test(file) || !args.includes('--bundle') || !args.includes('--platform=node')) return undefined;
  if (args.some((arg) => arg.startsWith('-') && !KNOWN.test(arg))) return undefined;
  const inputs = inputsOf({ file, args, cwd });
  if (inputs === undefined) return undefined;
  const files = [...inputs.keys()];
  const configurations = configurationsOf(files, args, cwd);
  if (configurations === undefined || isAmbiguous(inputs, configurations)) return undefined;
  const places = new Set([...files.flatMap(placesBefore), ...placesOfPackages(inputs, configurations)]);
  return [
    ['x', file],
    ...files.map((path) => ['f', path] as const),
    ...configurations.reads,
    ...manifestsOf(files),
    ...[...places].filter((path) => !inputs.has(path)).map((path) => ['s', path] as const),
  ];
}

/** What it read, by absolute path; undefined if it fails, or reads something that is no file. */
function inputsOf({ file, args, cwd }: ProgramRun): Inputs | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'nx-cdk-esbuild-'));
  try {
    const metafile = join(folder, 'inputs.json');
    const asking = [...args.filter((arg) => !OUTPUT.test(arg)), `--outdir=${folder}`, `--metafile=${metafile}`];
    const { status } = spawnSync(file, [...asking, '--log-level=silent'], { cwd, env: {}, timeout: LONGEST });
    if (status !== 0) return undefined;
    const { inputs } = JSON.parse(readFileSync(metafile, 'utf8')) as Metafile;
    const read = new Map(Object.entries(inputs).map(([path, { imports }]) => [resolve(cwd, path), imports]));
    // Such as what it makes itself (`<define:X>`), or a file that is disabled for browsers.
    return [...read.keys()].every(isFile) ? read : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function configurationsOf(
  files: readonly string[],
  args: readonly string[],
  cwd: string,
): TypeScriptConfigurations | undefined {
  const configurations = new TypeScriptConfigurations();
  const named = args.find((arg) => arg.startsWith('--tsconfig='))?.slice('--tsconfig='.length);
  const folders = new Set(files.filter((path) => !isInPackage(path)).map((path) => dirname(path)));
  const found =
    named === undefined ? [...folders].map((folder) => configurations.nearest(folder)) : [resolve(cwd, named)];
  return found.every((file) => file === undefined || configurations.read(file)) ? configurations : undefined;
}

/** Endings that it tries for a module that is named without one. https://esbuild.github.io/api/#resolve-extensions */
const ENDINGS = ['', ...'.ts .tsx .mts .cts .js .jsx .mjs .cjs .css .json'.split(' ')];

/** Where another source would be taken in the place of one. In a package, the lockfile says what is there. */
function placesBefore(file: string): string[] {
  if (isInPackage(file)) return [];
  const folder = dirname(file);
  const { name } = parse(file);
  const places = ENDINGS.map((ending) => join(folder, name + ending));
  return name === 'index' ? [...places, ...ENDINGS.slice(1).map((ending) => folder + ending)] : places;
}

/** Where a package would be found before it is looked for among packages. */
function placesOfPackages(inputs: Inputs, configurations: TypeScriptConfigurations): string[] {
  const names = packagesOf(inputs);
  return basesOf(configurations).flatMap((base) =>
    names.flatMap((name) => ENDINGS.map((ending) => join(base, name + ending))),
  );
}

/**
 * Whether a configuration makes it look for modules in places that a later file could appear in, where nobody would
 * see it: several for one name, or a package under `baseUrl` that has the name of a folder there.
 */
function isAmbiguous(inputs: Inputs, configurations: TypeScriptConfigurations): boolean {
  const paths = [...configurations.contents.values()].flatMap(({ compilerOptions }) =>
    Object.values(compilerOptions?.paths ?? {}),
  );
  if (paths.some((places) => Array.isArray(places) && places.length > 1)) return true;
  const names = packagesOf(inputs).map((name) => name.split('/')[0]!);
  return basesOf(configurations).some((base) => names.some((name) => existsSync(join(base, name))));
}

/** What the sources import of packages, as they write it. */
function packagesOf(inputs: Inputs): string[] {
  const imports = [...inputs].flatMap(([file, its]) => (isInPackage(file) ? [] : its));
  const ofPackages = imports.filter(({ external, path }) => !external && isInPackage(`/${path}`));
  return [...new Set(ofPackages.map(({ original = '' }) => original))].filter((name) => !/^[./]/.test(name));
}

/** The folders in which it looks for a package before it looks among packages. */
function basesOf({ contents }: TypeScriptConfigurations): string[] {
  return [...contents].flatMap(([file, { compilerOptions }]) =>
    typeof compilerOptions?.baseUrl === 'string' ? [resolve(dirname(file), compilerOptions.baseUrl)] : [],
  );
}

/** The manifest of the package of each file, and where a nearer one could appear. */
function manifestsOf(files: readonly string[]): ProgramRead[] {
  const reads = new Map<string, ProgramRead>();
  for (const start of files) {
    for (let folder = dirname(start); basename(folder) !== 'node_modules'; folder = dirname(folder)) {
      const manifest = join(folder, 'package.json');
      if (reads.has(manifest)) break;
      const isThere = isFile(manifest);
      // In a package, the lockfile says what is there.
      if (isThere || !folder.includes(`${sep}node_modules${sep}`)) reads.set(manifest, [isThere ? 'f' : 's', manifest]);
      if (isThere || folder === dirname(folder)) break;
    }
  }
  return [...reads.values()];
}
