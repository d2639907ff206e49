import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { type Followed, isAsRead } from '../inputs/index.ts';
import { type AppProcess, type AppProcessOptions, prepareApp } from './app-process.ts';

const WAIT = join(import.meta.dirname, 'ready-wait.cjs');
const RELAY = join(import.meta.dirname, 'ready-relay.cjs');

/**
 * Commands that load nothing and write nothing before they load the app: Node, and what runs TypeScript with it. A line
 * with anything of a shell is none.
 */
const PLAIN = /^(npx (--no |--yes |--no-install )?)?(node|tsx|ts-node)( (?!-)[\w./@:-]+| --?(?!-|run\b)[\w./@:=-]+)*$/;

/** What a shell sets, and what is the app's own in each synthesis: the toolkit says it only when the app is to run. */
const OF_SHELL = new Set(['_', 'OLDPWD', 'PWD', 'SHLVL', 'NODE_OPTIONS', 'NX_CDK_READY']);
const OF_SYNTHESIS = /^CDK_(OUTDIR|CONTEXT_JSON|CLI_|ERROR_)|^CONTEXT_OVERFLOW_LOCATION/;

/** What an app is run by. */
export interface AppStart extends AppProcessOptions {
  readonly command: string;
  /** Variables that the app gets besides. */
  readonly more: Readonly<Record<string, string>>;
}

/** A process that was started for an app, and that waits to be told to go on. */
interface Waiting {
  readonly start: AppStart;
  readonly app: AppProcess;
  readonly child: ChildProcess;
  readonly server: Server;
}

/** An app whose processes have read nothing but packages: the same as a new one, only sooner. */
export interface ReadyProcess extends AppProcess {
  /** Runs it, in place of the app's own command. */
  readonly command: string;
}

/**
 * Keeps a process of an app ready for its next synthesis: it has loaded CDK, and waits before it loads the app. Each
 * process runs the app once, so nothing of one synthesis is left in the next.
 */
export class ReadyApp {
  #last: { readonly start: AppStart; readonly modules: readonly string[] } | undefined;
  #waiting: Promise<Waiting | undefined> | undefined;
  #isOver = false;

  /** Notes how an app was run, and what it loaded. */
  ran(start: AppStart, { modules, obstacles }: Followed): void {
    const isKnown = modules.length > 0 && obstacles.length === 0;
    this.#last = isKnown && PLAIN.test(start.command) && process.platform !== 'win32' ? { start, modules } : undefined;
  }

  /** Starts a process for the next synthesis, unless one waits, or the app is one that cannot be held back. */
  prepare(): void {
    if (this.#last === undefined || this.#waiting !== undefined || this.#isOver) return;
    this.#waiting = this.#begin(this.#last.start, this.#last.modules).catch(() => undefined);
  }

  /** The process that waits; undefined if there is none, or if the app is run in another way by now. */
  async take(start: AppStart, outputs: readonly string[]): Promise<ReadyProcess | undefined> {
    const waiting = await this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return undefined;
    if (hasEnded(waiting.child) || !isDeepStrictEqual(waiting.start, start)) {
      await end(waiting);
      return undefined;
    }
    const { app, server } = waiting;
    const command = [process.execPath, RELAY, String(server.address()), start.command].map(quoted).join(' ');
    server.once('connection', (relay) => connectWith(waiting, relay, outputs));
    return { ...app, command, dispose: () => end(waiting) };
  }

  /** Ends the process that waits; none is started any more. */
  async stop(): Promise<void> {
    this.#isOver = true;
    const waiting = await this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) await end(waiting);
  }

  async #begin(start: AppStart, modules: readonly string[]): Promise<Waiting> {
    const app = await prepareApp(start, start.more);
    const list = join(app.folder, 'modules.json');
    writeFileSync(list, JSON.stringify(modules));
    const wait = `--require=${JSON.stringify(WAIT)}`;
    const env = { ...app.env, NODE_OPTIONS: `${wait} ${app.env['NODE_OPTIONS']}`, NX_CDK_READY: list };
    const server = createServer().listen(join(app.folder, 'app.sock'));
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
    server.unref();
    const { command, projectRoot: cwd } = start;
    const child = spawn(command, { shell: true, cwd, env, detached: true, stdio: 'pipe' });
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    child.unref();
    return { start, app, child, server };
  }
}

/** Lets an app go on with the environment of this moment, if all that it has read is as it was. */
function connectWith(waiting: Waiting, relay: Socket, outputs: readonly string[]): void {
  const { app, child, server } = waiting;
  const say = (...line: readonly unknown[]) => relay.write(`${JSON.stringify(line)}\n`);
  server.on('connection', (later) => later.end('["anew"]\n'));
  relay.on('error', () => undefined).on('close', () => kill(child));
  createInterface({ input: relay }).once('line', (line) => {
    const variables = JSON.parse(line) as Readonly<Record<string, string>>;
    const changes = changesOf(app.env, variables);
    if (changes === undefined || hasEnded(child) || !isAsRead(app.folder, outputs)) {
      relay.end('["anew"]\n');
      return;
    }
    child.stdout!.setEncoding('utf8').on('data', (text) => say('out', text));
    child.stderr!.setEncoding('utf8').on('data', (text) => say('err', text));
    child.once('close', (code) => say('end', code ?? 1));
    child.stdin!.end(`${JSON.stringify(changes)}\n`);
  });
}

/** What differs in an environment; undefined if that is more than a process can be told when it runs. */
function changesOf(
  before: AppProcess['env'],
  after: Readonly<Record<string, string>>,
): (readonly [string, string | null])[] | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => before[name] !== after[name] && name !== '_');
  const isTold = (name: string) => OF_SHELL.has(name) || OF_SYNTHESIS.test(name);
  if (!changed.every((name) => isTold(name) || name === 'PYTHONIOENCODING')) return undefined;
  return [...new Set([...changed, 'NODE_OPTIONS', 'NX_CDK_READY'])].map((name) => [name, after[name] ?? null]);
}

async function end({ app, child, server }: Waiting): Promise<void> {
  kill(child);
  server.close();
  await app.dispose();
}

/** The process, and all that it has started. */
function kill(child: ChildProcess): void {
  if (hasEnded(child)) return;
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
