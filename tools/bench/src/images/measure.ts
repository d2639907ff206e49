import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Place, places } from '../accounts.ts';
import type { Command } from '../command.ts';
import { executorAlone } from '../executor-alone.ts';
import { thisMachine } from '../machine.ts';
import type { ImagesOptions } from '../options.ts';
import type { Stage } from '../stage.ts';
import { forgetNx, nx, type Surroundings } from '../surroundings.ts';
import { type Builder, makeBuilder } from './builder.ts';
import { countLocalAws } from './local-aws-cost.ts';
import {
  type Deployment,
  isOurs,
  type Measured,
  type Measurements,
  type Publication,
  type Run,
} from './measurement.ts';
import { writeOneImageApp } from './one-image-app.ts';

interface Bench {
  readonly stage: Stage;
  readonly around: Surroundings;
  readonly builder: Builder;
  readonly targets: readonly Place[];
  readonly options: ImagesOptions;
  readonly say: (line: string) => void;
}

/** Measures each size, one after another: two at a time would measure each other. */
export async function measure(
  stage: Stage,
  options: ImagesOptions,
  say: (line: string) => void,
): Promise<Measurements> {
  const builder = await makeBuilder(join(stage.folder, 'builder'), stage.aws);
  const app = stage.forApp('one-image');
  // Registries are not reached through the proxy that counts, so the local AWS itself counts and delays.
  const common = { AWS_ENDPOINT_URL: stage.aws.endpoint, CDK_DOCKER: builder.program };
  const around = {
    ...app,
    environment: { ...app.environment, ...common },
    foreignEnvironment: { ...app.foreignEnvironment, ...common },
  };
  const targets = places(options.targets);
  const sizes = [];
  for (const megabytes of options.megabytes) {
    await writeOneImageApp(around.app, megabytes, targets);
    await forgetNx(around);
    await stage.runner.run({ ...nx(around, ['synth', around.project]), timeout: 3600 });
    const runs: Run[] = [];
    for (let run = 0; run < options.runs; run += 1) {
      const prefix = `${megabytes} MB${options.runs > 1 ? `, run ${run + 1} of ${options.runs}` : ''}: `;
      const bench = { stage, around, builder, targets, options, say: (line: string) => say(`${prefix}${line}`) };
      runs.push(await measureRun(bench));
    }
    sizes.push({ megabytes, runs });
  }
  return { targets: targets.length, delay: options.delay, sizes, machine: thisMachine() };
}

async function measureRun(bench: Bench): Promise<Run> {
  const { around, options } = bench;
  const ours = (targets?: string): [string, Command][] => [
    [
      `nx publish ${around.project}`,
      nx(around, [
        'publish',
        around.project,
        '--excludeTaskDependencies',
        ...(targets === undefined ? [] : [`--targets=${targets}`]),
      ]),
    ],
    ['its executor, without Nx', executorAlone(around, 'publish', targets === undefined ? {} : { targets })],
  ];
  const build = await measureBuild(bench);
  const publications: Publication[] = [];
  for (const [index, [contender, all]] of ours().entries())
    publications.push(await measurePublication(bench, contender, all, (target) => ours(target)[index]![1]));
  const deployments: Deployment[] = [];
  for (const [contender, deploy] of deployers(around))
    if (isOurs(contender) || options.only.length === 0 || options.only.some((part) => contender.includes(part)))
      deployments.push(await measureDeployment(bench, contender, deploy));
  return { build, publications, deployments };
}

function deployers(around: Surroundings): [string, Command][] {
  const output = join(around.app, 'cdk.out.stock');
  return [
    [`nx deploy ${around.project}`, { ...nx(around, ['deploy', around.project]), timeout: 3600 }],
    [
      'cdk deploy --all --concurrency 10',
      {
        program: join(around.workspace, 'node_modules', '.bin', 'cdk'),
        args: ['deploy', '--all', '--require-approval=never', '--concurrency=10', `--output=${output}`],
        cwd: around.app,
        environment: around.foreignEnvironment,
        timeout: 3600,
      },
    ],
  ];
}

/** What the container tool itself takes, by the same arguments that everybody uses. */
async function measureBuild({ stage, around, builder, say }: Bench): Promise<number> {
  await builder.forget();
  const args = ['build', '--tag', 'bench-alone', '.'];
  const cwd = join(around.app, 'image');
  const { seconds } = await stage.runner.run({ program: builder.program, args, cwd, environment: {} });
  say(`the build alone: ${seconds.toFixed(1)} s`);
  return seconds;
}

async function measurePublication(
  bench: Bench,
  contender: string,
  all: Command,
  toOne: (target: string) => Command,
): Promise<Publication> {
  const { stage, builder, targets, say } = bench;
  const singles: number[] = [];
  await stage.freshAccounts(targets);
  await builder.forget();
  for (const [index, { account, region }] of targets.entries()) {
    const single = () => measured(bench, toOne(`${account}/${region}`));
    // The first one would build. What it pushed is in its place then, so that place is emptied again.
    if (index === 0) {
      await single();
      await stage.freshAccounts(targets);
    }
    const { seconds, builds, pushes } = await single();
    if (builds !== 0 || pushes !== 1) throw new Error(`A single push made ${builds} builds and ${pushes} pushes.`);
    singles.push(seconds);
  }
  say(`${contender}: single pushes: at most ${Math.max(...singles).toFixed(1)} s`);
  await stage.freshAccounts(targets);
  await builder.forget();
  const cold = await measured(bench, all);
  const unchanged = await measured(bench, all);
  say(`${contender}: all: ${cold.seconds.toFixed(1)} s; nothing changed: ${unchanged.seconds.toFixed(1)} s`);
  return { contender, singles, all: cold, unchanged };
}

async function measureDeployment(bench: Bench, contender: string, command: Command): Promise<Deployment> {
  const { stage, around, builder, targets, say } = bench;
  await stage.freshAccounts(targets);
  await builder.forget();
  await forgetNx(around);
  await rm(join(around.app, 'cdk.out.stock'), { recursive: true, force: true });
  const cold = await measured(bench, command);
  const unchanged = await measured(bench, command);
  say(`${contender}: cold: ${cold.seconds.toFixed(1)} s; nothing changed: ${unchanged.seconds.toFixed(1)} s`);
  return { contender, cold, unchanged };
}

async function measured({ stage, builder, options }: Bench, command: Command): Promise<Measured> {
  await builder.calls();
  await stage.aws.disturb({ latencyMilliseconds: options.delay });
  const count = await countLocalAws(stage.aws, join(stage.folder, 'aws'));
  const { seconds } = await stage.runner.run(command);
  const cost = await count();
  await stage.aws.disturb({});
  const builds = (await builder.calls()).filter((call) => call === 'build').length;
  return { seconds, builds, ...cost };
}
