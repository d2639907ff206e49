import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Assembly, AssemblyStack, FileAsset } from '../assembly/index.ts';
import { readCommandLine } from './command-line.ts';
import { findCli } from './find-cli.ts';
import { argumentsOf, type CliRequest, runCli } from './run-cli.ts';

/** A CLI that notes how it was called, and ends as it is told. */
const CLI = `const { AWS_PROFILE, AWS_ACCESS_KEY_ID, NX_TASK_HASH } = process.env;
require('fs').writeFileSync('called.json', JSON.stringify({ args: process.argv.slice(2), env: { AWS_PROFILE, AWS_ACCESS_KEY_ID, NX_TASK_HASH } }));
process.exit(process.argv.includes('--fail') ? 3 : 0);`;

/** A workspace with packages of its own, and an app in it. */
let root: string;
const shop = () => join(root, 'apps', 'shop');

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'stock-cli-')));
  write('apps/shop/cdk.json', '{}');
  write('node_modules/aws-cdk/package.json', '{ "version": "2.99.0", "bin": { "cdk": "bin/cdk" } }');
  write('node_modules/aws-cdk/bin/cdk', CLI);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, content: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), content);
}

const assembly = {
  directory: '/shop/cdk.out',
  stacks: ['staging/Data', 'prod/Data'].map((id) => ({ id, dependencies: [] }) as unknown as AssemblyStack),
  files: [],
  images: [],
} satisfies Assembly;

function request(words: string, more: Partial<CliRequest> = {}): CliRequest {
  const line = readCommandLine(words.split(' '));
  const environment = { PATH: process.env['PATH'] };
  return { cli: findCli(shop()), line, projectRoot: shop(), config: {}, environment, ...more };
}

const called = () => JSON.parse(readFileSync(join(shop(), 'called.json'), 'utf8'));
const nobody = async () => undefined;

test('the CLI of the workspace runs in the folder of the app, on the assembly, and ends as it ends', async () => {
  expect(await runCli(request('diff staging/Data --fail', { assembly }), nobody)).toEqual({
    success: false,
    command: 'diff',
    version: '2.99.0',
    exitCode: 3,
  });
  expect(called().args).toEqual(['diff', '--app', '/shop/cdk.out', 'staging/Data', '--fail']);
  expect(await runCli(request('doctor'), nobody)).toMatchObject({ success: true, exitCode: 0 });
  expect(called().args).toEqual(['doctor']);
});

test('it has the credentials of our commands, and nothing of the task of Nx', async () => {
  const keys = { AWS_ENDPOINT_URL: 'https://localhost', AWS_ACCESS_KEY_ID: 'AKIA', AWS_PROFILE: 'mine' };
  const environment = { PATH: process.env['PATH'], NX_TASK_HASH: 'x', ...keys };

  await runCli(request('list', { assembly, environment }), nobody);

  expect(called().env).toEqual({ AWS_ACCESS_KEY_ID: 'AKIA' });
});

test('a profile of cdk.json is used where our commands use it; its build has run before', () => {
  const config = { profile: 'mine', build: 'tsc' };
  const args = (useProfile: boolean) => argumentsOf(request('ls', { assembly, config, useProfile }));
  expect(args(true)).toEqual(['ls', '--app', '/shop/cdk.out', '--build=']);
  expect(args(false)).toEqual(['ls', '--app', '/shop/cdk.out', '--build=', '--profile=']);
});

test('what an asset may not ask our publish for, it may not ask this for either', async () => {
  const asset = { assetId: 'Code', manifestFile: 'x.assets.json', source: { executable: ['sh'] } };
  const hostile = { ...assembly, files: [asset as unknown as FileAsset] };

  const refused = runCli(request('deploy', { assembly: hostile }), nobody);

  await expect(refused).rejects.toMatchObject({ code: 'NotAllowed' });
  expect(called).toThrow(/ENOENT/);
  await runCli(request('deploy', { assembly: hostile, allow: ['executables'] }), nobody);
  expect(called().args[0]).toBe('deploy');
});

describe('an environment that wants to be asked', () => {
  const guarded = new Map([['prod/Data', 'prod']]);

  test('is asked about, and a no runs nothing', async () => {
    const asked: unknown[] = [];
    const answer = (yes: boolean) => (question: string, lines: readonly string[]) => {
      asked.push([question, ...lines]);
      return Promise.resolve(yes);
    };

    expect(await runCli(request('deploy --all', { assembly, guarded }), answer(false))).toMatchObject({
      success: false,
    });
    expect(called).toThrow(/ENOENT/);
    expect(await runCli(request('deploy --all', { assembly, guarded }), answer(true))).toMatchObject({ success: true });
    expect(asked[0]).toEqual([
      'prod wants to be asked (approval), which the CDK CLI does not know. Run cdk deploy?',
      '  prod/Data (prod)',
    ]);
  });

  test('is refused where nobody can be asked', async () => {
    const refused = runCli(request('destroy', { assembly, guarded }), nobody);
    await expect(refused).rejects.toMatchObject({ code: 'NotConfirmed' });
  });

  test('says nothing of another environment, nor of an upload', async () => {
    for (const words of ['deploy staging/*', 'publish-assets --all']) {
      expect(await runCli(request(words, { assembly, guarded }), nobody)).toMatchObject({ success: true });
    }
  });
});

describe('a stack with rules, which the CLI does not know,', () => {
  const rules = { guarded: new Map(), ruled: new Map([['prod/Data', 'deletes-stateful, public-access']]) };

  test('is asked about with them', async () => {
    const asked: string[] = [];
    const no = async (question: string, lines: readonly string[]) => {
      asked.push(question, ...lines);
      return false;
    };
    expect(await runCli(request('destroy prod/Data', { assembly, ...rules }), no)).toMatchObject({ success: false });
    expect(called).toThrow(/ENOENT/);
    expect(asked).toEqual([
      'the workspace has rules (deletes-stateful, public-access), which the CDK CLI does not know. Run cdk destroy?',
      '  prod/Data (deletes-stateful, public-access)',
    ]);
  });

  test.each(['deploy --all', 'destroy prod/Data', 'rollback prod/Data', 'a-later-command'])(
    'is refused to "%s" where nobody can be asked',
    async (words) => {
      const refused = runCli(request(words, { assembly, ...rules }), nobody);
      await expect(refused).rejects.toMatchObject({ code: 'NotConfirmed' });
      expect(called).toThrow(/ENOENT/);
    },
  );

  test('is no matter of a command that only reads, or is about other stacks', async () => {
    for (const [words, more] of [
      ['deploy staging/*', rules],
      ['diff prod/Data', {}],
    ] as const) {
      expect(await runCli(request(words, { assembly, ...more }), nobody)).toMatchObject({ success: true });
    }
  });
});

test('where the CLI is not installed, nothing is downloaded: a sentence says how to add it', () => {
  rmSync(join(root, 'node_modules'), { recursive: true });
  expect(() => findCli(shop())).toThrow(
    expect.objectContaining({ code: 'NoCdkCli', message: expect.stringContaining('npm install --save-dev aws-cdk') }),
  );
});
