import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import { signatureOf } from './follow.cjs';
import { readsOfEsbuild } from './esbuild.ts';
import { type ProgramRun, unfollowedPrograms } from './programs.ts';
import { readsOfTypeScript } from './typescript.ts';

/**
 * How a path counts: its content, the names in a folder, all that is in it, whether it is there, or as a program. `e`
 * is the name of a variable, of which counts whether it is set.
 */
type ReadKind = 'f' | 'd' | 't' | 's' | 'x' | 'e';

/** Something that a synthesis read, and how it was. */
export interface Read {
  readonly kind: ReadKind;
  readonly path: string;
  /** Size and times: if they are the same, nobody looks at the content. */
  readonly signature: string;
  readonly digest: string;
}

/** What the followed processes of a synthesis wrote down. */
export interface Followed {
  /** Undefined if not all of what was read is known, or if some of it has changed meanwhile. */
  readonly reads?: readonly Read[];
  /** Why not, in words. */
  readonly obstacles: readonly string[];
  /** Programs that were started and could not be followed. */
  readonly programs: readonly string[];
  /** Variables that the app asked for and that are set, but not passed. */
  readonly asked: readonly string[];
  /** Where a manifest of an assembly was written to. */
  readonly assemblies: readonly string[];
  /** Files of the modules of CDK that were loaded, in their order. */
  readonly modules: readonly string[];
}

export interface FollowedRun {
  /** Where the processes wrote to. */
  readonly folder: string;
  /** The folder that the app was told to write to, and the one of the assembly: neither is an input. */
  readonly outputs: readonly string[];
  /** Programs that were known before: those of `cdk.json`. */
  readonly unfollowed: readonly string[];
  /** Programs whose reading the inputs of the target cover. */
  readonly covered: readonly string[];
  /** The environment, of which the app got a part. */
  readonly environment: NodeJS.ProcessEnv;
}

type Entry = readonly [kind: string, path: string, ...rest: readonly unknown[]];
type Start = readonly [
  ...[kind: 'p', file: string, args: readonly string[], cwd: string],
  ...[path: string, followed: boolean, at: number],
];

/** Reads what the processes of a synthesis wrote down, and how that is by now. Never fails: then nothing is kept. */
export function readFollowed(run: FollowedRun): Followed {
  try {
    return readLogs(run);
  } catch (error) {
    const obstacles = [`not all that it read can be read again (${(error as Error).message})`];
    return { obstacles, programs: [], asked: [], assemblies: [], modules: [] };
  }
}

function readLogs(run: FollowedRun): Followed {
  const entries = entriesIn(run.folder);
  const of = (kind: string) => entries.filter(([its]) => its === kind);
  const started = (of('p') as unknown as Start[])
    .filter(([, file, args]) => !isTransformer(file, args, of('m')))
    .flatMap(([, file, args, cwd, path, followed, at]) =>
      unfollowedPrograms(file, args, { cwd, path, followed }).flatMap(({ name, run: started }) => {
        const compiled = started === undefined || run.covered.includes(name) ? undefined : compiledBy(started, at);
        if (compiled === undefined) return [name];
        entries.push(...compiled);
        return [];
      }),
    );
  const programs = [...new Set([...run.unfollowed, ...started])].filter((name) => !run.covered.includes(name));
  const written = new Set(of('w').map(([, path]) => path));
  const assemblies = [...written].filter((path) => basename(path) === 'manifest.json').map((path) => dirname(path));
  const reads: Read[] = [];
  const counted = new Set<string>();
  const moved: string[] = [];
  const ignored = ignoring([...run.outputs, run.folder]);
  for (const [kind, path, before] of entries.filter(([its]) => /^[fdtsx]$/.test(its))) {
    if (ignored(path)) continue;
    const signature = signatureOf(path);
    const byApp = written.has(path) || (kind === 'd' && [...written].some((file) => dirname(file) === path));
    if (
      withoutChangeTime(signature) !== withoutChangeTime(before) &&
      !byApp &&
      !(kind === 's' && sameType(signature, before))
    )
      moved.push(path);
    // A file of its own that the app has removed again is none of its inputs.
    else if (!(byApp && signature === '-') && !counted.has(`${kind} ${path}`)) {
      counted.add(`${kind} ${path}`);
      reads.push({ kind: kind as ReadKind, path, signature, digest: digestOf(kind as ReadKind, path, run.outputs) });
    }
  }
  const asked = [...new Set(of('e').map(([, name]) => name))];
  // Nx sets its own only when a task runs.
  for (const name of asked.filter((one) => !one.startsWith('NX_')))
    reads.push({ kind: 'e', path: name, signature: isSet(name, run.environment), digest: '' });
  const obstacles = [
    ...programs.map((name) => `it started ${name}, and what that reads is not known`),
    ...new Set(of('u').map(([, words]) => `it used ${words}`)),
    ...moved.slice(0, 1).map((path) => `${path} changed meanwhile`),
    ...(entries.length === 0 && programs.length === 0 ? ['no process of it was a Node that can be followed'] : []),
  ];
  return {
    ...(obstacles.length === 0 && { reads }),
    obstacles,
    programs,
    asked: asked.filter((name) => run.environment[name] !== undefined),
    assemblies,
    modules: [...new Set(of('c').map(([, file]) => file))],
  };
}

/** Whether what processes have read until now is as it was, by its signature. */
export function isAsRead(folder: string, outputs: readonly string[]): boolean {
  const ignored = ignoring([...outputs, folder]);
  return entriesIn(folder).every(([kind, path, before]) => {
    if (!/^[fdtsx]$/.test(kind) || ignored(path)) return true;
    const now = signatureOf(path);
    return kind === 's' ? sameType(now, before) : withoutChangeTime(now) === withoutChangeTime(before);
  });
}

function entriesIn(folder: string): Entry[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
}

/** Whether everything is as it was. Returns it with newer signatures, or undefined if something differs. */
export function unchangedReads(
  reads: readonly Read[],
  outputs: readonly string[],
  environment: NodeJS.ProcessEnv,
): readonly Read[] | undefined {
  const now: Read[] = [];
  for (const read of reads) {
    const found = unchangedRead(read, outputs, environment);
    if (found === undefined) return undefined;
    now.push(found);
  }
  return now;
}

/** The paths, and names of variables, that are not as they were. */
export function changedPaths(
  reads: readonly Read[],
  outputs: readonly string[],
  environment: NodeJS.ProcessEnv,
): string[] {
  return reads.filter((read) => unchangedRead(read, outputs, environment) === undefined).map(({ path }) => path);
}

/** Something that was read, with a newer signature if it is as it was; undefined if not. */
function unchangedRead(read: Read, outputs: readonly string[], environment: NodeJS.ProcessEnv): Read | undefined {
  if (read.kind === 'e') return isSet(read.path, environment) === read.signature ? read : undefined;
  const signature = signatureOf(read.path);
  if (signature === read.signature && read.kind !== 't') return read;
  if (read.kind === 'x' && withoutChangeTime(signature) === withoutChangeTime(read.signature)) return read;
  const isSame = read.kind !== 'x' && digestOf(read.kind, read.path, outputs) === read.digest;
  return isSame ? { ...read, signature } : undefined;
}

const isSet = (name: string, environment: NodeJS.ProcessEnv) => (environment[name] === undefined ? 'unset' : 'set');

/** Packages of many projects may be links to one file: each new link changes that time. */
const withoutChangeTime = (signature: unknown) => String(signature).split(':').slice(0, 3).join(':');

const typeOf = (signature: unknown) => String(signature)[0];
const sameType = (one: unknown, other: unknown) => typeOf(one) === typeOf(other);

function digestOf(kind: ReadKind, path: string, outputs: readonly string[]): string {
  const type = typeOf(signatureOf(path))!;
  if (kind === 's' || kind === 'x' || type === '-' || type === 'o') return type;
  if (type === 'f') return contentOf(path);
  const ignored = ignoring(outputs);
  const names = readdirSync(path)
    .filter((name) => !ignored(join(path, name)))
    .toSorted();
  const parts = kind === 't' ? names.map((name) => [name, digestOf('t', join(path, name), outputs)]) : names;
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** In pieces: an asset may be larger than memory. */
function contentOf(file: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(1 << 16);
  const descriptor = openSync(file, 'r');
  try {
    for (let size = readSync(descriptor, piece); size > 0; size = readSync(descriptor, piece))
      hash.update(piece.subarray(0, size));
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}

/** Devices, what belongs to a run and not to the app, and what every run of npm, tsx or CDK writes: logs and caches. */
function ignoring(folders: readonly string[]): (path: string) => boolean {
  const inside = (folder: string, path: string) => path === folder || path.startsWith(folder + sep);
  // tsx names what it has compiled by a checksum of the source, which is an input.
  const fixed = ['/dev', '/proc', '/sys', join(tmpdir(), `tsx-${process.geteuid?.()}`), ...folders];
  return (path) =>
    fixed.some((folder) => inside(folder, path)) ||
    path.startsWith(join(tmpdir(), 'cdk-context')) ||
    /\/(_logs|_cacache|_update-notifier-last-checked|\.cdk\/cache)(\/|$)/.test(path);
}

/** Milliseconds by which the clock of files may lag behind. */
const LAG = 10;

/** What a native compiler read, as if its process had been followed. Undefined for any other program. */
function compiledBy(run: ProgramRun, at: number): Entry[] | undefined {
  const changedAfter = BigInt(at - LAG) * 1_000_000n;
  return (readsOfTypeScript(run) ?? readsOfEsbuild(run))?.map(([kind, path]) => {
    const signature = signatureOf(path);
    const [type, , , changed] = signature.split(':');
    // It may have been another when the compiler read it: nobody looked at it then.
    const isNewer = kind === 'f' && type === 'f' && BigInt(changed!) >= changedAfter;
    return [kind, path, isNewer ? 'newer' : signature];
  });
}

/**
 * The process in which esbuild compiles what it is given. It reads files itself if it bundles, so it is followed only
 * where nobody but a runner of TypeScript uses it.
 */
function isTransformer(file: string, args: readonly string[], loaded: readonly Entry[]): boolean {
  if (basename(file) !== 'esbuild' || !args.some((arg) => arg.startsWith('--service='))) return false;
  const runner = /\/node_modules\/(tsx|esbuild|@esbuild[^/]*|esbuild-register)\//;
  // It starts a thread of its own, which nobody loads.
  return loaded.every(([, , parent, thread]) => (parent === '' && thread !== 0) || runner.test(String(parent)));
}
