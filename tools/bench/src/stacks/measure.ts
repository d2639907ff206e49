/** 40 small stacks in two accounts: synth, publish and deploy, beside `cdk deploy` and the stock tools one by one. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { STACK_PLACES, writeSmallStacksApp } from '../apps.ts';
import { run } from '../command.ts';
import { chosen, type Contender, measure, measureEach, repeat } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import type { Comparison } from '../report.ts';
import type { Say, Stage } from '../stage.ts';
import { assetManifests, type Surroundings } from '../surroundings.ts';
import { type Measurements, reportStacks } from './report.ts';

/** Takes all measurements that the options ask for. */
export async function compareStacks(stage: Stage, options: BenchOptions, say: Say): Promise<Comparison> {
  const { stacks, delay } = options;
  const around = stage.forApp('small-stacks');
  await writeSmallStacksApp(around.app, stacks);
  const contenders = chosen(contendersFor(around), options.only);
  // Files that were never read and modules that were never compiled are those of a new machine, which is not what is
  // compared.
  for (const { name, forget, work } of contenders) {
    say(`${name}: once, unmeasured`);
    await stage.freshAccounts(STACK_PLACES);
    await forget();
    await work(run);
  }
  const synth = { cached: [] as number[], stock: [] as number[] };
  const runs = await repeat(options.runs, say, async (sayInRun, number) => {
    const setting = { stage, targets: STACK_PLACES, run: number, say: sayInRun };
    const measurements = await measureEach(contenders, setting, ({ work }) => measure(stage, delay, work));
    const { cached, stock } = await measureSynth(around, sayInRun);
    synth.cached.push(cached);
    synth.stock.push(stock);
    return measurements;
  });
  const memory = options.memory ? await measureMemory(stage, around, options.memoryStacks, say) : undefined;
  const measurements: Measurements = {
    stacks,
    accounts: STACK_PLACES.length,
    delay,
    runs,
    synth,
    ...(memory ? { memory } : {}),
  };
  return { measurements, report: reportStacks(measurements) };
}

/** The first one is this workspace, which the others are compared with. */
function contendersFor({ app, project, nx, stock, forgetNx }: Surroundings): Contender[] {
  const output = join(app, 'cdk.out.stock');
  const stockTool = { cache: 'none', forget: () => rm(output, { recursive: true, force: true }) };
  const cdkDeploy = (...options: string[]): Contender => ({
    ...stockTool,
    name: ['cdk deploy --all', ...options].join(' '),
    work: (runOne) =>
      runOne(stock('cdk', 'deploy', '--all', '--require-approval=never', `--output=${output}`, ...options)),
  });
  return [
    {
      name: `nx deploy ${project}`,
      cache:
        'cold: modules that Node has compiled, no Nx cache, no assembly; unchanged: the synth comes from the Nx cache, publish and deploy never do',
      forget: forgetNx,
      work: (runOne) => runOne(nx('deploy', project, '--yes')),
    },
    cdkDeploy(),
    cdkDeploy('--concurrency', '10'),
    {
      ...stockTool,
      name: 'cdk synth + cdk-assets + change sets',
      work: async (runOne) => {
        await runOne(stock('cdk', 'synth', '--all', '--quiet', `--output=${output}`));
        for (const file of await assetManifests(output)) await runOne(stock('cdk-assets', 'publish', '--path', file));
        await runOne({
          ...stock('node', join(import.meta.dirname, 'change-sets.ts'), output),
          program: process.execPath,
        });
      },
    },
  ];
}

/** Seconds of a synth of every app of the workspace from Nx's cache, and of one app by the CDK CLI. */
async function measureSynth({ nx, stock }: Surroundings, say: Say) {
  const all = nx('run-many', '-t', 'synth');
  await run(all);
  const cached = await run(all);
  if (!/read the output from the cache/.test(cached.output))
    throw new Error(`A repeated "nx run-many -t synth" did not come from the cache:\n${cached.output}`);
  const one = await run(stock('cdk', 'synth', '--all', '--quiet', '--output=cdk.out.stock'));
  say(`nx run-many -t synth, cached: ${cached.seconds.toFixed(1)} s; cdk synth: ${one.seconds.toFixed(1)} s`);
  return { cached: cached.seconds, stock: one.seconds };
}

/** The memory of the deploy step for very many stacks, cold; Nx and the task it starts together. */
async function measureMemory(stage: Stage, { app, project, nx, forgetNx }: Surroundings, stacks: number, say: Say) {
  say(`memory: synthesizing and publishing ${stacks} stacks`);
  await writeSmallStacksApp(app, stacks);
  await stage.freshAccounts(STACK_PLACES);
  await forgetNx();
  await run(nx('publish', project));
  say(`memory: deploying ${stacks} stacks`);
  const { seconds, memory } = await run(nx('deploy', project, '--excludeTaskDependencies', '--yes'), true);
  return { stacks, seconds, peak: memory! };
}
