import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { commandsOf, packageManagerOf } from '@nx-cdk/environments';
import { run } from '@nx-cdk/processes';
import {
  CHECKOUT,
  cleanEnvironment,
  type ProcessResult,
  runProcess,
  succeeded,
  temporaryFolder,
  UnexpectedExit,
} from 'test-bed';
import type { Cell } from './cells.ts';
import { addPrograms } from './programs.ts';

/** Variables of one command, besides those of a clean shell. */
export type Variables = Readonly<Record<string, string>>;

/** A machine with a workspace that is not ours: its own home folder, Node and package manager, and our registry. */
export class Guest {
  readonly cell: Cell;
  /** Absolute, without symbolic links. */
  readonly folder: string;
  /** The workspace; a folder that is there. */
  readonly root: string;
  /** The PATH of its shell. */
  readonly path: string;
  readonly #registry: string;
  readonly #cache: string;

  private constructor(cell: Cell, folder: string, path: string, registry: string, cache: string) {
    this.cell = cell;
    this.folder = folder;
    this.root = join(folder, 'acme');
    this.path = path;
    this.#registry = registry;
    this.#cache = cache;
  }

  /**
   * @param registry what an `.npmrc` says to lead to the packages; that of all suites, if it is not given
   * @throws Error if the registry has no such Node or package manager
   */
  static async create(cell: Cell, registry: string = registryOfSuites()): Promise<Guest> {
    const folder = await temporaryFolder('guest-');
    const bin = join(folder, 'bin');
    await Promise.all(
      [bin, join(folder, 'home'), join(folder, 'acme')].map((path) => mkdir(path, { recursive: true })),
    );
    const ownPrograms = (process.env['PATH'] ?? '').split(delimiter).filter((path) => !path.startsWith(CHECKOUT));
    // What a person has downloaded before is in npm's cache.
    const { stdout } = await run('npm', ['config', 'get', 'cache'], { cwd: CHECKOUT });
    const guest = new Guest(cell, folder, [bin, ...ownPrograms].join(delimiter), registry, stdout.trim());
    try {
      await writeFile(join(folder, 'home', '.npmrc'), guest.#npmrc());
      await addPrograms(bin, cell, (command, args) => guest.inFolder(folder, command, args));
      return guest;
    } catch (error) {
      await guest.remove();
      throw error;
    }
  }

  /** Runs a program in the workspace. */
  run(command: string, args: readonly string[], variables: Variables = {}): Promise<ProcessResult> {
    return this.inFolder(this.root, command, args, variables);
  }

  /** Runs a program in a folder. */
  inFolder(cwd: string, command: string, args: readonly string[], variables: Variables = {}): Promise<ProcessResult> {
    return runProcess(command, args, { cwd, env: { ...this.#environment(), ...variables } });
  }

  /** Runs a line of a shell, as documentation and generators write it. @throws UnexpectedExit if it fails */
  async shell(line: string, variables: Variables = {}): Promise<ProcessResult> {
    return succeeded(await this.run('sh', ['-c', line], variables));
  }

  /** Runs Nx as the package manager starts it; without a package.json, Nx is in a folder of its own. */
  tryNx(line: string, variables: Variables = {}): Promise<ProcessResult> {
    const { exec } = commandsOf(packageManagerOf(this.root), this.root);
    const hasManifest = existsSync(join(this.root, 'package.json'));
    return this.run('sh', ['-c', hasManifest ? exec(`nx ${line}`) : `./nx ${line}`], variables);
  }

  /** @throws UnexpectedExit if Nx fails */
  async nx(line: string, variables: Variables = {}): Promise<ProcessResult> {
    return succeeded(await this.tryNx(line, variables));
  }

  /** A command that has to fail, with exit code 1 and no stack trace. @throws UnexpectedExit if it does otherwise */
  async refused(line: string, variables: Variables = {}): Promise<ProcessResult> {
    const result = await this.tryNx(line, variables);
    if (result.code !== 1 || /^\s+at .+:\d+:\d+\)?$/m.test(result.output)) throw new UnexpectedExit(result);
    return result;
  }

  /** Writes a file of the workspace. */
  async write(file: string, content: string | object): Promise<void> {
    const path = join(this.root, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
  }

  /** Commits all that there is. */
  async commit(): Promise<void> {
    const identity = '-c user.name=guest -c user.email=guest@example.com';
    await this.shell(
      `git init -q -b main && git add -A && git ${identity} commit -q --allow-empty --no-verify -m state`,
    );
  }

  /** The files that differ from the last commit, as git tells them; empty if none does. */
  async changes(): Promise<string> {
    return (await this.shell('git status --porcelain')).stdout;
  }

  /** The lines that differ from the last commit, new files included. What is in a lockfile is its tool's own matter. */
  async changedLines(): Promise<string> {
    const { lockfile } = commandsOf(packageManagerOf(this.root), this.root);
    return (await this.shell(`git add -A && git diff --cached --unified=0 -- . ':!${lockfile}'`)).stdout;
  }

  /** Packages of this checkout that the workspace may use as they are, such as the CDK CLI. */
  static tool(name: string): string {
    return join(CHECKOUT, 'node_modules', '.bin', name);
  }

  /** What jobs of a CI on this machine need: the registry, and what was downloaded before. */
  ofJobs(): Record<string, string> {
    const home = join(this.folder, 'home');
    return {
      npm_config_userconfig: join(home, '.npmrc'),
      npm_config_store_dir: join(home, 'pnpm-store'),
      YARN_GLOBAL_FOLDER: join(home, '.yarn', 'berry'),
      ...this.#ofYarn(),
    };
  }

  /** Ends what runs on in the background, and removes everything. */
  async remove(): Promise<void> {
    await this.tryNx('daemon --stop').catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }

  #environment(): Record<string, string> {
    const clean = cleanEnvironment(this.root, join(this.folder, 'home'));
    return {
      ...clean,
      PATH: this.path,
      // As guests have it, unlike this workspace.
      NX_DAEMON: 'true',
      NX_NO_CLOUD: 'true',
      PIP_CACHE_DIR: join(this.#cache, 'pip'),
      ...this.#ofYarn(),
      YARN_NODE_LINKER: 'node-modules',
      // A new lockfile is what is wanted.
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    };
  }

  /** Yarn reads no .npmrc. */
  #ofYarn(): Record<string, string> {
    return {
      YARN_NPM_REGISTRY_SERVER: this.#url(),
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
      YARN_ENABLE_TELEMETRY: 'false',
      // Otherwise it takes no version of today, such as those of this checkout.
      YARN_NPM_MINIMAL_AGE_GATE: '0',
      // A registry on this machine has no scores of packages.
      YARN_ENABLE_HARDENED_MODE: 'false',
    };
  }

  #npmrc(): string {
    return `${this.#registry}cache=${this.#cache}\nupdate-notifier=false\n`;
  }

  /** Without a slash at its end. */
  #url(): string {
    return /^registry=(.*?)\/?$/m.exec(this.#registry)![1]!;
  }
}

function registryOfSuites(): string {
  const npmrc = process.env['PACKAGE_TESTS_NPMRC'];
  if (npmrc === undefined) throw new Error('The jest.config.mjs of this suite has to name jest-setup.ts');
  return npmrc;
}
