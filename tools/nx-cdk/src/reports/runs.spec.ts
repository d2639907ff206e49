import { existsSync, readdirSync } from 'node:fs';
import type { DeployRun } from '../report/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { removeRuns } from './remove.ts';
import { deploymentsOf, runsOf } from './runs.ts';
import { recorded } from './testing/recorded.ts';
import { runsAsText } from './text.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

const names = async (project = 'shop') => (await runsOf(workspace.root, project)).runs.map(({ name }) => name);

test('the runs of a project are listed, the newest first, each with how it ended', async () => {
  recorded(workspace, { at: '2026-11-27T10:00:00.000Z', command: 'publish' });
  recorded(workspace, { at: '2026-11-28T23:15:00.000Z', environment: 'staging', success: false });
  recorded(workspace, { at: '2026-11-28T09:00:00.000Z', command: 'plan', refused: true, success: false });
  const { runs, unreadable } = await runsOf(workspace.root, 'shop');
  expect(unreadable).toEqual([]);
  expect(runs.map(({ command, outcome }) => `${command} ${outcome}`)).toEqual([
    'deploy failed',
    'plan refused',
    'publish done',
  ]);
  expect(runs[0]).toMatchObject({
    name: '2026-11-28-231500-deploy-staging',
    file: 'dist/reports/shop/2026-11-28-231500-deploy-staging.html',
    environment: 'staging',
    milliseconds: 61_000,
  });
  const text = runsAsText(runs);
  expect(text).toMatch(/2026-11-28 23:15:00 +deploy +staging +failed +1 min 1 s +dist\/reports\/shop\/2026/);
});

test('given no folder, then there are no runs', async () => {
  expect(await runsOf(workspace.root, 'shop')).toEqual({ runs: [], unreadable: [] });
});

test.each([
  ['half a file', '{"format":1'],
  ['nothing', 'null'],
  ['a run of a later version', { format: 2, command: 'deploy', project: 'shop' }],
  ['a run without a time', { format: 1, command: 'deploy', project: 'shop', success: true, recording: {} }],
])('given %s, then it is named, and the others are listed', async (_, content) => {
  const name = recorded(workspace, {});
  workspace.write('dist/reports/shop/2026-11-28-111111-deploy.json', content);
  const { runs, unreadable } = await runsOf(workspace.root, 'shop');
  expect(runs.map((run) => run.name)).toEqual([name]);
  expect(unreadable).toEqual(['dist/reports/shop/2026-11-28-111111-deploy.json']);
});

test('projects that share a folder have their own runs', async () => {
  const ours = recorded(workspace, { project: '@acme/shop' });
  const theirs = recorded(workspace, { project: 'acme-shop', at: '2026-11-28T01:00:00.000Z' });
  expect(await names('@acme/shop')).toEqual([ours]);
  expect(await names('acme-shop')).toEqual([theirs]);
});

test('only the files of the runs are removed, whatever else is in the folder', async () => {
  const old = recorded(workspace, { at: '2026-11-01T00:00:00.000Z' });
  const young = recorded(workspace, { at: '2026-11-28T00:00:00.000Z' });
  workspace.write('dist/reports/shop/notes.json', '{}');
  workspace.write('dist/reports/shop/architecture.html', 'drawn');
  const { runs } = await runsOf(workspace.root, 'shop');

  await removeRuns(workspace.root, runs.slice(1));

  expect(await names()).toEqual([young]);
  expect(readdirSync(workspace.path('dist/reports/shop')).toSorted()).toEqual(
    [`${young}.html`, `${young}.json`, 'architecture.html', 'notes.json'].toSorted(),
  );
  expect(existsSync(workspace.path(`dist/reports/shop/${old}.html`))).toBe(false);
});

test('deployments are read whole, other runs are left out', async () => {
  recorded(workspace, { command: 'publish', at: '2026-11-28T00:00:00.000Z' });
  recorded(workspace, { at: '2026-11-27T00:00:00.000Z' });
  const { runs } = await runsOf(workspace.root, 'shop');
  const found: DeployRun[] = [];
  for await (const run of deploymentsOf(workspace.root, runs)) found.push(run);
  expect(found.map(({ command, result }) => [command, result])).toEqual([['deploy', { stacks: [] }]]);
});
