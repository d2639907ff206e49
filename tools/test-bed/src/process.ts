import { constants } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { execa, type Subprocess } from 'execa';

/** How a process ended. */
export interface ProcessResult {
  readonly command: string;
  /** 128 + n if signal n ended it, as in a shell; 124 if it took too long. */
  readonly code: number;
  /** What it wrote to stdout, without colours. */
  readonly stdout: string;
  /** What it wrote, stdout and stderr in the order of arrival, without colours. */
  readonly output: string;
  readonly milliseconds: number;
}

/** A process that runs, or ran. It leads a process group, as a job of a shell does. */
export interface StartedProcess {
  readonly ended: Promise<ProcessResult>;
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  /** What it has written so far, without colours. */
  output(): string;
  /** Resolves as soon as it has written this. @throws Error if it ends without */
  wrote(text: string | RegExp): Promise<void>;
  /** Signals the process alone. */
  kill(signal: NodeJS.Signals): void;
  /** Signals the process and everything it started, as a terminal does. */
  killAll(signal: NodeJS.Signals): void;
}

export interface ProcessOptions {
  readonly cwd: string;
  /** The whole environment: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * After how many milliseconds the process and its children are killed: what would never end, not what takes long on a
   * busy machine. @default 3600000
   */
  readonly timeout?: number;
}

const running = new Set<Subprocess>();

/** Starts a program. What it left running when it ends is ended with it. */
export function startProcess(command: string, args: readonly string[], options: ProcessOptions): StartedProcess {
  const began = performance.now();
  const child = execa(command, args, {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    stripFinalNewline: false,
    reject: false,
    timeout: options.timeout ?? 3_600_000,
    killSignal: 'SIGKILL',
    killDescendants: true,
  });
  running.add(child);
  let written = '';
  let over = false;
  const listeners = new Set<() => void>();
  child.all.setEncoding('utf8').on('data', (text: string) => {
    written += text;
    for (const listener of listeners) listener();
  });
  const output = () => stripVTControlCharacters(written);
  const ended = child.then((end) => {
    child.kill('SIGKILL');
    running.delete(child);
    over = true;
    for (const listener of listeners) listener();
    const { timedOut, exitCode, signal, stdout } = end;
    if (exitCode === undefined && signal === undefined) throw end;
    return {
      command: [command, ...args].join(' '),
      code: timedOut ? 124 : (exitCode ?? 128 + constants.signals[signal!]),
      stdout: stripVTControlCharacters(stdout),
      output: output(),
      milliseconds: performance.now() - began,
    };
  });
  return {
    ended,
    pid: child.pid,
    output,
    wrote: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (typeof text === 'string' ? output().includes(text) : text.test(output())) resolve();
          else if (over) reject(new Error(`The process ended without writing ${text}:\n${output()}`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
    kill: (signal) => void child.nodeChildProcess.kill(signal),
    killAll: (signal) => void child.kill(signal),
  };
}

/** Runs a program and waits for it. Never throws for an exit code: a refusal is what many tests are about. */
export function runProcess(command: string, args: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  return startProcess(command, args, options).ended;
}

/** Ends what is still running, with all its children; for the end of a suite whose test failed half-way. */
export function killProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Thrown if a process ended otherwise than a test needs; its message holds what the process wrote. */
export class UnexpectedExit extends Error {
  constructor({ command, code, output }: ProcessResult) {
    super(`${command}\nended with exit code ${code}:\n${output.trimEnd()}`);
    this.name = 'UnexpectedExit';
  }
}

/** @throws UnexpectedExit if the process failed */
export function succeeded(result: ProcessResult): ProcessResult {
  if (result.code !== 0) throw new UnexpectedExit(result);
  return result;
}
