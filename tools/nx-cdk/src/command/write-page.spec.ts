import { readdirSync, readFileSync } from 'node:fs';
import { type ProgressEvent, Recorder } from '../progress/index.ts';
import type { RunFile } from '../report/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { shownRun, writePage } from './write-page.ts';
import { runsAsText, runsOf } from '../reports/index.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

/** Writes the page of a command in which these events were told. @returns what the command says of it */
async function written(events: readonly ProgressEvent[], projectName = 'shop'): Promise<string[]> {
  const recorder = new Recorder(() => Date.UTC(2026, 10, 28, 23, 15));
  for (const event of events) recorder.listener(event);
  const said: string[] = [];
  const run = shownRun({
    command: 'deploy',
    options: { environment: 'staging' },
    projectName,
    recorder,
    result: { success: false, report: { stacks: [] } },
  });
  await writePage(run as RunFile, {
    workspaceRoot: workspace.root,
    listener: (event) => void (event.type === 'message' && said.push(`${event.level}: ${event.text}`)),
  });
  return said;
}

const started: ProgressEvent = { type: 'run-started', action: 'deploy', items: 1, subject: '1 stack in 1 target' };

let endpoint: string | undefined;
beforeEach(() => {
  endpoint = process.env['AWS_ENDPOINT_URL'];
  delete process.env['AWS_ENDPOINT_URL'];
});
afterEach(() => {
  if (endpoint === undefined) delete process.env['AWS_ENDPOINT_URL'];
  else process.env['AWS_ENDPOINT_URL'] = endpoint;
});

test('a command writes a page and what it is made from, called after the moment and the environment', async () => {
  const said = await written([started]);

  const name = '2026-11-28-231500-deploy-staging';
  expect(said).toEqual([`info: Report: dist/reports/shop/${name}.html`]);
  expect(readdirSync(workspace.path('dist/reports/shop')).toSorted()).toEqual([`${name}.html`, `${name}.json`]);
  const run = JSON.parse(readFileSync(workspace.path(`dist/reports/shop/${name}.json`), 'utf8')) as RunFile;
  expect(run).toMatchObject({ format: 1, command: 'deploy', project: 'shop', environment: 'staging', success: false });
  expect(run.recording.runs).toHaveLength(1);
  expect(run.result).toEqual({ stacks: [] });
});

test('a run of a stand-in of AWS is told from a real one, on its page and in the list', async () => {
  process.env['AWS_ENDPOINT_URL'] = 'https://127.0.0.1:4566/';
  await written([started]);
  const name = 'dist/reports/shop/2026-11-28-231500-deploy-staging';
  expect(readFileSync(workspace.path(`${name}.html`), 'utf8').replace(/\s+/g, ' ')).toMatch(
    /Not AWS<\/dt> <dd><span class="warn">127\.0\.0\.1:4566/,
  );
  const { runs } = await runsOf(workspace.root, 'shop');
  expect(runsAsText(runs)).toContain('staging at 127.0.0.1:4566');
});

test('given a command that ended before its work began, then there is no page', async () => {
  expect(await written([{ type: 'message', level: 'error', text: 'Nothing there' }])).toEqual([]);
  expect(readdirSync(workspace.root)).not.toContain('dist');
});

test('given a folder that cannot be written to, then it is said, and nothing is thrown', async () => {
  workspace.write('dist/reports', 'a file');
  expect(await written([started])).toEqual([expect.stringMatching(/^warning: The report .* cannot be written/)]);
});

test('another run of the same second has a name of its own, and the index leads to both', async () => {
  const name = '2026-11-28-231500-deploy-staging';
  await written([started]);
  expect(await written([started])).toEqual([`info: Report: dist/reports/shop/${name}-2.html`]);
  const index = readFileSync(workspace.path('dist/reports/index.html'), 'utf8');
  for (const one of [name, `${name}-2`]) expect(index).toContain(`href="shop/${one}.html"`);
});

test('given the project of a scope, then its folder is no folder in a folder', async () => {
  await written([started], '@acme/shop');
  expect(readdirSync(workspace.path('dist/reports'))).toContain('acme-shop');
});
