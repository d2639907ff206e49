import { spawn } from 'node:child_process';
import { Failure } from '../failure/index.ts';

/** How a compiler or a test runner is started. */
export interface ToolOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends the tool. */
  readonly signal?: AbortSignal;
  /** Gets what the tool writes to stdout, line by line; without it the tool writes to ours. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a tool whose messages are for the person who waits, and returns its exit code.
 *
 * @throws Failure `ToolNotStarted`
 */
export async function runTool(command: string, args: readonly string[], options: ToolOptions): Promise<number> {
  const { cwd, env, signal, onLine } = options;
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', onLine === undefined ? 'inherit' : 'pipe', 'inherit'],
  });
  const end = () => void child.kill();
  signal?.addEventListener('abort', end);
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) onLine?.(line);
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', (cause) =>
        reject(new Failure('ToolNotStarted', `${command} cannot be started: ${cause.message}.`, { cause })),
      );
      child.on('close', (code) => {
        if (rest !== '') onLine?.(rest);
        resolve(code ?? 1);
      });
    });
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** What a tool says of itself, for example its version; undefined where it cannot be started or fails. */
export async function askTool(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd?: string,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 ? output.trim() : undefined));
  });
}
