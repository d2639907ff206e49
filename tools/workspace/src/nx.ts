import { join } from 'node:path';
import { execa } from 'execa';

/** Absolute path of the workspace. */
export const WORKSPACE_ROOT = join(import.meta.dirname, '..', '..', '..');

/** Exit code of a process that Ctrl-C ended, as shells count it. */
export const INTERRUPTED = 130;

/** How a program is run. */
export interface RunOptions {
  /** The whole environment. @default that of this process */
  readonly environment?: NodeJS.ProcessEnv;
  /** Gets each line of the output; the program then has no terminal. @default the program writes to our terminal */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs Nx and waits for it; returns the exit code, see {@link run}.
 *
 * No daemon: it would go on running after the command that started it. No TUI: it would take the screen from what the
 * targets say themselves.
 */
export function nx(args: readonly string[], { environment = process.env, onLine }: RunOptions = {}): Promise<number> {
  const env = { ...environment, ...colours(environment, onLine !== undefined), NX_DAEMON: 'false', NX_TUI: 'false' };
  return run(join(WORKSPACE_ROOT, 'node_modules', '.bin', 'nx'), args, { environment: env, onLine });
}

/** Nx asks its tasks for colours even if its output goes to a file, unless it is told not to. */
function colours(environment: NodeJS.ProcessEnv, piped: boolean): NodeJS.ProcessEnv {
  if (process.stdout.isTTY) return piped && process.stdout.hasColors() ? { FORCE_COLOR: '1' } : {};
  return environment['FORCE_COLOR'] !== undefined || environment['CI'] !== undefined ? {} : { FORCE_COLOR: '0' };
}

/** Runs a script of the workspace with the Node that runs this, and waits for it; returns the exit code. */
export function node(args: readonly string[], options: RunOptions = {}): Promise<number> {
  return run(process.execPath, args, options);
}

/**
 * Runs a program; its exit code is 0 or 1, or `INTERRUPTED` after Ctrl-C. The terminal sends that to the program too,
 * which can end well before we do.
 *
 * Nx 23.2.1 itself answers 130 also if a failed task left others undone (`didCommandComplete` in its run-command.js
 * wants a result of every task, and a skipped one has none): without Ctrl-C that is a failure like any other.
 */
async function run(
  command: string,
  args: readonly string[],
  { environment: env = process.env, onLine }: RunOptions,
): Promise<number> {
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // A transform that calls back for each line, and keeps none.
  const lines =
    onLine &&
    function* (line: unknown) {
      onLine(String(line));
    };
  try {
    const { exitCode } = await execa(command, args, {
      cwd: WORKSPACE_ROOT,
      // Nx lets Node keep what it compiles, by default in the system's temporary folder.
      env: { NODE_COMPILE_CACHE: join(WORKSPACE_ROOT, 'node_modules', '.cache', 'nx-cdk'), ...env },
      extendEnv: false,
      stdio: lines ? ['ignore', lines, lines] : 'inherit',
      reject: false,
    });
    if (interrupted) return INTERRUPTED;
    return exitCode === 0 ? 0 : 1;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/**
 * The environment without anything that says how to reach AWS. `npm start` is about the local AWS only: a profile or
 * keys of the shell are for somewhere else, and would win over those of `.env.local-aws`.
 */
export function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('AWS_') || name === 'AWS_CA_BUNDLE'),
  );
}
