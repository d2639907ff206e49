import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import type { Result } from 'execa';

export interface RunOptions {
  /** @default that of this process */
  readonly cwd?: string;
  /** The whole environment. @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program and what it started: first by {@link stopSignal}, after ten seconds by SIGKILL. */
  readonly signal?: AbortSignal;
  /** @default SIGTERM */
  readonly stopSignal?: 'SIGINT';
  /** After how many milliseconds it is ended. @default never */
  readonly timeout?: number;
  /** Takes secrets out of a line. @default none */
  readonly mask?: (line: string) => string;
  /** Gets each line of the outputs that are collected, masked and without white space at its end. */
  readonly onLine?: (line: string) => void;
  /** Where standard output goes. @default collected */
  readonly stdout?: 'inherit';
  /** Where standard error goes. @default collected */
  readonly stderr?: 'inherit';
}

/** How a program ended. */
export interface ProgramEnd {
  /** Whether it could be started at all. */
  readonly started: boolean;
  /** 128 + n if signal n ended it, as in a shell; 127 if it could not be started, 124 if it took too long. */
  readonly code: number;
  /** Standard output as it was written, unmasked: for results, never for people. */
  readonly stdout: string;
  /** Standard error, likewise. */
  readonly stderr: string;
  /** The last lines of both outputs that are not empty, masked. */
  readonly lastLines: readonly string[];
  /** Undefined if it succeeded, else `exit code 1`, `ended by SIGTERM`, `is not installed`, `interrupted`. */
  readonly failure?: string;
}

/** How many lines of a program's output are kept to say why it failed. */
const KEPT = 15;

/**
 * Runs a program to its end, with nothing to read. Never throws: how it ended is the answer, without arguments and
 * environment.
 *
 * The program leads a process group: Ctrl-C in a terminal reaches it through the signal alone, and what it started ends
 * with it. It ends with this process, too.
 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<ProgramEnd> {
  // It takes a tenth of a second to load: many commands need no program.
  const { execa } = await import('execa');
  const { cwd, env, signal, timeout, mask = (line) => line, onLine } = options;
  const lastLines: string[] = [];
  if (signal?.aborted) return { started: false, code: 130, stdout: '', stderr: '', lastLines, failure: 'interrupted' };
  const transform = function* (text: unknown) {
    // Tools draw their progress with carriage returns.
    for (const line of String(text).trimEnd().split(/\r+/).map(mask)) {
      if (line !== '' && lastLines.push(line) > KEPT) lastLines.shift();
      onLine?.(line);
    }
    yield text;
  };
  const listen = { transform, preserveNewlines: true };
  const end: Result = await execa(program, args, {
    cwd,
    env,
    extendEnv: env === undefined,
    stdin: 'ignore',
    stdout: options.stdout ?? listen,
    stderr: options.stderr ?? listen,
    stripFinalNewline: false,
    reject: false,
    cancelSignal: signal,
    timeout,
    killSignal: options.stopSignal ?? 'SIGTERM',
    killDescendants: true,
    forceKillAfterDelay: 10_000,
  });
  const { exitCode, stdout = '', stderr = '' } = end;
  const started = exitCode !== undefined || end.signal !== undefined;
  const failure = failureOf(end, cwd);
  return {
    started,
    code: codeOf(end),
    stdout: String(stdout),
    stderr: String(stderr),
    lastLines,
    ...(failure && { failure }),
  };
}

function codeOf({ exitCode, signal, timedOut }: Result): number {
  if (timedOut) return 124;
  return exitCode ?? (signal === undefined ? 127 : 128 + constants.signals[signal as NodeJS.Signals]);
}

function failureOf(end: Result, folder = '.'): string | undefined {
  const { failed, isCanceled, timedOut, signal, exitCode, code } = end;
  if (!failed) return undefined;
  if (isCanceled) return 'interrupted';
  if (timedOut) return 'took too long';
  if (signal !== undefined) return `ended by ${signal}`;
  if (exitCode !== undefined) return `exit code ${exitCode}`;
  if (!existsSync(folder)) return `has no folder ${folder} to run in`;
  return code === 'ENOENT' ? 'is not installed' : `could not be started: ${code}`;
}
