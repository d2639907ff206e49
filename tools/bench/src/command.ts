import { dirname, delimiter } from 'node:path';
import { type StartedProcess, startProcess } from 'test-bed';
import { largestMemory, type Memory } from './process-memory.ts';

/** A program to run, by its name or path. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** In addition to what a person's shell has anyway. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a program cost. */
export interface CommandCost {
  readonly seconds: number;
  readonly output: string;
  readonly memory?: Memory;
}

/**
 * Runs a program to its end.
 *
 * @param watchMemory look at the memory of the program and of all it starts
 * @throws Error with the end of its output if it fails
 */
export async function run(command: Command, watchMemory = false): Promise<CommandCost> {
  const { program, args, cwd, environment } = command;
  const child = startProcess(program, args, { cwd, env: { ...shellEnvironment(), ...environment } });
  const watch = watchMemory && child.pid ? largestMemory(child.pid) : undefined;
  const ended = await child.ended;
  const seconds = ended.milliseconds / 1000;
  const memory = await watch?.stop();
  if (ended.code !== 0) {
    const tail = ended.output.trimEnd().split('\n').slice(-25).join('\n');
    throw new Error(
      `"${ended.command}" ended with ${ended.code} after ${seconds.toFixed(1)} s; the end of its output:\n${tail}`,
    );
  }
  return { seconds, output: ended.output, ...(memory ? { memory } : {}) };
}

/** Starts a program that a person works with, and that only a signal ends: so it is in no CI. */
export function start({ program, args, cwd, environment }: Command): StartedProcess {
  const env = { ...shellEnvironment(), ...environment, CI: 'false' };
  return startProcess(program, args, { cwd, env });
}

/**
 * The environment of a shell that knows nothing of AWS and is in no Nx task: what Nx tells this task of itself would be
 * wrong for the Nx that is measured.
 */
function shellEnvironment(): Record<string, string> {
  const foreign =
    /^(NX_|AWS_|CDK_|npm_|JEST_|GIT_|FORCE_COLOR$|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$|LERNA_|INIT_CWD$|NODE_PATH$)/;
  return {
    ...Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) => (value && !foreign.test(name) ? [[name, value]] : [])),
    ),
    // Every script runs on the Node that runs this.
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    NO_COLOR: '1',
    CI: '1',
  };
}
