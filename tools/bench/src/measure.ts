import { type Contender, contenders, forgetNx, nx } from './contenders.ts';
import { countActions, isOurs, type Measured, type Measurement, type Measurements } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import { PLACES } from './small-stacks-app.ts';
import type { Stage } from './stage.ts';

/** Takes all measurements that the options ask for, one after another: two at a time would measure each other. */
export async function measure(stage: Stage, options: BenchOptions, say: (line: string) => void): Promise<Measurements> {
  await stage.writeApp(options.stacks);
  const chosen = contenders(stage).filter(
    ({ name }) => isOurs(name) || options.only.length === 0 || options.only.some((part) => name.includes(part)),
  );
  const runs: Measurement[][] = [];
  const synth = { cached: [] as number[], stock: [] as number[] };
  for (let run = 0; run < options.runs; run += 1) {
    const prefix = options.runs > 1 ? `run ${run + 1} of ${options.runs}: ` : '';
    // Another one begins each time: whatever a machine does in the meantime does not always hit the same one.
    const order = chosen.map((_, index) => chosen[(index + run) % chosen.length]!);
    const measurements: Measurement[] = [];
    for (const contender of order)
      measurements.push(await measureContender(stage, contender, options, (line) => say(`${prefix}${line}`)));
    runs.push(measurements);
    await measureSynth(stage, synth, (line) => say(`${prefix}${line}`));
  }
  const memory = options.memory ? await measureMemory(stage, options.memoryStacks, say) : undefined;
  const { stacks, delay } = options;
  return { stacks, accounts: PLACES.length, delay, runs, synth, ...(memory ? { memory } : {}) };
}

async function measureContender(
  stage: Stage,
  contender: Contender,
  { delay }: BenchOptions,
  say: (line: string) => void,
): Promise<Measurement> {
  say(`${contender.name}: bootstrapping fresh accounts`);
  await stage.freshAccounts();
  await contender.forget();
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
  stage: Stage,
  seconds: { cached: number[]; stock: number[] },
  say: (line: string) => void,
): Promise<void> {
  const all = nx(stage, ['run-many', '-t', 'synth']);
  await stage.runner.run(all);
  const cached = await stage.runner.run(all);
  if (!/read the output from the cache/.test(cached.output))
    throw new Error(`A repeated "nx run-many -t synth" did not come from the cache:\n${cached.output}`);
  const stock = await stage.runner.run({
    program: `${stage.workspace}/node_modules/.bin/cdk`,
    args: ['synth', '--all', '--quiet', '--output=cdk.out.stock'],
    cwd: stage.app,
    environment: stage.foreignEnvironment,
  });
  seconds.cached.push(cached.seconds);
  seconds.stock.push(stock.seconds);
  say(`nx run-many -t synth, cached: ${cached.seconds.toFixed(1)} s; cdk synth: ${stock.seconds.toFixed(1)} s`);
}

/** The memory of the deploy step for very many stacks, cold; Nx and the task it starts together. */
async function measureMemory(stage: Stage, stacks: number, say: (line: string) => void) {
  say(`memory: synthesizing and publishing ${stacks} stacks`);
  await stage.writeApp(stacks);
  await stage.freshAccounts();
  await forgetNx(stage);
  await stage.runner.run({ ...nx(stage, ['publish', stage.project]), timeout: 3600 });
  say(`memory: deploying ${stacks} stacks`);
  const deploy = nx(stage, ['deploy', stage.project, '--excludeTaskDependencies']);
  const { seconds, memory } = await stage.runner.run({ ...deploy, timeout: 3600, watchMemory: true });
  return { stacks, seconds, peak: memory! };
}
