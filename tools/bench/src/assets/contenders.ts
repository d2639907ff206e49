import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from '../command.ts';
import { executorAlone } from '../executor-alone.ts';
import { assetManifests, nx, type Surroundings } from '../surroundings.ts';

/** A way to publish the assets of an assembly. */
export interface Contender {
  readonly name: string;
  /** What it keeps between runs. */
  readonly cache: string;
  /** Count how often it opens what the assembly holds. */
  readonly countsReads: boolean;
  /** The programs it takes, one after another. */
  commands(): Promise<Command[]>;
}

/**
 * The first one is this workspace, which the others are compared with. All publish the same assembly, which is
 * synthesized before.
 */
export function contenders(around: Surroundings): Contender[] {
  const assembly = join(around.app, 'cdk.out');
  const bin = (name: string) => join(around.workspace, 'node_modules', '.bin', name);
  const stock = (program: string, ...args: string[]): Command => ({
    program: bin(program),
    args,
    cwd: around.app,
    environment: around.foreignEnvironment,
    timeout: 3600,
  });
  return [
    {
      name: `nx publish ${around.project}`,
      cache: 'none; Nx starts, knowing the workspace',
      countsReads: true,
      commands: async () => [nx(around, ['publish', around.project, '--excludeTaskDependencies'])],
    },
    {
      name: 'its executor, without Nx',
      cache: 'none',
      countsReads: false,
      commands: async () => [executorAlone(around, 'publish')],
    },
    {
      name: 'cdk-assets publish, a manifest at a time',
      cache: 'zips in the assembly, from the first manifest on',
      countsReads: true,
      commands: async () =>
        (await assetManifests(assembly)).map((file) => stock('cdk-assets', 'publish', '--path', join(assembly, file))),
    },
    {
      name: 'cdk publish-assets --all --concurrency 10',
      cache: 'zips in the assembly',
      countsReads: false,
      commands: async () => [
        stock('cdk', 'publish-assets', '--all', '--unstable=publish-assets', '--concurrency=10', `--app=${assembly}`),
      ],
    },
  ];
}

/** What a publication leaves in the assembly: the archives of cdk-assets. */
export async function forget({ app }: Surroundings): Promise<void> {
  await rm(join(app, 'cdk.out', '.cache'), { recursive: true, force: true });
}
