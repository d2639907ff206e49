import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { jest } from '@jest/globals';
import { FsTree, flushChanges } from 'nx/src/generators/tree.js';
import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';

const run = promisify(execFile);

/** Results of a run of Jest. */
interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/**
 * A workspace that is not this one: what generators write there is checked and run. Packages that it needs are linked,
 * so nothing is installed.
 */
export class NewProjectBed {
  readonly workspace: TemporaryWorkspace;

  /** @param files besides nx.json; @param manifest what its package.json says */
  constructor(manifest: object = { name: 'acme', workspaces: ['apps/*', 'libs/handlers/*'] }) {
    this.workspace = temporaryWorkspace({ 'nx.json': {}, 'package.json': manifest });
  }

  /**
   * Runs a generator as `nx g` does. Nothing is installed; what it says at its end is returned.
   *
   * @returns the files that it wrote, and its next steps
   */
  async generate<Options>(
    generator: (tree: Tree, options: Options) => Promise<GeneratorCallback>,
    options: Options,
  ): Promise<{ files: string[]; said: string }> {
    const tree = new FsTree(this.workspace.root, false);
    const end = await generator(tree, options);
    const changes = tree.listChanges();
    flushChanges(this.workspace.root, changes);
    const said: string[] = [];
    const info = jest.spyOn(logger, 'info').mockImplementation((line: string) => void said.push(line));
    // Nx installs once a process: here it has been done.
    const marker = globalThis as { __packageJsonInstallCache__?: string };
    marker.__packageJsonInstallCache__ = tree.read('package.json', 'utf8') ?? '';
    try {
      await end();
    } finally {
      info.mockRestore();
      delete marker.__packageJsonInstallCache__;
    }
    return { files: changes.map(({ path }) => path).sort(), said: said.join('\n') };
  }

  /** Writes an environments file: two environments with a target each. */
  writeEnvironments(): void {
    this.workspace.write('environments.json', {
      ci: { account: '123456789012', region: 'eu-west-1' },
      environments: [
        { name: 'staging', targets: [{ account: '111111111111', region: 'eu-west-1' }] },
        { name: 'prod', targets: [{ account: '222222222222', region: 'us-east-1' }] },
      ],
    });
  }

  read(file: string): string {
    return readFileSync(this.workspace.path(file), 'utf8');
  }

  json<Content = Record<string, unknown>>(file: string): Content {
    return JSON.parse(this.read(file)) as Content;
  }

  /** Checks the types of a project, by its own settings. @throws what the compiler says */
  async checkTypes(root: string): Promise<void> {
    await this.run(root, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json').catch(
      (error: { stdout: string }) => {
        throw new Error(error.stdout);
      },
    );
  }

  /** Runs the tests of a project, by its own settings. */
  async test(root: string): Promise<{ passed: number; failed: number }> {
    const results = this.workspace.path('results.json');
    await this.run(root, 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${results}`);
    const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(results, 'utf8')) as JestResults;
    return { passed, failed };
  }

  /** Names of the stacks in the assembly of an app. */
  async stacksOf(root: string): Promise<string[]> {
    const { context } = this.json<{ context: object }>(`${root}/cdk.json`);
    const output = this.workspace.path(root, 'cdk.out');
    const env = { ...process.env, CDK_OUTDIR: output, CDK_CONTEXT_JSON: JSON.stringify(context), NODE_OPTIONS: '' };
    await run(process.execPath, ['src/main.ts'], { cwd: this.workspace.path(root), env });
    return globSync('**/manifest.json', { cwd: output })
      .flatMap((file) => {
        const { artifacts = {} } = JSON.parse(readFileSync(join(output, file), 'utf8')) as {
          artifacts?: Record<string, { type: string; properties?: { stackName?: string } }>;
        };
        return Object.values(artifacts).filter(({ type }) => type === 'aws:cloudformation:stack');
      })
      .map(({ properties }) => properties?.stackName ?? '')
      .sort();
  }

  dispose(): void {
    this.workspace.dispose();
  }

  async run(root: string, program: string, ...args: string[]): Promise<string> {
    const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' };
    const cwd = this.workspace.path(root);
    const { stdout } = await run(process.execPath, [this.workspace.path(program), ...args], { cwd, env });
    return stdout;
  }
}
