import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** How a process ended. */
export interface ProcessResult {
  readonly command: string;
  /** 128 + n where signal n ended it, as in a shell; 124 where it took too long. */
  readonly code: number;
  /** What it wrote to stdout, without colours. */
  readonly stdout: string;
  /** What it wrote, stdout and stderr in the order of arrival, without colours. */
  readonly output: string;
  readonly milliseconds: number;
}

export interface ProcessOptions {
  readonly cwd: string;
  /** The whole environment: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * After how many milliseconds the process and its children are killed: what would never end, not what takes long on a
   * busy machine. @default 600000
   */
  readonly timeout?: number;
}

/** Leaders of the process groups that are running. */
const running = new Set<number>();

// Jest ends by process.exit, also after Ctrl-C: groups of their own would outlive it.
process.on('exit', () => killProcesses());

/**
 * Runs a program and waits for it. Never throws for an exit code: a refusal is what many tests are about.
 *
 * Each program leads a process group, so that what it started can be ended with it.
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = child.pid;
  if (group !== undefined) running.add(group);
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill(group);
  }, options.timeout ?? 600_000);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode) => resolve(late ? 124 : (exitCode ?? 137)));
    });
    const milliseconds = performance.now() - started;
    return {
      command: [command, ...args].join(' '),
      code,
      stdout: stripVTControlCharacters(stdout),
      output: stripVTControlCharacters(output),
      milliseconds,
    };
  } finally {
    clearTimeout(timer);
    kill(group);
    if (group !== undefined) running.delete(group);
  }
}

/** Ends what is still running, with all its children; for the end of a suite whose test failed half-way. */
export function killProcesses(): void {
  for (const group of running) kill(group);
  running.clear();
}

/** Thrown where a process ended otherwise than a test needs; its message holds what the process wrote. */
export class UnexpectedExit extends Error {
  constructor({ command, code, output }: ProcessResult) {
    super(`${command}\nended with exit code ${code}:\n${output.trimEnd()}`);
    this.name = 'UnexpectedExit';
  }
}

/** @throws UnexpectedExit where the process failed */
export function succeeded(result: ProcessResult): ProcessResult {
  if (result.code !== 0) throw new UnexpectedExit(result);
  return result;
}

function kill(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // The usual case: everything of the group has ended already.
  }
}
