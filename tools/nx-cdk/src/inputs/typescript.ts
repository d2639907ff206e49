import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { foldersOf, isFile, isInPackage, type ProgramRead } from './program-reads.ts';
import type { ProgramRun } from './programs.ts';
import { configurationFile, TypeScriptConfigurations } from './typescript-configurations.ts';

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
export function readsOfTypeScript({ file, args, cwd }: ProgramRun): readonly ProgramRead[] | undefined {
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

/** What is not there in a package counts no more than for Node: the lockfile says what is. */
function probe(path: string): ProgramRead[] {
  if (isFile(path)) return [['f', path]];
  return isInPackage(path) ? [] : [['s', path]];
}

interface Configuration {
  readonly reads: readonly ProgramRead[];
  /** The folder that its patterns begin in. */
  readonly folder: string;
}

/** The configuration that a run takes, with all that it extends and refers to. */
function configurationOf(args: readonly string[], cwd: string): Configuration | undefined {
  const configurations = new TypeScriptConfigurations();
  const at = args.findIndex((arg) => /^--?(p|project)$/i.test(arg));
  if (at !== -1 && args[at + 1] === undefined) return undefined;
  const first = at === -1 ? configurations.nearest(cwd) : configurationFile(resolve(cwd, args[at + 1]!));
  const isKnown = first === undefined || configurations.read(first);
  return isKnown ? { reads: configurations.reads, folder: first === undefined ? cwd : dirname(first) } : undefined;
}
