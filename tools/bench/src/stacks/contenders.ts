import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assetManifests, forgetNx, nx, type Surroundings } from '../surroundings.ts';

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
        'cold: modules that Node has compiled, no Nx cache, no assembly; unchanged: the synth comes from the Nx cache, publish and deploy never do',
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
