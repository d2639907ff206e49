import { closeSync, existsSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';

/** Where a command line is run. */
export interface Place {
  readonly cwd: string;
  readonly path: string;
  /** Whether a Node that is started there is followed. */
  readonly followed: boolean;
}

/** A run of a program, as a followed process started it. */
export interface ProgramRun {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** A program whose reading cannot be followed. */
export interface UnfollowedProgram {
  readonly name: string;
  /** How it was run; absent if a shell may have run it otherwise. */
  readonly run?: ProgramRun;
}

/** Words of a shell that read nothing, and programs that do not either. */
const HARMLESS = new Set(
  'cd echo exit export false mkdir printf pwd rm set sleep test true [ : arch getconf ldd nproc touch uname'.split(' '),
);

/** Words before a program that change nothing of what it reads. */
const PREFIXES = new Set(['command', 'env', 'exec', 'nice', 'time']);

/** What version managers put into the place of Node's own programs. */
const SHIM = /volta|asdf|mise|nodenv|fnm/;
const OF_NODE = new Set(['node', 'npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'corepack', 'tsx', 'ts-node']);

/**
 * The programs of a command line of a shell whose reading cannot be followed, by name: all but Node's and a few that
 * read nothing. A line that cannot be understood counts as `sh`.
 */
export function unfollowedIn(line: string, place: Place): string[] {
  return [...new Set(programsIn(line, place).map(({ name }) => name))];
}

function programsIn(line: string, place: Place): UnfollowedProgram[] {
  const unquoted = line.replaceAll(/'[^']*'/g, '').replaceAll(/"(?:[^"\\`$]|\\.|\$(?!\())*"/g, '');
  // What a shell would read itself, or run within a line.
  if (/[`<(){}]/.test(unquoted.replaceAll(/\$\{\w+\}/g, ''))) return [A_SHELL];
  const commands = line.split(/&&|\|\|?|;|\n|&(?!\d)/);
  const programs = commands.flatMap((command) => programsOf(command.trim(), place));
  // In several commands, one may change what another finds.
  return commands.length === 1 && isPlain(line) ? programs : programs.map(({ name }) => ({ name }));
}

/** What a shell does that nobody here understands. */
const A_SHELL: UnfollowedProgram = { name: 'sh' };

/** Whether each word is what it seems: whole in quotes, or without them, and nothing is left to a shell. */
function isPlain(line: string): boolean {
  return /^\s*(?:(?:"[^"\\$`]*"|'[^']*'|[^\s"'\\$`<>&#=]+(?:=[^\s"'\\$`<>&#]*)?)(?:\s+|$))+$/.test(line);
}

function programsOf(command: string, place: Place): UnfollowedProgram[] {
  const words = [...command.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map((match) => match.slice(1).join(''));
  for (const [at, word] of words.entries()) {
    const variable = /^(\w+)=/.exec(word)?.[1];
    // By these a process is followed.
    if (variable === 'NODE_OPTIONS' || variable === 'NX_CDK_FOLLOW') return [{ name: variable }];
    if (variable !== undefined || PREFIXES.has(word)) continue;
    if (/[$*?~]/.test(word)) return [A_SHELL];
    const programs = unfollowedPrograms(word, words.slice(at + 1), place);
    return at === 0 ? programs : programs.map(({ name }) => ({ name }));
  }
  return [];
}

/** The same for a program with its arguments. */
export function unfollowedPrograms(file: string, args: readonly string[], place: Place): UnfollowedProgram[] {
  const name = basename(file);
  if (/^(sh|bash|dash|zsh|ash)$/.test(name)) {
    const at = args.findIndex((arg) => /^-\w*c$/.test(arg));
    return at === -1 || args[at + 1] === undefined ? [{ name }] : programsIn(args[at + 1]!, place);
  }
  if (HARMLESS.has(name)) return [];
  const found = findProgram(file, place);
  // One that is not there reads nothing.
  if (found === undefined || (place.followed && isOfNode(name, found))) return [];
  return [{ name, run: { file: found, args, cwd: place.cwd } }];
}

function findProgram(file: string, { cwd, path }: Place): string | undefined {
  const places = file.includes('/') ? [resolve(cwd, file)] : path.split(delimiter).map((folder) => join(folder, file));
  const found = places.find((candidate) => existsSync(candidate));
  return found === undefined ? undefined : realpathSync(found);
}

/** Whether it is Node, or a script that Node runs. */
function isOfNode(name: string, file: string): boolean {
  if (/^node(js)?(\.exe)?$/.test(basename(file))) return true;
  if (OF_NODE.has(name) && SHIM.test(file)) return true;
  const start = startOf(file);
  if (!start.startsWith('#!')) return false;
  const [first = ''] = start.split('\n');
  // pnpm's links to programs are scripts of a shell that start Node.
  return /\bnode\b/.test(first) || (/sh$/.test(first) && /exec (node|"\$basedir\/node") /.test(start));
}

function startOf(file: string): string {
  const bytes = Buffer.alloc(4096);
  const descriptor = openSync(file, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
