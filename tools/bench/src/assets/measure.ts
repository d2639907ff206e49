import { join } from 'node:path';
import { type Place, places } from '../accounts.ts';
import { thisMachine } from '../machine.ts';
import type { Memory } from '../process-memory.ts';
import type { AssetsOptions } from '../options.ts';
import { countActions } from '../requests.ts';
import type { Stage } from '../stage.ts';
import { forgetNx, nx, type Surroundings } from '../surroundings.ts';
import { type Contender, contenders, forget } from './contenders.ts';
import { sources, writeManyAssetsApp } from './many-assets-app.ts';
import { isOurs, type Measured, type Measurement, type Measurements } from './measurement.ts';
import { canTrace, isAssetOf, type Reads, readsIn, traced } from './reads.ts';

/** Publishes one assembly with each contender, one after another: two at a time would measure each other. */
export async function measure(
  stage: Stage,
  options: AssetsOptions,
  say: (line: string) => void,
): Promise<Measurements> {
  const { assets, delay } = options;
  const targets = places(options.targets);
  const around = stage.forApp('many-assets');
  say(`Synthesizing ${assets} assets in ${targets.length} stacks`);
  await writeManyAssetsApp(around.app, assets, targets);
  await forgetNx(around);
  await stage.runner.run({ ...nx(around, ['synth', around.project]), timeout: 3600 });
  const chosen = contenders(around).filter(
    ({ name }) => isOurs(name) || options.only.length === 0 || options.only.some((part) => name.includes(part)),
  );
  const runs: Measurement[][] = [];
  for (let run = 0; run < options.runs; run += 1) {
    const prefix = options.runs > 1 ? `run ${run + 1} of ${options.runs}: ` : '';
    // Another one begins each time: whatever a machine does in the meantime does not always hit the same one.
    const order = chosen.map((_, index) => chosen[(index + run) % chosen.length]!);
    const measurements: Measurement[] = [];
    for (const contender of order)
      measurements.push(
        await measureContender(stage, around, contender, targets, delay, (line) => say(`${prefix}${line}`)),
      );
    runs.push(measurements);
  }
  const machine = thisMachine();
  const reads = (await canTrace()) ? await measureReads(stage, around, chosen, targets, say) : undefined;
  const files = sources(assets).flatMap((source) => source.files).length;
  return { assets, files, targets: targets.length, delay, runs, machine, reads };
}

async function measureContender(
  stage: Stage,
  around: Surroundings,
  contender: Contender,
  targets: readonly Place[],
  delay: number,
  say: (line: string) => void,
): Promise<Measurement> {
  await stage.freshAccounts(targets);
  await forget(around);
  const publish = async (phase: string): Promise<Measured> => {
    const commands = await contender.commands();
    stage.proxy.reset();
    stage.proxy.setDelay(delay);
    let seconds = 0;
    const memory: Memory[] = [];
    for (const command of commands) {
      const cost = await stage.runner.run({ ...command, watchMemory: true });
      seconds += cost.seconds;
      memory.push(cost.memory!);
    }
    stage.proxy.setDelay(0);
    const requests = stage.proxy.count();
    say(`${contender.name}: ${phase}: ${requests} requests, ${seconds.toFixed(1)} s`);
    return { requests, seconds, memory: largest(memory), actions: countActions(stage.proxy.requests) };
  };
  return {
    contender: contender.name,
    cache: contender.cache,
    cold: await publish('cold'),
    unchanged: await publish('nothing changed'),
  };
}

function largest(memories: readonly Memory[]): Memory {
  return {
    process: Math.max(...memories.map(({ process }) => process)),
    tree: Math.max(...memories.map(({ tree }) => tree)),
  };
}

/** Each contender once more, without delay, to empty buckets. */
async function measureReads(
  stage: Stage,
  around: Surroundings,
  chosen: readonly Contender[],
  targets: readonly Place[],
  say: (line: string) => void,
): Promise<(Reads & { contender: string })[]> {
  const isAsset = isAssetOf(join(around.app, 'cdk.out'));
  const measured: (Reads & { contender: string })[] = [];
  for (const contender of chosen.filter(({ countsReads }) => countsReads)) {
    await stage.freshAccounts(targets);
    await forget(around);
    // One log for all of its programs: a file that each of them reads is read that often.
    const log = join(stage.folder, 'opened-files');
    for (const command of await contender.commands()) await stage.runner.run(traced(command, log));
    const reads = await readsIn(log, isAsset);
    say(`${contender.name}: ${reads.files} files opened ${reads.opened} times`);
    measured.push({ contender: contender.name, ...reads });
  }
  return measured;
}
