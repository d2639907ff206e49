import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { ask, run, type RunOptions } from '@nx-cdk/processes';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import type { Architecture } from './architecture.ts';
import type { Counts } from './test-counts.ts';

/** What a handler is written in, besides TypeScript, which needs nothing of this. */
export type Language = 'go' | 'rust';

/** A handler, and what it is compiled with. */
export interface Handler {
  readonly workspaceRoot: string;
  readonly projectRoot: string;
  readonly projectName: string;
  readonly language: Language;
  readonly env: NodeJS.ProcessEnv;
  readonly listener: Listener;
  readonly signal: AbortSignal;
}

/** What compiles a handler, tests and vets it. Each is false, or counts failures, if the tool finds mistakes. */
export interface Compiler {
  /** Folders outside of the project whose names must not get into a binary. */
  readonly foreign: readonly string[];
  /** Compiles into the file `output`: same sources and same compiler, same bytes, on every machine. */
  build(output: string, architecture: Architecture): Promise<boolean>;
  /** Runs the tests, on this machine's own system. */
  test(): Promise<Counts>;
  /** Finds mistakes that compile, and files that are not formatted. */
  vet(): Promise<boolean>;
}

/**
 * Runs a tool whose messages are for people, and returns its exit code. If `onLine` gets the lines of standard output,
 * they are not shown.
 *
 * @throws Failure `ToolNotStarted`
 */
export async function runTool(
  command: string,
  args: readonly string[],
  options: Pick<RunOptions, 'cwd' | 'env' | 'signal' | 'onLine'>,
): Promise<number> {
  const stdout = options.onLine === undefined ? 'inherit' : undefined;
  const end = await run(command, args, { ...options, stdout, stderr: 'inherit' });
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
  return (await ask(command, args, { cwd, env })).answer;
}

/**
 * Where compilers keep what they download and compile, in the workspace: a build leaves nothing outside of it, and
 * needs no home folder, which not every CI has. GOPATH, GOCACHE and CARGO_HOME override this.
 *
 * The folder may be a link to that of another checkout, which then shares its content.
 */
export function toolFolder(workspaceRoot: string, ...parts: string[]): string {
  const folder = join(workspaceRoot, '.toolchains');
  return join(existsSync(folder) ? realpathSync(folder) : folder, ...parts);
}

/** A copy of an environment without the variables that match. */
export function without(env: NodeJS.ProcessEnv, pattern: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !pattern.test(name)));
}
