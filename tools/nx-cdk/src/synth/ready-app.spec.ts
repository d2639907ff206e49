import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { run } from '@nx-cdk/processes';
import { readCdkJson } from '../cdk-json/index.ts';
import type { Followed } from '../inputs/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { prepareApp } from './app-process.ts';
import { type AppStart, ReadyApp } from './ready-app.ts';

/** Stands for CDK: knows whether it was loaded before the app was told where its assembly goes. */
const CDK = `exports.wasReady = process.env.CDK_OUTDIR === undefined;
exports.version = 1;
require('node:fs').appendFileSync(__dirname + '/../../../loads', process.pid + '\\n');
`;
const APP = `const cdk = require('aws-cdk-lib');
const { CDK_OUTDIR: outdir, NX_CDK_READY: list, NODE_OPTIONS: options } = process.env;
const isLeft = list !== undefined || options.includes('ready-wait');
console.log(JSON.stringify({ word: 'first', wasReady: cdk.wasReady, version: cdk.version, outdir, isLeft, pid: process.pid }));
`;

let workspace: TemporaryWorkspace;
let ready: ReadyApp;

beforeEach(() => {
  workspace = temporaryWorkspace({
    'shop/node_modules/aws-cdk-lib/index.js': CDK,
    'shop/app.cjs': APP,
    'shop/cdk.json': { app: 'node app.cjs' },
  });
  ready = new ReadyApp();
});

afterEach(async () => {
  await ready.stop();
  workspace.dispose();
});

const start = (command = 'node app.cjs'): AppStart => ({
  workspaceRoot: workspace.root,
  projectRoot: workspace.path('shop'),
  config: readCdkJson(workspace.path('shop')),
  command,
  more: {},
});

/** Synthesizes as the toolkit does: by a command line, in the environment of the app and what is said of this run. */
async function synthesize(more: Record<string, string> = {}, about = start()) {
  const taken = await ready.take(about, []);
  const app = taken ?? (await prepareApp(about));
  const env = { ...app.env, CDK_OUTDIR: '/out', CDK_CONTEXT_JSON: '{}', ...more };
  const runs = async () => run('sh', ['-c', taken?.command ?? about.command], { cwd: about.projectRoot, env });
  const ended = await runs();
  const again = taken && (await runs());
  const followed = app.followed([]);
  await app.dispose();
  ready.ran(about, followed);
  const read = ({ stdout }: { stdout: string }) => JSON.parse(stdout || '{}') as Record<string, unknown>;
  return { ...ended, said: read(ended), again: again && read(again), followed };
}

const edit = (file: string, text: string) => writeFileSync(workspace.path(file), text);

test('the app of an edit runs in a process that had loaded CDK before, and only there', async () => {
  const first = await synthesize();
  expect(first.said).toMatchObject({ word: 'first', wasReady: false });
  expect(first.followed.modules).toEqual([workspace.path('shop/node_modules/aws-cdk-lib/index.js')]);

  ready.prepare();
  await loadedBy(2);
  edit('shop/app.cjs', APP.replace('first', 'second'));
  const second = await synthesize({ CDK_OUTDIR: '/other' });
  expect(second.said).toMatchObject({ word: 'second', wasReady: true, outdir: '/other', isLeft: false });
  expect(second.followed.obstacles).toEqual([]);
  // What it read before counts as well.
  const paths = (of: Followed) => of.reads!.map(({ path }) => path);
  expect(paths(second.followed)).toEqual(expect.arrayContaining(paths(first.followed)));
  // If the toolkit runs the app once more, after lookups, nothing of the first time is left.
  expect(second.again).toMatchObject({ word: 'second', wasReady: false });
  expect(second.again!['pid']).not.toBe(second.said['pid']);
});

test('none is kept ready by itself', async () => {
  await synthesize();
  expect((await synthesize()).said).toMatchObject({ wasReady: false });
});

test('how the app fails is told as if it had run by itself', async () => {
  await synthesize();
  ready.prepare();
  edit('shop/app.cjs', `require('aws-cdk-lib'); console.error('no such queue'); process.exit(3);`);
  const failed = await synthesize();
  expect(failed).toMatchObject({ code: 3, stderr: 'no such queue\n' });
});

test('a process is not used if a package that it has loaded was changed', async () => {
  await synthesize();
  ready.prepare();
  await loadedBy(2);
  edit('shop/node_modules/aws-cdk-lib/index.js', CDK.replace('version = 1', 'version = 22'));
  expect((await synthesize()).said).toMatchObject({ version: 22 });
});

test.each([
  ['a variable that the app would get', { TZ: 'Pacific/Auckland' }],
  ['one that CDK has from the shell', { CDK_DEBUG: 'true' }],
])('a process is not used if %s is another one by now', async (_, more) => {
  await synthesize();
  ready.prepare();
  expect((await synthesize(more)).said).toMatchObject({ wasReady: false });
});

test('a process is not used if cdk.json is another one by now', async () => {
  await synthesize();
  ready.prepare();
  workspace.write('shop/cdk.json', { app: 'node app.cjs', context: { stage: 'two' } });
  expect((await synthesize()).said).toMatchObject({ wasReady: false });
});

test.each([
  'node build.js && node app.cjs',
  'npm run synth',
  'node --run synth',
  'node -e "1" app.cjs',
  'STAGE=one node app.cjs',
  'python3 app.py',
  'node app.cjs | tee log',
])('nothing is started before its time for the command %s', async (command) => {
  const first = await synthesize();
  ready.ran(start(command), first.followed);
  ready.prepare();
  expect(await ready.take(start(command), [])).toBeUndefined();
});

test('a process that waits ends with the session', async () => {
  await synthesize();
  ready.prepare();
  const pid = await loadedBy(2);
  await ready.stop();
  await hasEnded(pid);
  ready.prepare();
  expect(await ready.take(start(), [])).toBeUndefined();
});

test('a process that waits ends if that of the session is killed', async () => {
  const { followed } = await synthesize();
  const script = `
    const { ReadyApp } = await import(${JSON.stringify(join(import.meta.dirname, 'ready-app.ts'))});
    const ready = new ReadyApp();
    ready.ran(${JSON.stringify(start())}, ${JSON.stringify({ modules: followed.modules, obstacles: [] })});
    ready.prepare();
    setInterval(() => undefined, 1000);`;
  const session = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], { stdio: 'inherit' });
  const pid = await loadedBy(2);
  session.kill('SIGKILL');
  await hasEnded(pid);
});

/** Waits until CDK was loaded that many times. @returns the process that has loaded it last */
async function loadedBy(times: number): Promise<number> {
  const loads = () => readFileSync(workspace.path('loads'), 'utf8').trim().split('\n');
  for (let left = 3000; loads().length < times && left > 0; left -= 1) await setTimeout(10);
  expect(loads()).toHaveLength(times);
  return Number(loads().at(-1));
}

async function hasEnded(pid: number): Promise<void> {
  const isThere = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  for (let left = 3000; isThere() && left > 0; left -= 1) await setTimeout(10);
  expect(isThere()).toBe(false);
}
