import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { runSteps } from './run-steps.ts';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'run-steps-')));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (steps: string[], options: Partial<Parameters<typeof runSteps>[1]> = {}) =>
  runSteps(steps, { cwd: folder, ...options });

test('a step starts where the one before it ended: with its exported variables, in its folder', async () => {
  const end = await run(['export A="1\n2 \\"x\\""; PLAIN=3', 'mkdir sub && cd sub', 'echo "$A|$PLAIN"; pwd']);

  expect(end).toMatchObject({ code: 0, output: `1\n2 "x"|\n${folder}/sub\n`, cwd: `${folder}/sub` });
  expect(end.env['A']).toBe('1\n2 "x"');
});

test('a variable that is unset stays so', async () => {
  const { output } = await run(['unset A', 'echo "${A-gone}"'], { env: { A: '1' } });

  expect(output).toBe('gone\n');
});

test('with exportAll, as in CodeBuild, a program sees every variable', async () => {
  const steps = ['A=1', 'bash -c \'echo "${A-unknown}"\''];

  expect((await run(steps)).output).toBe('unknown\n');
  expect((await run(steps, { exportAll: true })).output).toBe('1\n');
});

test('the first step that fails is the last that runs', async () => {
  expect(await run(['echo one', 'echo two; exit 3', 'echo three'])).toMatchObject({
    code: 3,
    failed: 1,
    output: 'one\ntwo\n',
  });
});

test('a failing line ends its step where that is asked for, and is passed over where not', async () => {
  const steps = ['false\necho on'];

  expect(await run(steps)).toMatchObject({ code: 0, output: 'on\n' });
  expect(await run(steps, { errexit: true })).toMatchObject({ code: 1, output: '' });
  expect((await run(['false | true'], { errexit: true })).code).toBe(1);
});

test('exit 0 ends a step and not the list; what it set is lost with it, as in CodeBuild', async () => {
  expect(await run(['export A=1; exit 0', 'echo "${A-lost}"'])).toMatchObject({ code: 0, output: 'lost\n' });
});

test('a step that bash cannot read fails', async () => {
  const { code, output } = await run(['echo "open']);

  expect(code).not.toBe(0);
  expect(output).toMatch(/unexpected EOF/);
});

test('of the outer environment, a step sees where AWS is and what builds images, and nothing of an outer Nx, npm or shell', async () => {
  const outer = {
    PATH: `/shop/node_modules/.bin:${process.env['PATH']}`,
    AWS_ENDPOINT_URL: 'https://127.0.0.1:1',
    NX_CDK_CA_FILE: '/ca.pem',
    NX_CDK_REGISTRY_PROXY: 'http://127.0.0.1:2',
    CDK_DOCKER: 'podman',
    AWS_ACCESS_KEY_ID: 'outer',
    AWS_PROFILE: 'outer',
    NX_CDK_SERVICE_SESSIONS: 'https://127.0.0.1:1/outer',
    NX_TASK_TARGET_PROJECT: 'outer',
    NX_WORKSPACE_ROOT: '/outer',
    npm_config_registry: 'https://packages.example',
    npm_config_local_prefix: '/outer',
    HTTPS_PROXY: 'http://proxy.example',
    SOMETHING: 'outer',
    HOME: '/home/outer',
  };
  const { output } = await run(['env'], { outer, region: 'eu-west-1' });

  for (const seen of [
    'AWS_ENDPOINT_URL=https://127.0.0.1:1',
    'NX_CDK_CA_FILE=/ca.pem',
    'NX_CDK_REGISTRY_PROXY=http://127.0.0.1:2',
    'CDK_DOCKER=podman',
    'AWS_REGION=eu-west-1',
    'npm_config_registry=https://packages.example',
    'HTTPS_PROXY=http://proxy.example',
    'CI=true',
  ])
    expect(output.split('\n')).toContain(seen);
  expect(output).not.toMatch(/outer|SERVICE_SESSIONS|NX_TASK|NX_WORKSPACE|\/work\/node_modules/);
});

test('credentials reach the steps, and never what they write', async () => {
  const credentials = {
    accessKeyId: 'ASIAAAAAAAAAAAAAAAAA',
    secretAccessKey: 'not-to-be-seen',
    sessionToken: 'nor-this',
  };
  const { code, output, env } = await run(
    ['test "$AWS_SESSION_TOKEN" = nor-this', 'printf %s not-to-be-; echo seen; env'],
    {
      credentials,
    },
  );

  expect(code).toBe(0);
  expect(output).toContain('AWS_SECRET_ACCESS_KEY=****');
  expect(output).not.toMatch(/not-to-be-seen|nor-this/);
  expect(env['AWS_SECRET_ACCESS_KEY']).toBe('not-to-be-seen');
});

test('lines are heard as they come, with the step that wrote them', async () => {
  const heard: [string, number][] = [];
  await run(['echo a; echo b >&2', 'printf c'], { onLine: (line, step) => heard.push([line, step]) });

  expect(heard).toEqual([
    ['a', 0],
    ['b', 0],
    ['c', 1],
  ]);
});

test('what ends the run ends the step with all that it started, and no further step starts', async () => {
  const stop = new AbortController();
  let child = 0;
  const end = await run(['sleep 60 & echo $!; wait', 'echo never'], {
    signal: stop.signal,
    onLine: (line) => {
      child = Number(line);
      stop.abort();
    },
  });

  expect(end).toMatchObject({ code: 143, failed: 0 });
  expect(end.output).not.toContain('never');
  expect(child).toBeGreaterThan(0);
  await expectGone(child);
});

test('what a step leaves in the background ends with the list', async () => {
  const { code, output } = await run(['sleep 7200 & echo $!', 'echo next']);

  expect(code).toBe(0);
  await expectGone(Number(output.split('\n')[0]));
});

/** A killed process that nobody has waited for yet still has its id. */
async function expectGone(pid: number): Promise<void> {
  const isThere = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  for (const deadline = Date.now() + 5_000; isThere() && Date.now() < deadline;) await wait(20);
  expect(isThere()).toBe(false);
}
