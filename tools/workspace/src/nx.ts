import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** Absolute path of the workspace. */
export const WORKSPACE_ROOT = join(import.meta.dirname, '..', '..', '..');

/**
 * Runs Nx and waits for it.
 *
 * No daemon: it would go on running after the command that started it. No TUI: it would take the screen from what the targets say themselves.
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

/** Nx asks its tasks for colours wherever its output goes; a file is better off without. */
function colours(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const wanted = process.stdout.isTTY || environment['FORCE_COLOR'] !== undefined || environment['CI'] !== undefined;
  return wanted ? {} : { NO_COLOR: '1' };
}

/** Runs a script of the workspace with the Node that runs this, and waits for it; returns the exit code. */
export async function node(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<number> {
  return run(process.execPath, args, environment);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return exitOf(spawn(command, args, { cwd: WORKSPACE_ROOT, stdio: 'inherit', env }));
}

/** Exit code of a process; 130 where a signal ended it. Ctrl-C reaches the child by itself, so that it can end well before we do. */
export function exitOf(child: ChildProcess): Promise<number> {
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  return new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal === null ? (code ?? 1) : 130));
  }).finally(() => process.off('SIGINT', ignore));
}
