import { join } from 'node:path';
import { execa } from 'execa';

/** Absolute path of the workspace. */
export const WORKSPACE_ROOT = join(import.meta.dirname, '..', '..', '..');

/**
 * Runs Nx and waits for it.
 *
 * No daemon: it would go on running after the command that started it. No TUI: it would take the screen from what the
 * targets say themselves.
 *
 * @returns the exit code
 */
export async function nx(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<number> {
  return run(join(WORKSPACE_ROOT, 'node_modules', '.bin', 'nx'), args, {
    ...environment,
    ...colours(environment),
    NX_DAEMON: 'false',
    NX_TUI: 'false',
  });
}

/** Nx asks its tasks for colours even if its output goes to a file, unless it is told not to. */
function colours(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const wanted = process.stdout.isTTY || environment['FORCE_COLOR'] !== undefined || environment['CI'] !== undefined;
  return wanted ? {} : { FORCE_COLOR: '0' };
}

/** Runs a script of the workspace with the Node that runs this, and waits for it; returns the exit code. */
export async function node(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<number> {
  return run(process.execPath, args, environment);
}

/** Exit code of a process that Ctrl-C ended, as shells count it. */
export const INTERRUPTED = 130;

/**
 * Runs a program on our terminal; its exit code is 0 or 1, or `INTERRUPTED` after Ctrl-C, which reaches the program by
 * itself, so that it can end well before we do.
 *
 * Nx 23.2.1 itself answers 130 also if a failed task left others undone (`didCommandComplete` in its run-command.js
 * wants a result of every task, and a skipped one has none): without Ctrl-C that is a failure like any other.
 */
async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const { exitCode } = await execa(command, args, {
      cwd: WORKSPACE_ROOT,
      // Nx lets Node keep what it compiles, by default in the system's temporary folder.
      env: { NODE_COMPILE_CACHE: join(WORKSPACE_ROOT, 'node_modules', '.cache', 'nx-cdk'), ...env },
      extendEnv: false,
      stdio: 'inherit',
      reject: false,
    });
    if (interrupted) return INTERRUPTED;
    return exitCode === 0 ? 0 : 1;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
