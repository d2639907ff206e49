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

/** A way to bring the stacks of an app to AWS. */
export interface Contender {
  readonly name: string;
  /** What of a cold and of a repeated run it can take from a cache of its own. */
  readonly cache: string;
  /** Forgets everything that an earlier deployment left on this machine. */
  forget(): Promise<void>;
  /** Synthesizes, publishes and deploys. */
  deploy(): Promise<void>;
}

/** The first one is this workspace, which the others are compared with. */
export function contenders(around: Surroundings): Contender[] {
  const bin = (name: string) => join(around.workspace, 'node_modules', '.bin', name);
  const output = join(around.app, 'cdk.out.stock');
  const stock = (program: string, ...args: string[]) =>
    around.runner.run({ program: bin(program), args, cwd: around.app, environment: around.foreignEnvironment });
  const forgetOutput = () => rm(output, { recursive: true, force: true });
  const cdkDeploy = (...options: string[]) => ({
    name: ['cdk deploy --all', ...options].join(' '),
    cache: 'none',
    forget: forgetOutput,
    deploy: async () => {
      await stock('cdk', 'deploy', '--all', '--require-approval=never', `--output=${output}`, ...options);
    },
  });

  return [
    {
      name: `nx deploy ${around.project}`,
      cache:
        'cold: none (no Nx cache, no assembly); unchanged: the synth comes from the Nx cache, publish and deploy never do',
      forget: () => forgetNx(around),
      deploy: async () => {
        await around.runner.run(nx(around, ['deploy', around.project]));
      },
    },
    cdkDeploy(),
    cdkDeploy('--concurrency', '10'),
    {
      name: 'cdk synth + cdk-assets + change sets',
      cache: 'none',
      forget: forgetOutput,
      deploy: async () => {
        await stock('cdk', 'synth', '--all', '--quiet', `--output=${output}`);
        for (const file of await assetManifests(output))
          await stock('cdk-assets', 'publish', '--path', join(output, file));
        await around.runner.run({
          program: process.execPath,
          args: [join(import.meta.dirname, 'change-sets.ts'), output],
          cwd: around.app,
          environment: around.foreignEnvironment,
        });
      },
    },
  ];
}

/** A run of Nx as a person would start it in a terminal or in CI, without the daemon: it would outlive the benchmark. */
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

async function assetManifests(assembly: string): Promise<string[]> {
  return (await readdir(assembly)).filter((file) => file.endsWith('.assets.json')).sort();
}
