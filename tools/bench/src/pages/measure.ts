/** What the page of a run costs: deployments with it and with `--no-report`, in turn. */
import { join } from 'node:path';
import { STACK_PLACES } from '../apps.ts';
import { type Command, run } from '../command.ts';
import { repeat } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import { type Comparison, thisMachine } from '../report.ts';
import type { Say, Stage } from '../stage.ts';
import { writeChangingApp } from './app.ts';
import { type Case, type Cost, type Pair, reportPages } from './report.ts';

/**
 * A module that says in the end how many seconds a process kept processors busy. Others on the machine disturb that far
 * less than the time that passes.
 */
const TELL_BUSY = `data:text/javascript,${encodeURIComponent(`import { writeSync } from 'node:fs';
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(1, '\\nbusy ' + (user + system) / 1e6 + ' s\\n');
});`)}`;

const BUSY = /^busy ([\d.]+) s$/m;

const PROJECT = 'changing-stacks';

/** Stacks of the deployments. */
const SIZES = [4, 40];

/** Two assemblies that differ in each stack. */
const SECONDS = [30, 60];

export async function comparePages(stage: Stage, options: BenchOptions, say: Say): Promise<Comparison> {
  const cases: Case[] = [];
  for (const stacks of SIZES) cases.push(...(await measureSize(stage, options, stacks, say)));
  const memory = options.memory ? await measureMemory(stage, options, say) : undefined;
  const measurements = { delay: options.delay, cases, ...(memory && { memory }), machine: thisMachine() };
  return { measurements, report: reportPages(measurements) };
}

/** Deployments that change every stack, and that change nothing. */
async function measureSize(stage: Stage, options: BenchOptions, stacks: number, say: Say): Promise<Case[]> {
  const deploy = await prepare(stage, stacks, say);
  const changed: Pair[] = [];
  const unchanged: Pair[] = [];
  let next = 0;
  const timed = async (page: boolean): Promise<Cost> => {
    const { seconds, output } = await run(deploy(next, page));
    return { seconds, busy: Number(BUSY.exec(output)![1]) };
  };
  // Unmeasured: what is created, and read and compiled for the first time.
  for (const page of [true, false, true]) await timed(page);
  stage.proxy.setDelay(options.delay);
  await repeat(options.runs, say, async (sayInRun, number) => {
    const pairOf = async (isChange: boolean): Promise<Pair> => {
      const costs = new Map<'with' | 'without', Cost>();
      // Another one begins each time.
      for (const kind of number % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
        if (isChange) next = 1 - next;
        costs.set(kind, await timed(kind === 'with'));
      }
      return { with: costs.get('with')!, without: costs.get('without')! };
    };
    changed.push(await pairOf(true));
    unchanged.push(await pairOf(false));
    const [one, two] = [changed.at(-1)!, unchanged.at(-1)!];
    const text = (pair: Pair) => `${pair.with.busy.toFixed(2)} s and ${pair.without.busy.toFixed(2)} s`;
    sayInRun(`${stacks} stacks, with and without a page, busy: changed ${text(one)}, unchanged ${text(two)}`);
  });
  stage.proxy.setDelay(0);
  return [
    { stacks, phase: 'changed', pairs: changed },
    { stacks, phase: 'unchanged', pairs: unchanged },
  ];
}

/** The largest memory of deployments of very many stacks that change, with a page and without. */
async function measureMemory(stage: Stage, { memoryStacks: stacks, runs }: BenchOptions, say: Say) {
  const deploy = await prepare(stage, stacks, say);
  await run(deploy(0, false));
  const peaks = { with: [] as number[], without: [] as number[] };
  let next = 0;
  await repeat(Math.min(runs, 3), say, async (sayInRun) => {
    for (const kind of ['with', 'without'] as const) {
      next = 1 - next;
      const { memory } = await run(deploy(next, kind === 'with'), true);
      peaks[kind].push(memory!.process);
      sayInRun(`${stacks} stacks ${kind} a page: ${Math.round(memory!.process / 1024 / 1024)} MB`);
    }
  });
  return { stacks, ...peaks };
}

/** Publishes both assemblies. @returns what deploys one of them */
async function prepare(stage: Stage, stacks: number, say: Say): Promise<(which: number, page: boolean) => Command> {
  say(`${stacks} stacks: synthesizing and publishing`);
  // As a task of Nx has it.
  const around = stage.forApp(PROJECT, { NODE_COMPILE_CACHE: join(stage.folder, 'compiled') });
  await stage.freshAccounts(STACK_PLACES);
  await writeChangingApp(around.app, stacks);
  const assemblyOf = (which: number) => `cdk.out.${which}`;
  for (const [which, seconds] of SECONDS.entries()) {
    await run(around.executor('synth', { context: [`seconds=${seconds}`], output: assemblyOf(which) }));
    await run(around.executor('publish', { assembly: assemblyOf(which), report: false }));
  }
  return (which, page) => {
    const options = { assembly: assemblyOf(which), yes: true, ...(!page && { report: false }) };
    const command = around.executor('deploy', options);
    return { ...command, args: ['--import', TELL_BUSY, ...command.args] };
  };
}
