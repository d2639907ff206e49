import { existsSync, readFileSync } from 'node:fs';
import type { ExecutorContext } from '@nx/devkit';
import { recorded } from '../../reports/testing/recorded.ts';
import { captureOutput } from '../../testing/capture-output.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';
import reportsExecutor from './executor.ts';

const APP = `
import { App, CfnResource, Stack, Stage } from 'aws-cdk-lib';
const app = new App();
for (const name of ['staging', 'prod']) {
  const stage = new Stage(app, name, { env: { account: '111111111111', region: 'eu-west-1' } });
  const data = new Stack(stage, 'Data');
  new CfnResource(data, 'Queue', { type: 'AWS::SQS::Queue' });
  new Stack(stage, 'Service').addDependency(data);
}
app.synth();
`;

let workspace: TemporaryWorkspace;
const { CI, BROWSER } = process.env;
beforeEach(() => {
  workspace = temporaryWorkspace({ 'apps/shop/app.mjs': APP });
  Object.assign(process.env, { CI: 'true' });
});
afterEach(() => {
  workspace.dispose();
  for (const [name, value] of Object.entries({ CI, BROWSER }))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
});

async function reports(options: object = {}) {
  const context = {
    root: workspace.root,
    cwd: workspace.root,
    isVerbose: false,
    projectName: 'shop',
    projectsConfigurations: { version: 2, projects: { shop: { root: 'apps/shop' } } },
  };
  return captureOutput(async () => reportsExecutor(options, context as unknown as ExecutorContext));
}

const page = (name: string) => readFileSync(workspace.path('dist/reports', name), 'utf8');

test('runs are listed, and an index of all projects is written', async () => {
  const name = recorded(workspace, { environment: 'staging' });
  recorded(workspace, { project: 'blog' });
  const { success, output } = await reports();
  expect(success).toBe(true);
  expect(output).toContain(`${name}.html`);
  expect(output).not.toContain('blog');
  expect(output).toContain('All projects: dist/reports/index.html');
  expect(page('index.html')).toContain(`href="shop/${name}.html"`);
  expect(page('index.html')).toContain('>blog<');
});

test('the newest are listed, and how many there are besides', async () => {
  const names = ['01', '02', '03'].map((day) => recorded(workspace, { at: `2026-11-${day}T00:00:00.000Z` }));
  const { output } = await reports({ limit: 2 });
  expect(names.map((name) => output.includes(`${name}.html`))).toEqual([false, true, true]);
  expect(output).toContain('1 older: --limit=3 lists them, too');
});

test.each([[{ limit: 0 }], [{ limit: 1.5 }], [{ limit: 1, keep: 1 }], [{ limit: 1, run: 'x' }]])(
  'given %p, then it is refused',
  async (options) => {
    expect(await reports(options)).toMatchObject({ success: false, output: expect.stringContaining('--limit') });
  },
);

test('given no run, then it says which commands write one', async () => {
  const { success, output } = await reports();
  expect(success).toBe(true);
  expect(output).toContain('No run of shop is recorded yet: plan, publish and deploy write a page.');
});

test('for programs, each run is an event, and one that failed is no failure of the list', async () => {
  const name = recorded(workspace, { success: false, environment: 'prod' });
  const { success, output } = await reports({ json: true });
  const events = output.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as { type: string })));
  expect(success).toBe(true);
  expect(events.find(({ type }) => type === 'item-finished')).toMatchObject({ id: name, outcome: 'failed' });
  expect(events.find(({ type }) => type === 'run-finished')).toMatchObject({ success: true });
});

describe('old runs', () => {
  let names: string[];
  beforeEach(() => {
    const days = [1, 2, 3, 4, 5];
    names = days.map((day) => recorded(workspace, { at: `2026-11-0${day}T00:00:00.000Z` })).toReversed();
  });
  const left = () => names.filter((name) => existsSync(workspace.path(`dist/reports/shop/${name}.json`)));

  test('stay, if nobody says otherwise', async () => {
    await reports();
    expect(left()).toEqual(names);
  });

  test('are removed after they were listed', async () => {
    const { output } = await reports({ keep: 2 });
    expect(left()).toEqual(names.slice(0, 2));
    for (const name of names) expect(output).toContain(`${name}.html`);
    expect(output).toContain(`Removed the last 3 of them, from ${names[2]!} on.`);
    expect(page('index.html')).not.toContain(names[2]);
  });

  test('are removed only by a number of runs that stay, and not together with one run', async () => {
    expect(await reports({ keep: 0 })).toMatchObject({
      success: false,
      output: expect.stringContaining('--keep is 0'),
    });
    expect(await reports({ keep: 1, run: names[0]! })).toMatchObject({ success: false });
    expect(left()).toEqual(names);
  });
});

describe('--open', () => {
  test('in a CI shows where the page is, and says why it is not opened', async () => {
    const name = recorded(workspace, {});
    const { success, output } = await reports({ open: true });
    expect(success).toBe(true);
    expect(output).toContain(
      `No browser can be started here. The page is ${workspace.path('dist/reports/shop', name)}.html`,
    );
  });

  test('opens the run that is named', async () => {
    const old = recorded(workspace, { at: '2026-11-01T00:00:00.000Z' });
    recorded(workspace, {});
    Object.assign(process.env, { CI: 'false', BROWSER: 'true' });
    const { output } = await reports({ open: true, run: old });
    expect(output).toContain(`Opened dist/reports/shop/${old}.html`);
  });

  test.each(['2026-11-01-000000-deploy', '../blog/2026-11-28-000000-deploy', '/etc/passwd'])(
    'given %s, which is no run of the project, then it is refused',
    async (run) => {
      recorded(workspace, {});
      recorded(workspace, { project: 'blog' });
      const { success, output } = await reports({ open: true, run });
      expect(success).toBe(false);
      expect(output).toContain(`No run of shop is called ${run}`);
    },
  );
});

describe('--architecture', () => {
  test('draws the assembly, and marks what the last deployment changed', async () => {
    await workspace.synth('apps/shop/app.mjs');
    recorded(workspace, { result: { stacks: [{ id: 'staging/Data', outcome: 'updated' }] } });
    const { success, output } = await reports({ architecture: true });
    expect(success).toBe(true);
    expect(output).toContain('Architecture: dist/reports/shop/architecture.html');
    const drawn = page('shop/architecture.html');
    expect(drawn).toContain('4 stacks, 2 resources, in 1 target');
    expect(drawn.match(/data-kind="changed stack"/g)).toHaveLength(1);
    expect(page('index.html')).toContain('href="shop/architecture.html"');
  });

  test('given no assembly, then it says what to do first', async () => {
    const { success, output } = await reports({ architecture: true });
    expect(success).toBe(false);
    expect(output).toContain('synthesize first');
  });
});
