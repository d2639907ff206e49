/** Many file assets to many accounts and regions: publishing alone, beside `cdk-assets publish`. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from 'test-bed';
import { places } from '../apps.ts';
import { run } from '../command.ts';
import { chosen, type Contender, measure, measureEach, repeat } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import type { Memory } from '../process-memory.ts';
import { type Comparison, thisMachine } from '../report.ts';
import type { Say, Stage } from '../stage.ts';
import { assetManifests, type Surroundings } from '../surroundings.ts';
import { sources, writeManyAssetsApp } from './many-assets-app.ts';
import { canTrace, countReads, isAssetOf, type Reads, traced } from './reads.ts';
import { type MeasuredWithMemory, type Measurements, reportAssets } from './report.ts';

/** Publishes one assembly with each contender. */
export async function compareAssets(stage: Stage, options: BenchOptions, say: Say): Promise<Comparison> {
  const { assets, delay } = options;
  const targets = places(options.targets);
  const around = stage.forApp('many-assets');
  say(`Synthesizing ${assets} assets in ${targets.length} stacks`);
  await writeManyAssetsApp(around.app, assets, targets);
  await around.forgetNx();
  await run(around.nx('synth', around.project));
  const contenders = chosen(contendersFor(around), options.only);
  const runs = await repeat(options.runs, say, (sayInRun, number) =>
    measureEach(contenders, { stage, targets, run: number, say: sayInRun }, ({ work }) =>
      withMemory(stage, delay, work),
    ),
  );
  const machine = thisMachine();
  const reads = (await canTrace()) ? await measureReads(stage, around, contenders, targets, say) : undefined;
  const files = sources(assets).flatMap((source) => source.files).length;
  const measurements: Measurements = { assets, files, targets: targets.length, delay, runs, machine, reads };
  return { measurements, report: reportAssets(measurements) };
}

/**
 * The first one is this workspace, which the others are compared with. All publish the same assembly, which is
 * synthesized before.
 */
function contendersFor({ app, project, nx, executor, stock }: Surroundings): Contender[] {
  const assembly = join(app, 'cdk.out');
  const forget = () => rm(join(assembly, '.cache'), { recursive: true, force: true });
  return [
    {
      name: `nx publish ${project}`,
      cache: 'none; Nx starts, knowing the workspace',
      forget,
      work: (runOne) => runOne(nx('publish', project, '--excludeTaskDependencies')),
    },
    { name: 'its executor, without Nx', cache: 'none', forget, work: (runOne) => runOne(executor('publish')) },
    {
      name: 'cdk-assets publish, a manifest at a time',
      cache: 'zips in the assembly, from the first manifest on',
      forget,
      work: async (runOne) => {
        for (const file of await assetManifests(assembly)) await runOne(stock('cdk-assets', 'publish', '--path', file));
      },
    },
    {
      name: 'cdk publish-assets --all --concurrency 10',
      cache: 'zips in the assembly',
      forget,
      work: (runOne) =>
        runOne(
          stock('cdk', 'publish-assets', '--all', '--unstable=publish-assets', '--concurrency=10', `--app=${assembly}`),
        ),
    },
  ];
}

/** What the work costs, and the memory of the program that was largest. */
async function withMemory(stage: Stage, delay: number, work: Contender['work']): Promise<MeasuredWithMemory> {
  const all: Memory[] = [];
  const measured = await measure(stage, delay, work, async (command) => {
    const cost = await run(command, true);
    all.push(cost.memory!);
    return cost;
  });
  const most = (field: keyof Memory) => Math.max(...all.map((memory) => memory[field]));
  return { ...measured, memory: { process: most('process'), tree: most('tree') } };
}

/** Our way and the usual one once more, without delay, to empty buckets. */
async function measureReads(
  stage: Stage,
  { app }: Surroundings,
  contenders: readonly Contender[],
  targets: readonly Place[],
  say: Say,
): Promise<(Reads & { contender: string })[]> {
  const isAsset = isAssetOf(join(app, 'cdk.out'));
  const measured: (Reads & { contender: string })[] = [];
  for (const { name, forget, work } of contenders.filter(({ name }) => /^(nx|cdk-assets) /.test(name))) {
    await stage.freshAccounts(targets);
    await forget();
    // One log for all of its programs: a file that each of them reads is read that often.
    const log = join(stage.folder, 'opened-files');
    await work((command) => run(traced(command, log)));
    const reads = countReads(await readFile(log, 'utf8'), isAsset);
    await rm(log);
    say(`${name}: ${reads.files} files opened ${reads.opened} times`);
    measured.push({ contender: name, ...reads });
  }
  return measured;
}
