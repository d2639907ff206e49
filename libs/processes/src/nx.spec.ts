import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nxProgram, outsideOfNx, runNx } from './nx.ts';

let root: string;
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'nx-'))));
afterEach(() => rm(root, { recursive: true }));

/** An Nx that notes how it was called, and ends as it is told. */
async function installNx(code: number): Promise<void> {
  const folder = join(root, 'node_modules/nx');
  await mkdir(join(folder, 'dist'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'nx', bin: { nx: './dist/nx.js' } }));
  const script = `const { NX_TUI, NX_DAEMON, NX_TASK_HASH } = process.env;
require('fs').writeFileSync('called.json', JSON.stringify({ args: process.argv.slice(2), env: { NX_TUI, NX_DAEMON, NX_TASK_HASH } }));
process.exit(${code});`;
  await writeFile(join(folder, 'dist/nx.js'), script);
}

test('the Nx of a workspace is the one that it has installed, wherever that keeps its program', async () => {
  await installNx(0);
  expect(nxProgram(root)).toMatch(/node_modules\/nx\/dist\/nx\.js$/);
});

test('without it, the workspace is named, and what to do', () => {
  expect(() => nxProgram(root)).toThrow(`Nx is not installed in ${root}: install the packages of the workspace first.`);
});

test('it runs in the workspace, outside of any task, without its terminal UI, and with its daemon as the workspace has it', async () => {
  await installNx(0);
  const code = await runNx(root, ['run', 'shop:deploy'], { PATH: process.env['PATH'], NX_TASK_HASH: 'outer' });

  expect(code).toBe(0);
  expect(JSON.parse(await readFile(join(root, 'called.json'), 'utf8'))).toEqual({
    args: ['run', 'shop:deploy'],
    env: { NX_TUI: 'false' },
  });
});

test.each([1, 130])('exit code %i without Ctrl-C is a failure', async (code) => {
  await installNx(code);
  expect(await runNx(root, [])).toBe(1);
});

test('an inner Nx gets nothing that the outer one set for a task', () => {
  const outer = { NX_TASK_TARGET_PROJECT: 'a', NX_WORKSPACE_ROOT: '/a', NX_DAEMON: 'false', PATH: '/bin' };
  expect(outsideOfNx(outer)).toEqual({ NX_DAEMON: 'false', PATH: '/bin' });
});
