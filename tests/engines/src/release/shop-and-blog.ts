import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack, Stage } from 'aws-cdk-lib/core';
import { scratchRepository, type ScratchRepository } from 'nx-cdk/src/deployments/testing/scratch-repository.ts';
import { nxWorkspace, type Place, type ProcessResult, PROD, STAGING, startProcess } from 'test-bed';

const CLI = join(import.meta.dirname, '..', '..', '..', '..', 'tools', 'nx-cdk', 'src', 'cli', 'main.ts');

const PLACES: Record<string, Place> = { staging: STAGING, prod: PROD };

const APPS = ['shop', 'blog'] as const;

/** Which of the apps of the workspace below. */
export type AppName = (typeof APPS)[number];

/** How a call of `nx-cdk` ended; its `output` is what it wrote to standard error. */
export interface CliEnd extends ProcessResult {
  readonly stdout: string;
}

/** A workspace under git with two CDK apps that deploy to the environments of one file. */
export interface Workspace {
  readonly root: string;
  readonly repository: ScratchRepository;
  /**
   * Edits a source of an app, makes its assembly anew, and commits; gives back the commit. The assembly itself is not
   * committed.
   */
  change(app: AppName, version: number): string;
  /** Runs `nx-cdk`. */
  cli(args: readonly string[], environment: Record<string, string>): Promise<CliEnd>;
  /** Runs `nx`. */
  nx(args: readonly string[], environment: Record<string, string>): Promise<ProcessResult>;
}

export async function shopAndBlog(folder: string, environments: object): Promise<Workspace> {
  const { root, environment } = await nxWorkspace(folder);
  const write = (file: string, content: string | object) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const context = { 'nx-cdk:environments': '../../environments.json' };
  for (const app of APPS) {
    write(`apps/${app}/cdk.json`, { app: 'node app.mjs', context });
    write(`apps/${app}/package.json`, { name: app, private: true });
  }
  write('environments.json', environments);
  write('.gitignore', 'node_modules\ncdk.out\ndist\nhome\nstdout\nreleased.json\n.nx\n');
  const repository = scratchRepository(root);
  const synthesize = (app: AppName, version: number) => {
    const outdir = join(root, 'apps', app, 'cdk.out');
    rmSync(outdir, { recursive: true, force: true });
    const tree = new App({ outdir, analyticsReporting: false });
    for (const [name, env] of Object.entries(PLACES)) {
      const stack = new Stack(new Stage(tree, name, { env }), 'Queues', { stackName: `${name}-${app}` });
      new CfnQueue(stack, 'Queue', { visibilityTimeout: version });
    }
    tree.synth();
  };
  return {
    root,
    repository,
    change: (app, version) => {
      write(`apps/${app}/version.txt`, `${version}`);
      synthesize(app, version);
      repository.git('add', '-A');
      return repository.commit(`${app} ${version}`);
    },
    cli: async (args, own) => {
      // Its two streams apart, as `$(...)` of a shell has them.
      const file = join(root, 'stdout');
      const script = 'file="$1"; shift; exec "$@" > "$file"';
      const command = ['-c', script, 'sh', file, process.execPath, CLI, ...args];
      const end = await startProcess('/bin/sh', command, { cwd: root, env: environment(own) }).ended;
      return { ...end, stdout: readFileSync(file, 'utf8') };
    },
    nx: (args, own) => startProcess('nx', args, { cwd: root, env: environment(own) }).ended,
  };
}
