import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runAttached } from './run-attached.ts';

/** Exit code of a program that Ctrl-C ended, as shells count it. */
export const INTERRUPTED = 130;

/** The workspace has no Nx. The message names it and the next step. */
export class NoNxError extends Error {
  override readonly name = 'NoNxError';
}

/**
 * The program of the Nx that a workspace has installed, to be run by Node.
 *
 * @param root of the workspace; absolute
 * @throws NoNxError
 */
export function nxProgram(root: string): string {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('nx/package.json');
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> };
    return join(dirname(manifest), bin['nx']!);
  } catch (cause) {
    throw new NoNxError(`Nx is not installed in ${root}: install the packages of the workspace first.`, { cause });
  }
}

/**
 * Runs the Nx of a workspace on our terminal and waits for it. Whether it uses its daemon is decided as always; its
 * terminal UI is off, as it would take the screen from what the targets say themselves.
 *
 * Ctrl-C, and other signals that end this process, end Nx too, which can take its time. Nx 23.2.1 itself answers 130
 * also if a failed task left others undone (`didCommandComplete` in its run-command.js wants a result of every task,
 * and a skipped one has none): without Ctrl-C that is a failure like any other.
 *
 * @param root of the workspace; absolute
 * @param environment the whole environment
 * @returns 0, 1, or `INTERRUPTED`
 * @throws NoNxError
 */
export async function runNx(
  root: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const env = {
    ...compileCache(root),
    ...withoutColours(environment),
    ...outsideOfNx(environment),
    NX_TUI: 'false',
  };
  const { exitCode, stopped } = await runAttached(process.execPath, [nxProgram(root), ...args], { cwd: root, env });
  if (stopped) return INTERRUPTED;
  return exitCode === 0 ? 0 : 1;
}

/** What an Nx sets for one task alone. */
const OF_A_TASK =
  /^NX_(TASK_|INVOKED_|WORKSPACE_ROOT$|PREFIX_OUTPUT$|STREAM_OUTPUT$|LOAD_DOT_ENV|FORKED_|CLI_SET$|VERBOSE_LOGGING$|TERMINAL_|PROJECT_)/;

/** An environment without what an outer Nx set for the task that we are in; an inner Nx would use it as its own. */
export function outsideOfNx(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_A_TASK.test(name)));
}

/** Nx lets Node keep what it compiles, by default in the system's temporary folder. */
function compileCache(root: string): NodeJS.ProcessEnv {
  const modules = join(root, 'node_modules');
  return existsSync(modules) ? { NODE_COMPILE_CACHE: join(modules, '.cache', 'nx-cdk') } : {};
}

/** Nx asks its tasks for colours even if its output goes to a file, unless it is told not to. */
function withoutColours({ CI: ci }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return process.stdout.isTTY || ci !== undefined ? {} : { FORCE_COLOR: '0' };
}
