import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import bootstrapExecutor from './executor.ts';
import type { BootstrapExecutorSchema } from './schema.d.ts';
import { captureOutput } from '../../testing/capture-output.ts';

const before = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'bootstrap-executor-'));

beforeAll(() => {
  // Nothing listens on port 1: whatever asks AWS although it should not is found out.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: '123456789012',
    AWS_SECRET_ACCESS_KEY: 'secret-of-the-caller',
    AWS_REGION: 'eu-west-1',
  });
  writeFileSync(join(folder, 'cdk.json'), '{}');
  writeFileSync(join(folder, 'broken.json'), '{ "ci": {} }');
  writeFileSync(
    join(folder, 'environments.json'),
    JSON.stringify({
      ci: { account: '123456789012', region: 'eu-west-1' },
      environments: [{ name: 'staging', targets: [{ account: '111111111111', region: 'eu-west-1' }] }],
    }),
  );
});

afterAll(() => {
  process.env = before;
  rmSync(folder, { recursive: true, force: true });
});

describe('nx bootstrap says in one sentence, without a stack trace, that', () => {
  const environmentsFile = 'environments.json';
  test.each<[string, BootstrapExecutorSchema, RegExp]>([
    [
      'there is no such environment',
      { environmentsFile, environment: 'qa' },
      /no environment "qa": there are ci, staging/,
    ],
    ['the environments file is wrong', { environmentsFile: 'broken.json' }, /broken\.json is not valid: .*"account"/],
    ['there is no environments file', { environmentsFile: 'none.json' }, /none\.json cannot be read/],
    ['a trusted account is none', { environmentsFile, trust: '12' }, /--trust=12 is no AWS account id/],
    [
      'an option belongs in the file',
      { environmentsFile, qualifier: 'x' },
      /--qualifier is not for an app with an env/,
    ],
    ['a limit is none', { environmentsFile, concurrency: 0 }, /concurrency is 0: it has to be a whole number/],
    ['an environment needs a file', { environment: 'staging' }, /--environment=staging needs an environments file/],
    ['an app without environments has no assembly', {}, /cdk\.out holds no cloud assembly: synthesize first/],
    ['the endpoint cannot be reached', { environmentsFile }, /127\.0\.0\.1:1/],
  ])('%s', async (_, options, sentence) => {
    const { success, output } = await execute(options);
    expect(success).toBe(false);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/\n\s+at /);
    expect(output).not.toContain('secret-of-the-caller');
  });
});

describe('the CI account of an example', () => {
  beforeEach(() => {
    delete process.env['AWS_ENDPOINT_URL'];
  });
  afterEach(() => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1';
  });

  test('is never trusted on AWS: an app that names the file is refused before the first request', async () => {
    const { success, output } = await execute({ environmentsFile: 'environments.json' });
    expect(success).toBe(false);
    expect(output).toMatch(/ci\.account in environments\.json is 123456789012, the account of an example/);
  });

  test('says nothing to an app that names no file', async () => {
    const { output } = await execute({});
    expect(output).toMatch(/holds no cloud assembly/);
  });
});

/** Runs the executor and keeps what it prints. */
async function execute(options: BootstrapExecutorSchema): Promise<{ success: boolean; output: string }> {
  const projectsConfigurations = { version: 2, projects: { shop: { root: '.' } } };
  const context = { root: folder, cwd: folder, isVerbose: false, projectName: 'shop', projectsConfigurations };
  return captureOutput(() => bootstrapExecutor(options, context as unknown as ExecutorContext));
}
