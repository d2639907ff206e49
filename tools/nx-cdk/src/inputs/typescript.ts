import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parse } from 'jsonc-parser';

/** A run of a program, as a followed process started it. */
export interface ProgramRun {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** Content of a file, names in a folder, whether something is there, or a program: as in `reads.ts`. */
export type CompilerRead = readonly [kind: 'd' | 'f' | 's' | 'x', path: string];

/** The compiler of TypeScript 7, and that of its preview: programs of their own, which nothing is loaded into. */
const COMPILER = /\/node_modules\/@typescript\/(typescript|native-preview)-[^/]+\/lib\/(tsc|tsgo)$/;

/** Arguments by which it does not compile one project once, or which stand for others that are in a file. */
const OTHER_WORK = /^(@|--?(b|build|w|watch|lsp|api|init|h|help|\?|all|v|version|showConfig)$)/i;

/** Milliseconds. A large project takes a second. */
const LONGEST = 120_000;

/**
 * What TypeScript's native compiler read when it ran. It is asked itself: run again with the same arguments, it lists
 * the files of the program, and everything that it looked for before it found them, and stops before it checks or
 * writes anything. Its configuration, which that list leaves out, is read here.
 *
 * @returns undefined if the program is another one, or if not all of what it reads can be known
 */
export function readsOfTypeScript({ file, args, cwd }: ProgramRun): readonly CompilerRead[] | undefined {
  if (!isCompiler(file) || args.some((arg) => OTHER_WORK.test(arg))) return undefined;
  const configuration = configurationOf(args, cwd);
  if (configuration === undefined) return undefined;
  const asking = [...args, '--listFilesOnly', '--traceResolution', '--locale', 'en'];
  // What it reads of the environment changes none of this, and it needs none.
  const options = { cwd, env: {}, encoding: 'utf8', timeout: LONGEST, maxBuffer: 1 << 28 } as const;
  const { status, stdout } = spawnSync(file, asking, options);
  const lines = (stdout ?? '').split('\n').map((line) => line.trimEnd());
  const listed = lines.filter((line) => line.startsWith('/'));
  // It quotes paths, so a quote within one would hide where that ends.
  if (status !== 0 || listed.length === 0 || [cwd, ...listed].some((path) => path.includes("'"))) return undefined;
  const probed = new Set(lines.flatMap((line) => [...line.matchAll(/'(\/[^']*)'/g)].map(([, path]) => path!)));
  return [
    ['x', file],
    ...configuration.reads,
    ...listed.map((path) => ['f', path] as const),
    ...[...probed].flatMap((path) => probe(path)),
    ...foldersOf(listed, configuration.folder).map((path) => ['d', path] as const),
  ];
}

function isCompiler(file: string): boolean {
  try {
    return COMPILER.test(realpathSync(file));
  } catch {
    return false;
  }
}

const isInPackage = (path: string) => path.includes(`${sep}node_modules${sep}`);
const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** What is not there in a package counts no more than for Node: the lockfile says what is. */
function probe(path: string): CompilerRead[] {
  if (isFile(path)) return [['f', path]];
  return isInPackage(path) ? [] : [['s', path]];
}

/** Where another source could appear that the compiler would take: the folders of the sources, up to that of all. */
function foldersOf(files: readonly string[], top: string): string[] {
  const folders = new Set<string>();
  for (const file of files.filter((path) => !isInPackage(path))) {
    let folder = dirname(file);
    const isAbove = () => relative(folder, top).split(sep)[0] !== '..' && folder !== top;
    for (; !folders.has(folder) && !isAbove(); folder = dirname(folder)) folders.add(folder);
  }
  return [...folders];
}

interface Configuration {
  readonly reads: readonly CompilerRead[];
  /** The folder that its patterns begin in. */
  readonly folder: string;
}

/** The configuration that a run takes, with all that it extends and refers to. */
function configurationOf(args: readonly string[], cwd: string): Configuration | undefined {
  const reads = new Map<string, CompilerRead>();
  const at = args.findIndex((arg) => /^--?(p|project)$/i.test(arg));
  if (at !== -1 && args[at + 1] === undefined) return undefined;
  const first = at === -1 ? nearest(cwd, reads) : fileOf(resolve(cwd, args[at + 1]!));
  const isKnown = first === undefined || readConfiguration(first, reads);
  return isKnown ? { reads: [...reads.values()], folder: first === undefined ? cwd : dirname(first) } : undefined;
}

/** The first on the way up; those that are not there are noted too. */
function nearest(cwd: string, reads: Map<string, CompilerRead>): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, 'tsconfig.json');
    if (isFile(file)) return file;
    reads.set(file, ['s', file]);
    if (folder === dirname(folder)) return undefined;
  }
}

const fileOf = (path: string) =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, 'tsconfig.json') : path;

/** @returns whether all that it leads to is known */
function readConfiguration(file: string, reads: Map<string, CompilerRead>): boolean {
  if (reads.has(file)) return true;
  reads.set(file, ['f', file]);
  if (!isFile(file)) return false;
  const content = parse(readFileSync(file, 'utf8'), [], { allowTrailingComma: true }) as {
    extends?: unknown;
    references?: readonly { path?: unknown }[];
  } | null;
  const named = [content?.extends ?? []].flat().map((name) => extended(String(name), file));
  const referred = (content?.references ?? []).map(({ path }) => fileOf(resolve(dirname(file), String(path))));
  return [...named, ...referred].every((other) => other !== undefined && readConfiguration(other, reads));
}

/** The file that `extends` names: a path, or one in a package. */
function extended(name: string, from: string): string | undefined {
  if (/^(\.\.?)?\//.test(name)) {
    const path = resolve(dirname(from), name);
    return [path, `${path}.json`].find(isFile);
  }
  const found = [name, `${name}.json`, `${name}/tsconfig.json`].map((path) => {
    try {
      return createRequire(from).resolve(path);
    } catch {
      return undefined;
    }
  });
  return found.find((path) => path?.endsWith('.json'));
}
