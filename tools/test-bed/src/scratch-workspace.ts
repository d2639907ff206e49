import { cp, glob, link, mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { constants, existsSync } from 'node:fs';
import { filesOfCheckout } from '@libs/processes';
import { cleanEnvironment } from './clean-environment.ts';
import { ENVIRONMENTS } from './landscape.ts';
import { type ProcessResult, runProcess, succeeded, UnexpectedExit } from './process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The checkout that this suite is part of; never written to. */
export const CHECKOUT = resolve(import.meta.dirname, '..', '..', '..');

/** Variables of one step: credentials, endpoint, whatever differs from a clean shell. */
export type StepEnvironment = Readonly<Record<string, string>>;

/** How a copy of the workspace is made. */
export interface CopyOptions {
  /** The copy's folder in a new temporary one; names with `/` between them. @default 'workspace' */
  readonly folder?: string;
  /**
   * Whether files come one after the other, the last one first, and each was changed last at this time. @default - all
   * at once, and now
   */
  readonly backwards?: Date;
}

/** A copy of the workspace that tests may do with as they like. */
export class ScratchWorkspace {
  /** Absolute, no symbolic links. */
  readonly root: string;
  readonly #temporary: string;

  private constructor(temporary: string, folder: string) {
    this.#temporary = temporary;
    this.root = join(temporary, folder);
  }

  /**
   * Copies what git would commit of the checkout, links its node_modules, and commits the copy, so that Nx has
   * something to compare with.
   */
  static async create({ folder = 'workspace', backwards }: CopyOptions = {}): Promise<ScratchWorkspace> {
    const temporary = await temporaryFolder('workspace-');
    const workspace = new ScratchWorkspace(temporary, folder);
    try {
      await mkdir(workspace.home, { recursive: true });
      await Promise.all([
        copySources(workspace.root, backwards),
        linkNodeModules(workspace.root),
        shareCompiled(workspace.root),
      ]);
      await workspace.write('environments.json', `${JSON.stringify(ENVIRONMENTS, null, 2)}\n`);
      await workspace.commit('Copy of the workspace');
      return workspace;
    } catch (error) {
      await workspace.remove();
      throw error;
    }
  }

  /** The temporary folder that holds the copy, and everything else of it. */
  get temporary(): string {
    return this.#temporary;
  }

  /** The home folder of every child. */
  get home(): string {
    return join(this.#temporary, 'home');
  }

  path(...segments: string[]): string {
    return join(this.root, ...segments);
  }

  async read(file: string): Promise<string> {
    return readFile(this.path(file), 'utf8');
  }

  async readJson<T>(file: string): Promise<T> {
    return JSON.parse(await this.read(file)) as T;
  }

  async write(file: string, content: string): Promise<void> {
    await mkdir(dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), content);
  }

  /** @throws Error if the file does not hold `text`: a test that edits nothing would prove nothing */
  async replace(file: string, text: string, replacement: string): Promise<void> {
    const before = await this.read(file);
    if (!before.includes(text)) throw new Error(`${file} does not contain ${JSON.stringify(text)}`);
    await this.write(file, before.replace(text, replacement));
  }

  /** Runs a program in the workspace, in a clean environment with the step's variables on top. */
  async run(
    command: string,
    args: readonly string[],
    environment: StepEnvironment = {},
    folder = '.',
  ): Promise<ProcessResult> {
    return runProcess(command, args, {
      cwd: this.path(folder),
      env: { ...cleanEnvironment(this.root, this.home), ...environment },
    });
  }

  /** @throws UnexpectedExit if Nx fails */
  async nx(args: readonly string[], environment: StepEnvironment = {}): Promise<ProcessResult> {
    return succeeded(await this.run('nx', args, environment));
  }

  /**
   * A command that has to fail, with exit code 1 and no stack trace.
   *
   * @throws UnexpectedExit if it does otherwise
   */
  async refusedNx(args: readonly string[], environment: StepEnvironment = {}): Promise<ProcessResult> {
    const result = await this.run('nx', args, environment);
    if (result.code !== 1 || /^\s+at .+:\d+:\d+\)?$/m.test(result.output)) throw new UnexpectedExit(result);
    return result;
  }

  /** Commits everything in the copy, and only there. */
  async commit(message: string): Promise<void> {
    const identity = ['-c', 'user.name=test-bed', '-c', 'user.email=test-bed@example.com'];
    if (!existsSync(this.path('.git'))) succeeded(await this.run('git', ['init', '-q', '-b', 'main']));
    succeeded(await this.run('git', ['add', '-A']));
    succeeded(await this.run('git', [...identity, 'commit', '-q', '--allow-empty', '--no-verify', '-m', message]));
  }

  async remove(): Promise<void> {
    await rm(this.#temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function copySources(target: string, backwards?: Date): Promise<void> {
  const files = await filesOfCheckout(CHECKOUT);
  await Promise.all(
    [...new Set(files.map((file) => dirname(join(target, file))))].map((folder) => mkdir(folder, { recursive: true })),
  );
  if (backwards === undefined) {
    await Promise.all(files.map((file) => cp(join(CHECKOUT, file), join(target, file))));
    return;
  }
  for (const file of files.toReversed()) {
    await cp(join(CHECKOUT, file), join(target, file));
    await utimes(join(target, file), backwards, backwards);
  }
}

/**
 * Hard links, as nothing writes into node_modules; if there are none, copies, which share their blocks on the file
 * systems that can. The links npm makes to the projects of the workspace are relative ones, and so lead to the copy's
 * own projects.
 */
async function linkNodeModules(target: string): Promise<void> {
  const source = join(CHECKOUT, 'node_modules');
  const copy = join(target, 'node_modules');
  await mkdir(target, { recursive: true });
  if (process.platform !== 'linux') {
    return cp(source, copy, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  }
  // A program of its own: Node takes several times as long for tens of thousands of files.
  await runCp((await canLink(target)) ? ['-al'] : ['-a', '--reflink=auto'], source, copy);
}

/**
 * Whether a file of the checkout can have a second name in a folder; not on another file system, nor behind another
 * mount of the same one.
 */
async function canLink(folder: string): Promise<boolean> {
  const probe = join(folder, '.second-name');
  try {
    await link(join(CHECKOUT, 'package.json'), probe);
    await rm(probe);
    return true;
  } catch {
    return false;
  }
}

/**
 * What compilers have downloaded is the checkout's, by a link; what cargo has compiled is a copy, which it goes on
 * from. Each copy of the workspace would otherwise compile everything that handlers in Go and Rust depend on, for half
 * a minute.
 */
async function shareCompiled(target: string): Promise<void> {
  const downloads = join(CHECKOUT, '.toolchains');
  await Promise.all([mkdir(downloads, { recursive: true }), mkdir(target, { recursive: true })]);
  await symlink(downloads, join(target, '.toolchains'));
  for await (const folder of glob('libs/handlers/*/target', { cwd: CHECKOUT })) {
    await mkdir(dirname(join(target, folder)), { recursive: true });
    // Not by hard links, since cargo writes into its files; with their times, by which it judges them.
    await runCp(['-a'], join(CHECKOUT, folder), join(target, folder));
  }
}

async function runCp(options: readonly string[], source: string, copy: string): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '' };
  succeeded(await runProcess('cp', [...options, source, copy], { cwd: CHECKOUT, env }));
}
