/** From an edit to the cloud: `nx dev` beside `cdk watch`, one after the other, in the same run. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CI, type StartedProcess } from 'test-bed';
import { type Command, run, start } from '../command.ts';
import { chosen, type Contender, repeat } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import { type Comparison, thisMachine } from '../report.ts';
import type { Say, Stage } from '../stage.ts';
import { APP, BUILD, edit, HANDLER_FILE, STACK, STACK_FILE, writeWatchedApp } from './app.ts';
import { type Measured, reportDev } from './report.ts';

/** A way to watch, and how it says that it waits for edits. */
interface Watcher extends Pick<Contender, 'name'> {
  readonly command: Command;
  /** What has to be done once before. @default - nothing */
  readonly before?: Command;
  readonly ready: RegExp;
}

/** Edits of each kind in a run; the first one of a kind loads what the others have. */
const EDITS = 3;

/** Seconds that nothing is edited. */
const IDLE = 30;

const PATIENCE = 120_000;

export async function compareDev(stage: Stage, options: BenchOptions, say: Say): Promise<Comparison> {
  const around = stage.forApp(APP);
  await writeWatchedApp(join(around.app, '..', '..'));
  const cdk = (verb: string, ...more: string[]) =>
    around.stock('cdk', verb, 'dev/**', '--build', BUILD, '--output', 'cdk.out.stock', ...more);
  const watchers: Watcher[] = [
    { name: `nx dev ${APP}`, command: around.nx('dev', APP), ready: /Waiting for edits/g },
    {
      name: 'cdk watch',
      // By itself it would leave out what it cannot swap, and deploy no stack that is not there.
      before: cdk('deploy', '--require-approval=never'),
      command: cdk('watch', '--hotswap-fallback', '--no-logs'),
      ready: /deployment time|failed/gi,
    },
  ];
  const wanted = chosen(watchers as unknown as Contender[], options.only).map(({ name }) => name);
  const runs = await repeat(options.runs, say, async (sayInRun) => {
    const measured: Measured[] = [];
    for (const watcher of watchers.filter(({ name }) => wanted.includes(name))) {
      await stage.freshAccounts([CI]);
      await rm(join(around.app, 'cdk.out.stock'), { recursive: true, force: true });
      await around.forgetNx();
      await run(around.nx('deploy-dev', 'required-resources', '--yes'));
      if (watcher.before !== undefined) await run(watcher.before);
      measured.push(await measureOne(watcher, around.app, stage, options.delay, sayInRun));
    }
    return measured;
  });
  const measurements = { delay: options.delay, idle: IDLE, runs, machine: thisMachine() };
  return { measurements, report: reportDev(measurements) };
}

async function measureOne(
  { name, command, ready }: Watcher,
  app: string,
  stage: Stage,
  delay: number,
  say: Say,
): Promise<Measured> {
  stage.proxy.setDelay(delay);
  const watcher = start(command);
  try {
    await comesTo(() => [...watcher.output().matchAll(ready)].length > 0, watcher);
    say(`${name}: deployed, and waits for edits`);
    const handler: number[] = [];
    const stack: number[] = [];
    for (let round = 0; round < EDITS; round += 1) {
      handler.push(await timed(app, HANDLER_FILE, (word) => answers(stage, word), watcher));
      say(`${name}: edit of the handler: ${handler.at(-1)!.toFixed(2)} s`);
      // The watcher has something to do after the answer.
      await wait(3000);
      stack.push(await timed(app, STACK_FILE, (word) => has(stage, word), watcher));
      say(`${name}: edit of the stack: ${stack.at(-1)!.toFixed(2)} s`);
      await wait(3000);
    }
    stage.proxy.reset();
    const before = busy(watcher.pid);
    await wait(IDLE * 1000);
    return { name, handler, stack, idle: { requests: stage.proxy.count(), seconds: busy(watcher.pid) - before } };
  } finally {
    watcher.killAll('SIGKILL');
    await watcher.ended;
    stage.proxy.setDelay(0);
  }
}

/** Seconds from an edit until it is there. */
async function timed(
  app: string,
  file: string,
  isThere: (word: string) => Promise<boolean>,
  watcher: StartedProcess,
): Promise<number> {
  const startedAt = performance.now();
  const word = await edit(app, file);
  await comesTo(() => isThere(word), watcher);
  return (performance.now() - startedAt) / 1000;
}

/** @throws Error with the end of its output if the watcher ends, or nothing comes of it */
async function comesTo(isThere: () => Promise<boolean> | boolean, watcher: StartedProcess): Promise<void> {
  let isOver = false;
  void watcher.ended.then(() => (isOver = true));
  for (const deadline = Date.now() + PATIENCE; !(await isThere()); await wait(25)) {
    if (isOver || Date.now() > deadline)
      throw new Error(`Nothing came of it:\n${watcher.output().split('\n').slice(-30).join('\n')}`);
  }
}

/** Whether the function answers with a word. Asked past the proxy: neither counted nor delayed. */
async function answers(stage: Stage, word: string): Promise<boolean> {
  const FunctionName = (await outputsOf(stage)).get('Name');
  const { Payload } = await stage.root(CI).lambda().send(new InvokeCommand({ FunctionName }));
  return Buffer.from(Payload ?? [])
    .toString()
    .includes(word);
}

/** Whether the stack is deployed with a word among its outputs. */
async function has(stage: Stage, word: string): Promise<boolean> {
  return (await outputsOf(stage)).get('Word') === word;
}

async function outputsOf(stage: Stage): Promise<Map<string | undefined, string | undefined>> {
  const { Stacks: stacks } = await stage
    .root(CI)
    .cloudFormation()
    .send(new DescribeStacksCommand({ StackName: STACK }));
  const isDone = /_COMPLETE$/.test(stacks?.[0]?.StackStatus ?? '');
  const outputs = (isDone && stacks?.[0]?.Outputs) || [];
  return new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

/** Seconds that a process and what it started have kept a processor busy; 0 where that cannot be read. */
function busy(pid: number | undefined): number {
  try {
    return processesOf(String(pid)).reduce((sum, one) => sum + ticksOf(one), 0) / 100;
  } catch {
    return 0;
  }
}

function processesOf(pid: string): string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return [pid, ...children.flatMap(processesOf)];
}

function ticksOf(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
