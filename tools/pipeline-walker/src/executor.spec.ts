import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { captureOutput } from 'nx-cdk/src/testing/capture-output.ts';
import { preparations } from './preparations.ts';
import type { RehearseExecutorSchema } from './schema.d.ts';
import rehearseExecutor from './executor.ts';

let folder: string;
const before = { ...process.env };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rehearse-executor-'));
});

beforeEach(() => {
  // Nothing listens on port 1: whatever asks AWS although it should not is found out.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    NX_CDK_SERVICE_SESSIONS: 'http://127.0.0.1:1/sessions',
    AWS_ACCESS_KEY_ID: '123456789012',
    AWS_SECRET_ACCESS_KEY: 'secret-of-the-caller',
    AWS_REGION: 'eu-west-1',
  });
});

afterAll(async () => {
  process.env = before;
  await rm(folder, { recursive: true, force: true });
});

describe('nx rehearse says in one sentence, without a stack trace, that', () => {
  test.each<[string, RehearseExecutorSchema, string | undefined, RegExp]>([
    ['AWS itself is not rehearsed on', {}, 'AWS_ENDPOINT_URL', /AWS_ENDPOINT_URL is not set: .*-c local-aws/],
    ['nobody gives out sessions', {}, 'NX_CDK_SERVICE_SESSIONS', /NX_CDK_SERVICE_SESSIONS is not set/],
    ['a limit is none', { parallel: 0 }, undefined, /parallel is 0: it has to be a whole number/],
    ['there is nothing committed', { deploy: false }, undefined, /git knows no commit "HEAD" in /],
  ])('%s', async (_, options, missing, sentence) => {
    if (missing !== undefined) delete process.env[missing];

    const { success, output } = await captureOutput(() => rehearseExecutor(options, contextOf({})));

    expect(success).toBe(false);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/\n\s+at |secret-of-the-caller/);
  });
});

test('without a preparation, and with a commit, the assembly is what is missing', async () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder });
  git('init', '--quiet');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--allow-empty', '-m', 'First');

  const { output } = await captureOutput(() => rehearseExecutor({ deploy: false }, contextOf({})));

  expect(output).toMatch(/holds no cloud assembly: synthesize first/);
});

describe('before the walk', () => {
  const target = (executor: string, options: object = {}) => ({ executor: `nx-cdk:${executor}`, options });

  test('every app with environments is bootstrapped, and the pipeline deployed', () => {
    const context = contextOf({
      pipeline: { bootstrap: target('bootstrap'), deploy: target('deploy') },
      shop: { bootstrap: target('bootstrap', { environmentsFile: 'environments.json' }) },
      other: { bootstrap: target('bootstrap') },
      library: {},
    });

    expect(preparations(context).map(({ label }) => label)).toEqual(['bootstrap shop', 'deploy pipeline']);
  });

  test('where there is none, the account of the pipeline itself is bootstrapped', () => {
    const context = contextOf({ pipeline: { bootstrap: target('bootstrap'), deploy: target('deploy') } });

    expect(preparations(context).map(({ label }) => label)).toEqual(['bootstrap pipeline', 'deploy pipeline']);
  });
});

function contextOf(targets: Record<string, object>): ExecutorContext {
  const projects = Object.fromEntries(
    Object.entries({ pipeline: {}, ...targets }).map(([name, own]) => [name, { root: `apps/${name}`, targets: own }]),
  );
  const context = { root: folder, cwd: folder, isVerbose: false, projectName: 'pipeline' };
  return { ...context, projectsConfigurations: { version: 2, projects } } as unknown as ExecutorContext;
}
