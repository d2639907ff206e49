import { run } from '@libs/processes';
import { Failure } from '../failure/index.ts';

/** How a compiler or a test runner is started. */
export interface ToolOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends the tool and what it started. */
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
  const outputs = options.onLine === undefined ? ({ stdout: 'inherit' } as const) : {};
  const end = await run(command, args, { ...options, ...outputs, stderr: 'inherit' });
  if (end.started || options.signal?.aborted) return end.code;
  throw new Failure('ToolNotStarted', { subject: command, what: end.failure! });
}

/** What a tool says of itself, for example its version; undefined if it cannot be started or fails. */
export async function askTool(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd?: string,
): Promise<string | undefined> {
  const { code, stdout } = await run(command, args, { cwd, env });
  return code === 0 ? stdout.trim() : undefined;
}
