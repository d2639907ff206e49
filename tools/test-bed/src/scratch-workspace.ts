import { glob, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import { cleanEnvironment } from './clean-environment.ts';
import { ENVIRONMENTS } from './landscape.ts';
import { type ProcessResult, runProcess, succeeded, UnexpectedExit } from './process.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { CHECKOUT, copyWorkspace, runCp } from './workspace-copy.ts';

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
      await Promise.all([copyWorkspace(CHECKOUT, workspace.root, backwards), shareCompiled(workspace.root)]);
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
    return succeeded(await this.run('nx', approved(args), environment));
  }

  /**
   * A command that has to fail, with exit code 1 and no stack trace.
   *
   * @throws UnexpectedExit if it does otherwise
   */
  async refusedNx(args: readonly string[], environment: StepEnvironment = {}): Promise<ProcessResult> {
    const result = await this.run('nx', approved(args), environment);
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

/** A deployment without a terminal has to be told that nobody needs to be asked. */
function approved(args: readonly string[]): readonly string[] {
  return args.some((argument) => argument.startsWith('deploy')) ? [...args, '--yes'] : args;
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
