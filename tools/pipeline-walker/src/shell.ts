import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { redact } from 'nx-cdk/progress';

/** How a shell is made. */
export interface ShellOptions {
  /** Folder that the first command starts in; absolute. */
  readonly cwd: string;
  /** The whole environment of the first command. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder for the text of the command that runs; absolute. */
  readonly scratch: string;
  /** Gets each line of stdout and stderr, in order, without colours and with secrets masked. */
  readonly onLine: (line: string) => void;
}

/**
 * Runs the command in `$0` with all variables exported, then writes the folder and the exported variables to descriptor
 * 3. With builtins of bash alone, so that it works everywhere, and to a pipe, as there are credentials among the
 * variables. If the command calls `exit`, what it set is lost.
 */
const DRIVER = `exec 2>&1
nx_cdk_keep() { set +aeux; local IFS=$'\\n' name; printf '%s\\0' "$PWD"; for name in $(compgen -e); do printf '%s=%s\\0' "$name" "\${!name}"; done; }
set -a
. "$0" 3>&-
set -- "$?"
nx_cdk_keep >&3
exit "$1"`;

/** What bash sets for itself; the next bash must not inherit it. */
const OWN_VARIABLES = new Set(['_', 'SHLVL', 'PWD', 'OLDPWD']);

/** How long a command may take to end after SIGTERM, in milliseconds. */
const GRACE = 5_000;

/** How long to wait for the rest of the output while a background process keeps the pipe open, in milliseconds. */
const LAST_WORDS = 500;

const shells = new Set<Shell>();
process.on('exit', () => shells.forEach((shell) => shell.dispose()));

/**
 * Runs commands as CodeBuild does: each in a bash of its own, which starts with the folder and the exported variables
 * that the one before ended with, and can go on after `exit 1`
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-versions).
 */
export class Shell {
  /** Folder of the next command. */
  cwd: string;
  /** Environment of the next command. */
  env: Record<string, string>;
  readonly #options: ShellOptions;
  /** Each command leads a process group, so that all that it started can be ended. */
  readonly #groups = new Set<number>();

  constructor(options: ShellOptions) {
    this.#options = options;
    this.cwd = options.cwd;
    this.env = { ...options.env };
    shells.add(this);
  }

  /**
   * Runs a command and waits for it.
   *
   * @param signal ends it, with all that it started
   * @returns its exit code; 128 + n if signal n ended it
   */
  async run(command: string, signal?: AbortSignal): Promise<number> {
    if (signal?.aborted) return 128 + constants.signals.SIGTERM;
    const file = join(this.#options.scratch, 'command.sh');
    writeFileSync(file, `${command}\n`, { mode: 0o600 });
    const child = spawn('bash', ['--noprofile', '--norc', '-c', DRIVER, file], {
      cwd: this.cwd,
      env: this.env,
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      detached: true,
    });
    const group = child.pid;
    if (group !== undefined) this.#groups.add(group);
    let rest = '';
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.#hear(line);
    });
    let kill: NodeJS.Timeout | undefined;
    const end = () => {
      signalGroup(group, 'SIGTERM');
      kill = setTimeout(() => signalGroup(group, 'SIGKILL'), GRACE);
    };
    signal?.addEventListener('abort', end, { once: true });
    try {
      const closed = once(child, 'close').catch(() => undefined);
      const [exit, kept] = await Promise.all([once(child, 'exit'), text(child.stdio[3] as Readable)]);
      await Promise.race([closed, wait(LAST_WORDS, undefined, { ref: false })]);
      // On a busy machine the time may be over before what is in the pipe was read.
      await nextTurn();
      // A background process may hold the pipe open.
      child.stdout!.destroy();
      if (rest !== '') this.#hear(rest);
      this.#keep(kept);
      const [code, endedBy] = exit as [number | null, NodeJS.Signals];
      return code ?? 128 + constants.signals[endedBy];
    } finally {
      signal?.removeEventListener('abort', end);
      clearTimeout(kill);
      if (signal?.aborted) signalGroup(group, 'SIGKILL');
      rmSync(file, { force: true });
    }
  }

  /** Ends what commands left in the background. */
  dispose(): void {
    for (const group of this.#groups) signalGroup(group, 'SIGKILL');
    shells.delete(this);
  }

  #hear(line: string): void {
    // A progress bar overwrites its line by carriage returns; the last text counts.
    const shown = line.replace(/\r$/, '').split('\r').at(-1)!;
    this.#options.onLine(redact(stripVTControlCharacters(shown)));
  }

  #keep(kept: string): void {
    const [cwd, ...variables] = kept.split('\0').slice(0, -1);
    if (cwd === undefined) return;
    this.cwd = cwd;
    const pairs = variables.map((variable) => variable.split(/=(.*)/s, 2) as [string, string]);
    this.env = Object.fromEntries(pairs.filter(([name]) => !OWN_VARIABLES.has(name)));
  }
}

function signalGroup(group: number | undefined, signal: NodeJS.Signals): void {
  if (group === undefined) return;
  try {
    process.kill(-group, signal);
  } catch {
    // Usually everything of the group has ended already.
  }
}
