import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { KNOWN_RUNS, LISTED, listedRun } from '../reports/index.ts';
import { recorded } from '../reports/testing/recorded.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { keepIndex } from './keep-index.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

const INDEX = 'dist/reports/index.html';

/** The runs that the index leads to. */
const listed = () =>
  [...readFileSync(workspace.path(INDEX), 'utf8').matchAll(/ href="([^#"]+)\.html"/g)].map(([, link]) => link!);

/** The runs whose files are there. */
const there = () =>
  readdirSync(workspace.path('dist/reports'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\/\d.*\.json$/.test(file))
    .map((file) => file.replace(/\.json$/, ''));

test('leads to the runs of all projects, and to drawings', async () => {
  const name = recorded(workspace, { environment: 'staging' });
  const other = recorded(workspace, { project: '@acme/web', at: '2026-11-27T00:00:00.000Z' });
  workspace.write('dist/reports/acme-web/architecture.html', 'drawn');
  expect(await keepIndex(workspace.root)).toBe(INDEX);
  expect(listed()).toEqual([`shop/${name}`, 'acme-web/architecture', `acme-web/${other}`]);
});

test('reads a run once: what is known is enough', async () => {
  const name = recorded(workspace, {});
  await keepIndex(workspace.root);
  workspace.write(`dist/reports/shop/${name}.json`, 'no longer read');
  await keepIndex(workspace.root);
  expect(listed()).toEqual([`shop/${name}`]);
});

test('takes the word of a command for its own run', async () => {
  const name = recorded(workspace, {});
  const file = workspace.path(`dist/reports/shop/${name}.json`);
  const own = listedRun(JSON.parse(readFileSync(file, 'utf8')), 'dist/reports/shop', name);
  workspace.write(`dist/reports/shop/${name}.json`, 'not read');
  await keepIndex(workspace.root, [own]);
  expect(listed()).toEqual([`shop/${name}`]);
});

test('forgets runs whose files are gone', async () => {
  const name = recorded(workspace, {});
  await keepIndex(workspace.root);
  rmSync(workspace.path(`dist/reports/shop/${name}.json`));
  await keepIndex(workspace.root);
  expect(listed()).toEqual([]);
  expect(readFileSync(workspace.path(KNOWN_RUNS), 'utf8')).not.toContain(name);
});

test.each([
  ['half of it', '{"format":1,"runs":['],
  ['nothing', 'null'],
  ['a later version', { format: 2, runs: [] }],
  ['runs that are none', { format: 1, runs: [null, 3, {}, { name: 'x', file: '../../x.html' }] }],
])('given what is known is %s, then it is found out again', async (_, content) => {
  const name = recorded(workspace, {});
  workspace.write(KNOWN_RUNS, content);
  await keepIndex(workspace.root);
  expect(listed()).toEqual([`shop/${name}`]);
});

test('given what is known leads elsewhere, then it does not', async () => {
  const name = recorded(workspace, {});
  await keepIndex(workspace.root);
  const known = readFileSync(workspace.path(KNOWN_RUNS), 'utf8');
  workspace.write(KNOWN_RUNS, known.replaceAll(`shop/${name}.html`, `shop/../../../elsewhere/${name}.html`));
  await keepIndex(workspace.root);
  expect(listed()).toEqual([`shop/${name}`]);
});

test('lists the newest runs of a project, and says how many there are besides', async () => {
  const at = (number: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, number)).toISOString();
  const names = Array.from({ length: LISTED + 3 }, (_, number) => recorded(workspace, { at: at(number) }));
  await keepIndex(workspace.root);
  expect(listed()).toEqual(
    names
      .toReversed()
      .slice(0, LISTED)
      .map((name) => `shop/${name}`),
  );
  expect(readFileSync(workspace.path(INDEX), 'utf8')).toContain('3, not listed');
});

describe('commands at the same time', () => {
  const children = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });

  /** A process that writes runs of a project, all of which begin in the same second. */
  function writer(project: string, runs: number) {
    const module = (path: string) => JSON.stringify(join(import.meta.dirname, path));
    const script = `
      import { writePage } from ${module('write-page.ts')};
      const said = [];
      const listener = ({ level, text }) => { if (level !== 'info') said.push(text); };
      for (let number = 0; number < ${runs}; number += 1) {
        const run = { action: 'deploy', subject: '1 stack', startedAt: 0, order: [], items: [] };
        const startedAt = '2026-11-28T00:00:00.000Z';
        const recording = { startedAt, milliseconds: number, runs: [run], calls: [], retried: [], messages: [] };
        const file = { format: 1, command: 'deploy', project: '${project}', success: true, recording, result: {} };
        await writePage(file, { workspaceRoot: ${JSON.stringify(workspace.root)}, listener });
      }
      if (said.length > 0) throw new Error(said.join());`;
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '' },
    });
    children.add(child);
    return { child, ended: new Promise<number | null>((resolve) => child.on('close', resolve)) };
  }

  test('do not lose runs of each other, also of one project in one second', async () => {
    const projects = ['shop', 'shop', 'blog', 'web'];
    const codes = await Promise.all(projects.map((project) => writer(project, 8).ended));
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(there()).toHaveLength(32);
    expect(listed().toSorted()).toEqual(there().toSorted());
  }, 60_000);

  test('that are killed leave an index that is whole, and the next one completes it', async () => {
    for (const delay of [150, 200, 250, 300, 400]) {
      const { child, ended } = writer('shop', 1000);
      // Killed at whatever it does by then.
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, delay))]);
      child.kill('SIGKILL');
      await ended;
      if (existsSync(workspace.path(INDEX))) expect(readFileSync(workspace.path(INDEX), 'utf8')).toContain('</html>');
    }
    expect(await writer('shop', 1).ended).toBe(0);
    const newest = there().toSorted().toReversed().slice(0, LISTED);
    expect(listed().toSorted()).toEqual(newest.toSorted());
  }, 60_000);
});
