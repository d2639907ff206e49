import { join } from 'node:path';
import type { StacksOptions } from '../options.ts';
import { countActions } from '../requests.ts';
import type { Stage } from '../stage.ts';
import { forgetNx, nx, type Surroundings } from '../surroundings.ts';
import { type Contender, contenders } from './contenders.ts';
import { isOurs, type Measured, type Measurement, type Measurements } from './measurement.ts';
import { PLACES, writeSmallStacksApp } from './small-stacks-app.ts';

/** Takes all measurements that the options ask for, one after another: two at a time would measure each other. */
export async function measure(
  stage: Stage,
  options: StacksOptions,
  say: (line: string) => void,
): Promise<Measurements> {
  const around = stage.forApp('small-stacks');
  await writeSmallStacksApp(around.app, options.stacks);
  const chosen = contenders(around).filter(
    ({ name }) => isOurs(name) || options.only.length === 0 || options.only.some((part) => name.includes(part)),
  );
  const runs: Measurement[][] = [];
  const synth = { cached: [] as number[], stock: [] as number[] };
  // Files that were never read and modules that were never compiled are those of a new machine, which is not what is
  // compared.
  for (const contender of chosen) {
    say(`${contender.name}: once, unmeasured`);
    await prepare(stage, contender);
    await contender.deploy();
  }
  for (let run = 0; run < options.runs; run += 1) {
    const prefix = options.runs > 1 ? `run ${run + 1} of ${options.runs}: ` : '';
    // Another one begins each time: whatever a machine does in the meantime does not always hit the same one.
    const order = chosen.map((_, index) => chosen[(index + run) % chosen.length]!);
    const measurements: Measurement[] = [];
    for (const contender of order)
      measurements.push(await measureContender(stage, contender, options, (line) => say(`${prefix}${line}`)));
    runs.push(measurements);
    await measureSynth(around, synth, (line) => say(`${prefix}${line}`));
  }
  const memory = options.memory ? await measureMemory(stage, around, options.memoryStacks, say) : undefined;
  const { stacks, delay } = options;
  return { stacks, accounts: PLACES.length, delay, runs, synth, ...(memory ? { memory } : {}) };
}

/** Accounts in which nothing was deployed, and a contender that remembers nothing. */
async function prepare(stage: Stage, contender: Contender): Promise<void> {
  await stage.freshAccounts(PLACES);
  await contender.forget();
}

async function measureContender(
  stage: Stage,
  contender: Contender,
  { delay }: StacksOptions,
  say: (line: string) => void,
): Promise<Measurement> {
  say(`${contender.name}: bootstrapping fresh accounts`);
  await prepare(stage, contender);
  const deploy = async (phase: string): Promise<Measured> => {
    stage.proxy.reset();
    stage.proxy.setDelay(delay);
    const started = performance.now();
    await contender.deploy();
    const seconds = (performance.now() - started) / 1000;
    stage.proxy.setDelay(0);
    const requests = stage.proxy.count();
    say(`${contender.name}: ${phase}: ${requests} requests, ${seconds.toFixed(1)} s`);
    return { requests, seconds, actions: countActions(stage.proxy.requests) };
  };
  return {
    contender: contender.name,
    cache: contender.cache,
    cold: await deploy('cold'),
    unchanged: await deploy('nothing changed'),
  };
}

/** Synth of every app of the workspace from Nx's cache, beside a synth of one app by the CDK CLI. */
async function measureSynth(
  around: Surroundings,
  seconds: { cached: number[]; stock: number[] },
  say: (line: string) => void,
): Promise<void> {
  const all = nx(around, ['run-many', '-t', 'synth']);
  await around.runner.run(all);
  const cached = await around.runner.run(all);
  if (!/read the output from the cache/.test(cached.output))
    throw new Error(`A repeated "nx run-many -t synth" did not come from the cache:\n${cached.output}`);
  const stock = await around.runner.run({
    program: join(around.workspace, 'node_modules', '.bin', 'cdk'),
    args: ['synth', '--all', '--quiet', '--output=cdk.out.stock'],
    cwd: around.app,
    environment: around.foreignEnvironment,
  });
  seconds.cached.push(cached.seconds);
  seconds.stock.push(stock.seconds);
  say(`nx run-many -t synth, cached: ${cached.seconds.toFixed(1)} s; cdk synth: ${stock.seconds.toFixed(1)} s`);
}

/** The memory of the deploy step for very many stacks, cold; Nx and the task it starts together. */
async function measureMemory(stage: Stage, around: Surroundings, stacks: number, say: (line: string) => void) {
  say(`memory: synthesizing and publishing ${stacks} stacks`);
  await writeSmallStacksApp(around.app, stacks);
  await stage.freshAccounts(PLACES);
  await forgetNx(around);
  await around.runner.run({ ...nx(around, ['publish', around.project]), timeout: 3600 });
  say(`memory: deploying ${stacks} stacks`);
  const deploy = nx(around, ['deploy', around.project, '--excludeTaskDependencies']);
  const { seconds, memory } = await around.runner.run({ ...deploy, timeout: 3600, watchMemory: true });
  return { stacks, seconds, peak: memory! };
}
