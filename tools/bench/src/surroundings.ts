import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandRunner } from './command.ts';

/** What every contender works with. */
export interface Surroundings {
  readonly runner: CommandRunner;
  /** A copy of this workspace that holds the app. */
  readonly workspace: string;
  /** Folder of the app in it. */
  readonly app: string;
  /** The name that Nx knows it by. */
  readonly project: string;
  /** Keys, endpoint and certificate for this workspace. */
  readonly environment: Record<string, string>;
  /** The same for programs that know nothing of this workspace. */
  readonly foreignEnvironment: Record<string, string>;
}

/**
 * A run of Nx as a person would start it in a terminal or in CI, without the daemon: it would outlive the benchmark.
 */
export function nx(around: Surroundings, args: readonly string[]) {
  return {
    program: join(around.workspace, 'node_modules', '.bin', 'nx'),
    args,
    cwd: around.workspace,
    environment: { ...around.environment, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' },
  };
}

/** Nx's cache and what it knows of the workspace, and the assembly. */
export async function forgetNx({ workspace, app }: Surroundings): Promise<void> {
  await rm(join(workspace, '.nx'), { recursive: true, force: true });
  await rm(join(app, 'cdk.out'), { recursive: true, force: true });
}

/** The asset manifests of an assembly, one a stack. */
export async function assetManifests(assembly: string): Promise<string[]> {
  return (await readdir(assembly)).filter((file) => file.endsWith('.assets.json')).sort();
}
