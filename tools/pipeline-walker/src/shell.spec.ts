import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Shell } from './shell.ts';
import { type StepEnvironmentOptions, stepEnvironment } from './step-environment.ts';

let folder: string;
let shell: Shell;
let lines: string[];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shell-')));
});

afterEach(() => {
  shell.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a shell whose commands get the environment of a step. */
function open(options: Partial<StepEnvironmentOptions> = {}, outer = process.env, hear?: (line: string) => void): void {
  lines = [];
  const onLine = (line: string) => {
    lines.push(line);
    hear?.(line);
  };
  shell = new Shell({
    cwd: folder,
    env: stepEnvironment(outer, { home: folder, ...options }),
    scratch: folder,
    onLine,
  });
}

/** Runs commands one after the other; returns their exit codes. */
async function run(...commands: string[]): Promise<number[]> {
  const codes: number[] = [];
  for (const command of commands) codes.push(await shell.run(command));
  return codes;
}

test('a command starts where the one before it ended: with its variables, in its folder', async () => {
  open();

  expect(await run('export A="1\n2 \\"x\\""', 'mkdir sub && cd sub', 'echo "$A"; pwd')).toEqual([0, 0, 0]);
  expect(lines).toEqual(['1', '2 "x"', `${folder}/sub`]);
  expect(shell).toMatchObject({ cwd: `${folder}/sub`, env: { A: '1\n2 "x"' } });
});

test('a variable that is unset stays so', async () => {
  open({ variables: { A: '1' } });
  await run('unset A', 'echo "${A-gone}"');

  expect(lines).toEqual(['gone']);
});

test('a program sees every variable, as in CodeBuild', async () => {
  open();
  await run('A=1', 'bash -c \'echo "${A-unknown}"\'');

  expect(lines).toEqual(['1']);
});

test('a failed line is passed over, and only the last one counts', async () => {
  open();

  expect(await run('false\necho on', 'echo two; exit 3', 'true\nfalse')).toEqual([0, 3, 1]);
  expect(lines).toEqual(['on', 'two']);
});

test('exit ends a command and not the shell; what it set is lost, as in CodeBuild', async () => {
  open();

  expect(await run('export A=1; exit 0', 'echo "${A-lost}"')).toEqual([0, 0]);
  expect(lines).toEqual(['lost']);
});

test('a command that bash cannot read fails', async () => {
  open();
  const [code] = await run('echo "open');

  expect(code).not.toBe(0);
  expect(lines.join('\n')).toMatch(/unexpected EOF/);
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
  open({ region: 'eu-west-1' }, outer);
  await run('env');

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
    expect(lines).toContain(seen);
  expect(lines.join('\n')).not.toMatch(/outer|SERVICE_SESSIONS|NX_TASK|NX_WORKSPACE|\/shop\/node_modules/);
});

test('credentials reach the commands, and never what they write', async () => {
  open({
    credentials: {
      accessKeyId: 'ASIAAAAAAAAAAAAAAAAA',
      secretAccessKey: 'not-to-be-seen',
      sessionToken: 'nor-this',
    },
  });

  expect(await run('test "$AWS_SESSION_TOKEN" = nor-this', 'printf %s not-to-be-; echo seen; env')).toEqual([0, 0]);
  expect(lines).toContain('AWS_SECRET_ACCESS_KEY=****');
  expect(lines.join('\n')).not.toMatch(/not-to-be-seen|nor-this/);
  expect(shell.env['AWS_SECRET_ACCESS_KEY']).toBe('not-to-be-seen');
});

test('both outputs are heard in order, without colours, the last line too; of a progress bar its end', async () => {
  open();
  await run('echo a; echo b >&2', "printf '\\033[31mhalf\\rdone\\033[0m\\r\\nc'");

  expect(lines).toEqual(['a', 'b', 'done', 'c']);
});

test('the signal ends the command with all that it started, and no further one starts', async () => {
  const stop = new AbortController();
  open({}, process.env, () => stop.abort());

  expect(await shell.run('sleep 60 & echo $!; wait', stop.signal)).toBe(143);
  await expectGone(Number(lines[0]));
  expect(await shell.run('echo never', stop.signal)).toBe(143);
  expect(lines).toHaveLength(1);
});

test('what a command leaves in the background goes on during the next, and ends with the shell', async () => {
  open();

  expect(await run('sleep 7200 & echo $!', 'true')).toEqual([0, 0]);
  expect(await run(`kill -0 ${lines[0]}`)).toEqual([0]);
  shell.dispose();
  await expectGone(Number(lines[0]));
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
