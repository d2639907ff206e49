import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Lines } from './lines.ts';

/** How a shell is made. */
export interface ShellOptions {
  /** Folder that the first command starts in; absolute. */
  readonly cwd: string;
  /** The whole environment of the first command: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the text of a command is kept while it runs; absolute. Holds no variable. */
  readonly scratch: string;
  /** Ends the running command and whatever it started. */
  readonly signal?: AbortSignal;
  /** Hears of each line of output, stdout and stderr in the order in which they were written; secrets are masked. */
  readonly onLine?: (line: string) => void;
  /** Whether a variable is exported without being told so, as in a CodeBuild build. @default false */
  readonly exportAll?: boolean;
  /** Whether a failing line of a command ends it (`set -eo pipefail`). @default false */
  readonly errexit?: boolean;
}

/**
 * Runs the command in `$0`, then writes the folder and the exported variables to descriptor 3: with builtins of bash
 * alone, so that it works wherever there is one, and to a pipe, since there are credentials among the variables. A
 * command that leaves by `exit` gets past it, and what it set is lost with it.
 */
const DRIVER = `exec 2>&1
nx_cdk_keep() { set +aeux; local IFS=$'\\n' name; printf '%s\\0' "$PWD"; for name in $(compgen -e); do printf '%s=%s\\0' "$name" "\${!name}"; done; }
$NX_CDK_SHELL_OPTIONS
. "$0" 3>&-
set -- "$?"
nx_cdk_keep >&3
exit "$1"`;

/** What a shell sets for itself, and each further one would take over as if it were somebody's wish. */
const OWN_VARIABLES = new Set(['_', 'SHLVL', 'PWD', 'OLDPWD']);

/** How long a command that is asked to end may take, in milliseconds. */
const GRACE = 5_000;

/**
 * How long the output of a command is waited for when it has ended, but something that it left in the background has
 * not; in milliseconds.
 */
const LAST_WORDS = 500;

/** Leaders of the process groups that run. A process that leaves at once must not leave them behind. */
const groups = new Set<number>();
process.on('exit', () => groups.forEach((group) => signalGroup(group, 'SIGKILL')));

/**
 * A shell session: each command runs in a bash of its own, and starts with the exported variables and in the folder
 * that the one before it ended with. That is how CodeBuild does it
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-versions), and why a build
 * can go on after `exit 1`.
 */
export class Shell {
  /** Folder of the next command. */
  cwd: string;
  /** Environment of the next command. */
  env: Record<string, string>;
  readonly #options: ShellOptions;
  readonly #started = new Set<number>();

  constructor(options: ShellOptions) {
    this.#options = options;
    this.cwd = options.cwd;
    this.env = { ...options.env };
  }

  /**
   * Runs a command and waits for it.
   *
   * @param command one line or several
   * @param signal ends it, besides the signal of the shell
   * @returns its exit code; 128 + n if signal n ended it, as shells count
   */
  async run(command: string, signal?: AbortSignal): Promise<number> {
    const stop = AbortSignal.any([this.#options.signal, signal].filter((one) => one !== undefined));
    if (stop.aborted) return 143;
    const file = join(this.#options.scratch, `command-${randomUUID()}.sh`);
    writeFileSync(file, `${command}\n`, { mode: 0o600 });
    try {
      return await this.#run(file, stop);
    } finally {
      rmSync(file, { force: true });
    }
  }

  /** Ends what commands left in the background. */
  dispose(): void {
    for (const group of this.#started) signalGroup(group, 'SIGKILL');
    this.#started.clear();
  }

  async #run(file: string, stop: AbortSignal): Promise<number> {
    const { exportAll, errexit, onLine } = this.#options;
    const driver = DRIVER.replace(
      '$NX_CDK_SHELL_OPTIONS',
      `${errexit ? 'set -eo pipefail\n' : ''}${exportAll ? 'set -a' : ''}`,
    );
    const child = spawn('bash', ['--noprofile', '--norc', '-c', driver, file], {
      cwd: this.cwd,
      env: this.env,
      // Nobody answers a command that asks; a group of its own, so that all that it starts ends with it.
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      detached: true,
    });
    const group = child.pid;
    if (group !== undefined) {
      groups.add(group);
      this.#started.add(group);
    }
    const lines = new Lines((line) => onLine?.(line));
    child.stdout!.setEncoding('utf8').on('data', (text: string) => lines.write(text));
    const kept: Buffer[] = [];
    child.stdio[3]!.on('data', (chunk: Buffer) => kept.push(chunk));
    let kill: NodeJS.Timeout | undefined;
    const end = () => {
      signalGroup(group, 'SIGTERM');
      kill = setTimeout(() => signalGroup(group, 'SIGKILL'), GRACE);
    };
    stop.addEventListener('abort', end, { once: true });
    try {
      const code = await ending(child);
      lines.end();
      this.#keep(Buffer.concat(kept).toString());
      return code;
    } finally {
      stop.removeEventListener('abort', end);
      clearTimeout(kill);
      if (stop.aborted) signalGroup(group, 'SIGKILL');
      if (group !== undefined && !isAlive(group)) groups.delete(group);
    }
  }

  #keep(text: string): void {
    const [cwd, ...variables] = text.split('\0').slice(0, -1);
    if (cwd === undefined) return;
    this.cwd = cwd;
    this.env = Object.fromEntries(
      variables
        .map(
          (variable) => [variable.slice(0, variable.indexOf('=')), variable.slice(variable.indexOf('=') + 1)] as const,
        )
        .filter(([name]) => !OWN_VARIABLES.has(name)),
    );
  }
}

const SIGNALS: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

async function ending(child: ChildProcess): Promise<number> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve(exitCode ?? 128 + (SIGNALS[signal!] ?? 0)));
  });
  await Promise.race([closed, wait(LAST_WORDS, undefined, { ref: false })]);
  // What runs on in the background may hold the pipes open; nobody reads them any more.
  for (const stream of child.stdio) stream?.destroy();
  return code;
}

function isAlive(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

function signalGroup(group: number | undefined, signal: NodeJS.Signals): void {
  if (group === undefined) return;
  try {
    process.kill(-group, signal);
  } catch {
    // The usual case: everything of the group has ended already.
  }
}
