import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { CHECKOUT, cleanEnvironment, type ProcessResult, runProcess, ScratchWorkspace, succeeded } from 'test-bed';

/** An id that no user of a machine has. */
const SOMEBODY = '42424';

/**
 * Commands to put before another one, each of which changes the machine that it sees; absent if this machine cannot do
 * that.
 */
export interface Pretence {
  /** As a user with another id, who owns the copy of the workspace. */
  readonly user?: readonly string[];
  readonly hostname?: readonly string[];
  /** On one processor. */
  readonly processors?: readonly string[];
}

/**
 * How far this machine can pretend to be another one. What is left out here differs everywhere: folder, clock, umask,
 * language, home folder, variables.
 */
export function possiblePretence(): Pretence {
  const rustc = rustCompiler();
  // A handler in Rust is part of the assembly if there is Rust: a user who cannot reach this machine's compiler would
  // make another assembly.
  const works = (prefix: readonly string[]) =>
    has(...prefix, ...(rustc === undefined ? ['true'] : ['test', '-x', rustc]));
  return {
    user: [
      ['setpriv', `--reuid=${SOMEBODY}`, `--regid=${SOMEBODY}`, '--clear-groups'],
      // For a machine whose compilers are in root's home folder, and one on which nobody is root.
      ['unshare', '--user', `--map-user=${SOMEBODY}`, `--map-group=${SOMEBODY}`],
    ].find(works),
    hostname: [['unshare', '--uts', 'sh', '-c', 'echo elsewhere > /proc/sys/kernel/hostname && exec "$@"', 'sh']].find(
      works,
    ),
    processors: availableParallelism() < 2 ? undefined : [['taskset', '--cpu-list', '0']].find(works),
  };
}

/** Path of the machine's Rust compiler, without which a CI refuses to compile handlers in Rust. */
export function rustCompiler(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'rustc')).find((file) => has('test', '-x', file));
}

function has(...command: readonly string[]): boolean {
  // In a folder that everybody may be in.
  return spawnSync(command[0]!, command.slice(1), { cwd: '/' }).status === 0;
}

/** A copy of the workspace on a machine that differs in whatever CDK, Node or a compiler might let into an assembly. */
export class AnotherMachine {
  readonly workspace: ScratchWorkspace;
  readonly #pretence: Pretence;

  private constructor(workspace: ScratchWorkspace, pretence: Pretence) {
    this.workspace = workspace;
    this.#pretence = pretence;
  }

  static async create(pretence: Pretence): Promise<AnotherMachine> {
    const workspace = await ScratchWorkspace.create({
      folder: 'some where/else',
      backwards: new Date('2001-02-03T04:05:06Z'),
    });
    try {
      const machine = new AnotherMachine(workspace, pretence);
      await Promise.all([machine.#home, machine.#temporary].map((folder) => mkdir(folder)));
      await writeFile(join(machine.#home, '.cdk.json'), JSON.stringify({ context: { home: machine.#home } }));
      await machine.#ownCaches();
      return machine;
    } catch (error) {
      await workspace.remove();
      throw error;
    }
  }

  /** Runs Nx; `variables` come on top of all others. @throws UnexpectedExit if it fails */
  async nx(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<ProcessResult> {
    const { user = [], hostname = [], processors = [] } = this.#pretence;
    if (user[0] === 'setpriv') await this.#giveAway();
    const prefix = [...hostname, ...processors, ...user, 'sh', '-c', 'umask 077; exec "$@"', 'sh'];
    const env = { ...cleanEnvironment(this.workspace.root, this.#home), ...this.#variables, ...variables };
    const [command, ...rest] = [...prefix, 'nx', ...args];
    return succeeded(await runProcess(command!, rest, { cwd: this.workspace.root, env }));
  }

  get #home(): string {
    return join(this.workspace.temporary, 'somebody');
  }

  /** A folder in which others have temporary files of the same names, which nobody else may write. */
  get #temporary(): string {
    return join(this.workspace.temporary, 'temporary');
  }

  get #caches(): string {
    return join(this.workspace.temporary, 'caches');
  }

  get #variables(): Record<string, string> {
    return {
      USER: 'somebody',
      LOGNAME: 'somebody',
      TMPDIR: this.#temporary,
      GOPATH: join(this.#caches, 'go'),
      GOCACHE: join(this.#caches, 'go-build'),
      TZ: 'Pacific/Auckland',
      LANG: 'tr_TR.UTF-8',
      LC_ALL: 'tr_TR.UTF-8',
      NODE_ENV: 'production',
      RUSTFLAGS: '-Copt-level=0',
      GOFLAGS: '-ldflags=-w',
      NODE_OPTIONS: `--require="${this.workspace.path('tests/workspace/src/another-clock.ts')}"`,
      AWS_REGION: 'ap-southeast-2',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'nobody-accepts-this',
    };
  }

  /**
   * Go writes into its caches: somebody else has their own, with what was downloaded and compiled already. Cargo only
   * reads if it has nothing to download.
   */
  async #ownCaches(): Promise<void> {
    const env = { PATH: process.env['PATH'] ?? '' };
    const caches = ['go', 'go-build']
      .map((name) => join(CHECKOUT, '.toolchains', name))
      .filter((cache) => existsSync(cache));
    await mkdir(this.#caches);
    if (caches.length > 0) succeeded(await runProcess('cp', ['-a', ...caches, this.#caches], { cwd: '/', env }));
  }

  /** All but the files of node_modules that are links to the checkout's: a file has one owner, under whatever names. */
  async #giveAway(): Promise<void> {
    const own = ['(', '-type', 'd', '-o', '-links', '1', ')'];
    const chown = ['-exec', 'chown', '-h', `${SOMEBODY}:${SOMEBODY}`, '{}', '+'];
    const env = { PATH: process.env['PATH'] ?? '' };
    succeeded(await runProcess('find', [this.workspace.temporary, ...own, ...chown], { cwd: '/', env }));
  }
}
