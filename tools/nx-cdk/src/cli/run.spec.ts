import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { runCli } from './run.ts';

const target = (account: string) => ({ account, region: 'eu-west-1' });

let workspace: TemporaryWorkspace;
beforeAll(() => {
  workspace = temporaryWorkspace({
    'nx.json': {},
    'apps/shop/cdk.json': {},
    'environments.json': {
      ci: target('123456789012'),
      environments: [{ name: 'prod', targets: [target('111111111111'), target('222222222222')] }],
    },
  });
});
afterAll(() => workspace.dispose());

/** Runs one command line and keeps what it says on each stream. */
async function run(args: readonly string[], folder = workspace.root) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const print = (line: string) => void stdout.push(line);
  const explain = (line: string) => void stderr.push(line);
  const code = await runCli(args, { folder, print, explain });
  return { code, stdout: stdout.join('\n'), stderr: stderr.join('\n') };
}

describe('help', () => {
  test.each([[[]], [['--help']], [['-h']]])('of all commands: nx-cdk %j', async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: nx-cdk <command>/);
    expect(stdout).toMatch(/^ {2}base {2,}Print the commit.*$/m);
    expect(stdout).toMatch(/^ {2}record {2,}Write down.*$/m);
    expect(stdout).toMatch(/^ {2}comment {2,}Show reports of nx-cdk diff.*$/m);
  });

  test.each([
    ['base', ['--environment', '--group', '--environmentsFile']],
    ['record', ['--environment', '--group', '--environmentsFile', '--commit', '--releases']],
  ])('of %s has every option, and the permission it needs', async (command, options) => {
    const { code, stdout } = await run([command, '--environment=prod', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: nx-cdk ${command} --environment=NAME [options]`);
    expect([...stdout.matchAll(/^ {2}(--\w+)=/gm)].map(([, name]) => name)).toEqual(options);
    expect(stdout).toMatch(/Needs ssm:\w+ on the parameter of the group/);
  });
});

describe('what is wrong is told in one sentence on standard error, with exit code 1', () => {
  test.each([
    [
      'an unknown command',
      ['bases'],
      'error: nx-cdk has no command "bases": there are hand-over, take-over, name-releases, base, record, diff, comment, comment-sandbox.',
    ],
    [
      'an unknown option',
      ['base', '--enviroment=prod'],
      `error: Unknown option '--enviroment': nx-cdk base --help shows the options.`,
    ],
    ['a word too many', ['base', 'prod'], `error: Unexpected argument 'prod': nx-cdk base --help shows the options.`],
    ['no environment', ['base'], 'error: nx-cdk base needs --environment=NAME: nx-cdk base --help says more.'],
    [
      'an empty shell variable',
      ['base', '--environment=prod', '--group='],
      'error: --group is empty: give it a value or leave it out.',
    ],
    ['an unknown environment', ['base', '--environment=qa'], 'error: There is no environment "qa": there are prod.'],
    [
      'several groups',
      ['record', '--environment=prod'],
      'error: prod is deployed in several groups: name one with --group: 111111111111-eu-west-1, 222222222222-eu-west-1.',
    ],
    [
      'an unknown group',
      ['record', '--environment=prod', '--group=x'],
      /^error: prod has no group "x": there are 111111111111-eu-west-1, .*\.$/,
    ],
    [
      'a missing file',
      ['base', '--environment=prod', '--environmentsFile=other.json'],
      /^error: \S+other\.json cannot be read: .*$/,
    ],
    [
      'no repository',
      ['record', '--environment=prod', '--group=111111111111-eu-west-1'],
      /^error: git knows no commit "HEAD" in \S+: .*$/,
    ],
  ])('%s', async (_, args, sentence) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    if (typeof sentence === 'string') expect(stderr).toBe(sentence);
    else expect(stderr).toMatch(sentence);
  });

  test('a folder that is in no workspace', async () => {
    const { code, stderr } = await run(['base', '--environment=prod'], '/');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: / is in no Nx workspace: change to one, which is where nx.json is.',
    });
  });
});

test('comment is about reports in a folder, and says if there are none', async () => {
  const { code, stderr } = await run(['comment', '--reports=nowhere']);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'This job is about no pull request: there is nothing to comment on.',
  });
});

test('the workspace is found from any folder of it', async () => {
  const { stderr } = await run(['base', '--environment=qa'], workspace.path('apps/shop'));
  expect(stderr).toBe('error: There is no environment "qa": there are prod.');
});

test('the program itself runs without a build and says nothing of its own on either stream', () => {
  const program = join(import.meta.dirname, 'main.ts');
  const { status, stdout, stderr } = spawnSync(program, ['--help'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: nx-cdk/);
});
