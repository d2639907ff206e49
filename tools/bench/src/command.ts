import { dirname, delimiter } from 'node:path';
import { execa, type Subprocess } from 'execa';
import { largestMemory, type Memory } from './process-memory.ts';

/** A program to run, found in the folders of `bin` or by its path. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Beside what a person's shell has anyway. */
  readonly environment: Record<string, string>;
  /** Give up after this time, in seconds. @default 900 */
  readonly timeout?: number;
  /** Look at the memory of the program and of all it starts. @default false */
  readonly watchMemory?: boolean;
}

/** What a program cost. */
export interface CommandCost {
  readonly seconds: number;
  readonly output: string;
  readonly memory?: Memory;
}

/** Runs programs one after another, and ends the running one when the benchmark ends. */
export class CommandRunner {
  #running: Subprocess | undefined;

  /**
   * Runs a program to its end.
   *
   * @throws Error with the end of its output if it fails
   */
  async run(command: Command): Promise<CommandCost> {
    const child = execa(command.program, command.args, {
      cwd: command.cwd,
      env: { ...shellEnvironment(process.env), ...command.environment },
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      reject: false,
      timeout: (command.timeout ?? 900) * 1000,
      killSignal: 'SIGKILL',
      killDescendants: true,
    });
    this.#running = child;
    const watch = command.watchMemory && child.pid ? largestMemory(child.pid) : undefined;
    const { all: output, durationMs, exitCode, signal, failed, shortMessage } = await child;
    const seconds = durationMs / 1000;
    this.#running = undefined;
    const memory = await watch?.stop();
    if (failed) {
      const tail = output.trimEnd().split('\n').slice(-25).join('\n');
      const line = [command.program, ...command.args].join(' ');
      const ended = signal ?? exitCode ?? shortMessage;
      throw new Error(`"${line}" ended with ${ended} after ${seconds.toFixed(1)} s; the end of its output:\n${tail}`);
    }
    return { seconds, output, ...(memory ? { memory } : {}) };
  }

  /** Ends what runs. */
  kill(): void {
    this.#running?.kill('SIGKILL');
  }
}

/**
 * The environment of a shell that knows nothing of AWS and is in no Nx task: what Nx tells this task of itself would be
 * wrong for the Nx that is measured.
 */
function shellEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign =
    /^(NX_|AWS_|CDK_|npm_|JEST_|GIT_|FORCE_COLOR$|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$|LERNA_|INIT_CWD$|NODE_PATH$)/;
  return {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !foreign.test(name))),
    // Every script runs on the Node that runs this.
    PATH: [dirname(process.execPath), environment['PATH'] ?? ''].join(delimiter),
    NO_COLOR: '1',
    CI: '1',
  };
}
