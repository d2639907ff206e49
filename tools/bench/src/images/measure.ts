/** One container image to many accounts and regions: built once and pushed in parallel, beside `cdk deploy`. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { builderCalls, forgetImages, IMAGE_BUILDER, type Place, podmanWorks } from 'test-bed';
import { places, writeOneImageApp } from '../apps.ts';
import { type Command, run } from '../command.ts';
import { chosen, type Contender, measure, measureEach, repeat } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import { type Comparison, thisMachine } from '../report.ts';
import type { Say, Stage } from '../stage.ts';
import type { Surroundings } from '../surroundings.ts';
import { type MeasuredImage, type Measurements, type Publication, reportImages, type Run } from './report.ts';

interface Bench {
  readonly stage: Stage;
  readonly around: Surroundings;
  readonly targets: readonly Place[];
  readonly options: BenchOptions;
}

/** Measures each size. */
export async function compareImages(stage: Stage, options: BenchOptions, say: Say): Promise<Comparison> {
  if (!podmanWorks())
    throw new Error('This comparison builds a container image, and podman does not work here: install it.');
  // The builder keeps its images in the home folder.
  const builder = { CDK_DOCKER: IMAGE_BUILDER, XDG_RUNTIME_DIR: stage.home };
  const around = stage.forApp('one-image', builder);
  const targets = places(options.targets);
  const bench = { stage, around, targets, options };
  const sizes = [];
  for (const megabytes of options.megabytes) {
    await writeOneImageApp(around.app, megabytes, targets);
    await around.forgetNx();
    await run(around.nx('synth', around.project));
    const sayOfSize = (line: string) => say(`${megabytes} MB: ${line}`);
    const runs = await repeat(options.runs, sayOfSize, (sayInRun, number) => measureRun(bench, number, sayInRun));
    sizes.push({ megabytes, runs });
  }
  const measurements: Measurements = { targets: targets.length, delay: options.delay, sizes, machine: thisMachine() };
  return { measurements, report: reportImages(measurements) };
}

async function measureRun(bench: Bench, run: number, say: Say): Promise<Run> {
  const { stage, around, targets, options } = bench;
  const { nx, executor, project } = around;
  const build = await measureBuild(bench, say);
  const publications = [
    await measurePublication(bench, say, `nx publish ${project}`, (target) =>
      nx('publish', project, '--excludeTaskDependencies', ...(target ? [`--targets=${target}`] : [])),
    ),
    await measurePublication(bench, say, 'its executor, without Nx', (target) =>
      executor('publish', target ? { targets: target } : {}),
    ),
  ];
  const deployers = chosen(deployersFor(bench), options.only);
  const deployments = await measureEach(deployers, { stage, targets, run, say }, ({ work }) => measured(bench, work));
  return { build, publications, deployments };
}

function deployersFor({ stage, around: { app, project, nx, stock, forgetNx } }: Bench): Contender[] {
  const output = join(app, 'cdk.out.stock');
  const forget = async () => {
    await forgetImages(stage.home);
    await forgetNx();
    await rm(output, { recursive: true, force: true });
  };
  const options = ['--all', '--require-approval=never', '--concurrency=10', `--output=${output}`];
  return [
    { name: `nx deploy ${project}`, cache: 'none', forget, work: (runOne) => runOne(nx('deploy', project, '--yes')) },
    {
      name: 'cdk deploy --all --concurrency 10',
      cache: 'none',
      forget,
      work: (runOne) => runOne(stock('cdk', 'deploy', ...options)),
    },
  ];
}

/** What the container tool itself takes, by the same arguments that everybody uses. */
async function measureBuild({ stage, around }: Bench, say: Say): Promise<number> {
  await forgetImages(stage.home);
  const args = ['build', '--tag', 'bench-alone', '.'];
  const environment = { XDG_RUNTIME_DIR: stage.home };
  const { seconds } = await run({ program: IMAGE_BUILDER, args, cwd: join(around.app, 'image'), environment });
  say(`the build alone: ${seconds.toFixed(1)} s`);
  return seconds;
}

/** @param publish the program that publishes to one target, or to all */
async function measurePublication(
  bench: Bench,
  say: Say,
  contender: string,
  publish: (target?: string) => Command,
): Promise<Publication> {
  const { stage, targets } = bench;
  const singles: number[] = [];
  const fresh = () => stage.freshAccounts(targets);
  await fresh();
  await forgetImages(stage.home);
  for (const [index, { account, region }] of targets.entries()) {
    const single = () => measured(bench, (runOne) => runOne(publish(`${account}/${region}`)));
    // The first one would build. What it pushed is in its place then, so that place is emptied again.
    if (index === 0) {
      await single();
      await fresh();
    }
    const { seconds, builds, pushes } = await single();
    if (builds !== 0 || pushes !== 1) throw new Error(`A single push made ${builds} builds and ${pushes} pushes.`);
    singles.push(seconds);
  }
  say(`${contender}: single pushes: at most ${Math.max(...singles).toFixed(1)} s`);
  await fresh();
  await forgetImages(stage.home);
  const all = await measured(bench, (runOne) => runOne(publish()));
  const unchanged = await measured(bench, (runOne) => runOne(publish()));
  say(`${contender}: all: ${all.seconds.toFixed(1)} s; nothing changed: ${unchanged.seconds.toFixed(1)} s`);
  return { contender, singles, all, unchanged };
}

async function measured({ stage, options }: Bench, work: Contender['work']): Promise<MeasuredImage> {
  await builderCalls(stage.home);
  const busyBefore = await busySeconds(stage);
  const cost = await measure(stage, options.delay, work);
  const busy = await busySeconds(stage);
  const builds = (await builderCalls(stage.home)).filter((call) => call === 'build').length;
  return {
    ...cost,
    builds,
    pushes: cost.actions['ecr PutImage'] ?? 0,
    ...(busy === undefined || busyBefore === undefined ? {} : { busy: busy - busyBefore }),
  };
}

/**
 * User and system time of the process of the local AWS; https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 *
 * @returns undefined where there is no /proc
 */
async function busySeconds({ awsProcess }: Stage): Promise<number | undefined> {
  try {
    const text = await readFile(`/proc/${awsProcess}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // Ticks, of which every Linux has 100 a second.
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}
