import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from './command.ts';

/** What every contender works with. */
export type Surroundings = ReturnType<typeof surroundings>;

/**
 * @param workspace a copy of this workspace
 * @param project the app's name and folder in it
 * @param ours variables with keys, endpoint and certificate
 * @param foreign the same for programs that know nothing of this workspace
 */
export function surroundings(
  workspace: string,
  project: string,
  ours: Record<string, string>,
  foreign: Record<string, string>,
) {
  const app = join(workspace, 'apps', project);
  const bin = (name: string) => join(workspace, 'node_modules', '.bin', name);
  const executors = join(workspace, 'tools', 'test-bed', 'src', 'run-executors.ts');
  return {
    /** Folder of the app. */
    app,
    project,
    /** A run of Nx as a person would start it, without the daemon: it would outlive the benchmark. */
    nx: (...args: string[]): Command => ({
      program: bin('nx'),
      args,
      cwd: workspace,
      environment: { ...ours, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' },
    }),
    /** An executor of the plugin as Nx calls it, in a process of its own. */
    executor: (name: string, options: object = {}): Command => ({
      program: process.execPath,
      args: ['--no-warnings', executors, workspace, project, name, JSON.stringify(options)],
      cwd: workspace,
      environment: ours,
    }),
    /** A tool of node_modules that knows nothing of this workspace. */
    stock: (program: string, ...args: string[]): Command => ({
      program: bin(program),
      args,
      cwd: app,
      environment: foreign,
    }),
    /** Removes Nx's cache and what it knows of the workspace, and the assembly. */
    forgetNx: async () => {
      for (const each of [join(workspace, '.nx'), join(app, 'cdk.out')])
        await rm(each, { recursive: true, force: true });
    },
  };
}

/** The asset manifests of an assembly, one a stack. */
export async function assetManifests(assembly: string): Promise<string[]> {
  const files = (await readdir(assembly)).filter((file) => file.endsWith('.assets.json'));
  return files.toSorted().map((file) => join(assembly, file));
}
