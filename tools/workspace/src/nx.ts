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
export async function nx(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<number> {
  const child = spawn(join(WORKSPACE_ROOT, 'node_modules', '.bin', 'nx'), args, {
    cwd: WORKSPACE_ROOT,
    stdio: 'inherit',
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', ...environment },
  });
  return exitOf(child);
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
