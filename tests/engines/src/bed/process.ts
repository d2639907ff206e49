import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** How a process ended. */
export interface ProcessEnd {
  /** 128 + n where signal n ended it, as in a shell. */
  readonly code: number;
  /** What it wrote, stdout and stderr in the order of arrival, without colours. */
  readonly output: string;
  readonly milliseconds: number;
}

/** A process that runs, or ran. It leads a process group, as a job of a shell does. */
export interface StartedProcess {
  readonly ended: Promise<ProcessEnd>;
  /** What it has written so far. */
  output(): string;
  /** Resolves as soon as it has written this. @throws Error where it ends without */
  wrote(text: string | RegExp): Promise<void>;
  /** Signals the process alone. */
  kill(signal: NodeJS.Signals): void;
  /** Signals the process and everything it started, as a terminal does. */
  killAll(signal: NodeJS.Signals): void;
}

export interface StartOptions {
  readonly cwd: string;
  /** The whole environment: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>;
  /** After how many milliseconds the process and its children are killed. @default 300000 */
  readonly timeout?: number;
}

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/**
 * Leaders of the groups that run. Jest ends by process.exit, also after Ctrl-C: groups of their own would outlive it.
 */
const running = new Set<number>();
process.on('exit', () => running.forEach((group) => signalGroup(group, 'SIGKILL')));

export function start(command: string, args: readonly string[], options: StartOptions): StartedProcess {
  const began = performance.now();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = child.pid;
  if (group !== undefined) running.add(group);
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += stripVTControlCharacters(text);
      for (const listener of listeners) listener();
    });
  }
  const timer = setTimeout(() => signalGroup(group, 'SIGKILL'), options.timeout ?? 300_000);
  let over = false;
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      over = true;
      clearTimeout(timer);
      // Whatever it left behind ends with it.
      signalGroup(group, 'SIGKILL');
      if (group !== undefined) running.delete(group);
      const number = signal === null ? undefined : (SIGNAL_NUMBERS[signal] ?? 0);
      resolve({
        code: number === undefined ? (code ?? 1) : 128 + number,
        output,
        milliseconds: performance.now() - began,
      });
      for (const listener of listeners) listener();
    });
  });
  return {
    ended,
    output: () => output,
    wrote: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (typeof text === 'string' ? output.includes(text) : text.test(output)) resolve();
          else if (over) reject(new Error(`The process ended without writing ${text}:\n${output}`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
    kill: (signal) => void child.kill(signal),
    killAll: (signal) => signalGroup(group, signal),
  };
}

function signalGroup(group: number | undefined, signal: NodeJS.Signals): void {
  if (group === undefined) return;
  try {
    process.kill(-group, signal);
  } catch {
    // The usual case: everything of the group has ended already.
  }
}
