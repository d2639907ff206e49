import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import deployExecutor from './executor.ts';
import type { DeployExecutorSchema } from './schema.d.ts';
import { captureOutput } from '../../testing/capture-output.ts';

let folder: string;
const before = { ...process.env };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deploy-executor-'));
  await writeAssembly(join(folder, 'apps/shop/cdk.out'));
});

beforeEach(() => {
  // Nothing listens on port 1: whatever asks AWS although it should not is found out.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: '111111111111',
    AWS_SECRET_ACCESS_KEY: 'secret-of-the-caller',
    AWS_REGION: 'eu-west-1',
  });
});

afterAll(async () => {
  process.env = before;
  await rm(folder, { recursive: true, force: true });
});

describe('nx deploy says in one sentence, without a stack trace, that', () => {
  test.each<[string, DeployExecutorSchema, RegExp]>([
    ['there is no assembly', { assembly: 'nowhere' }, /nowhere holds no cloud assembly: synthesize first/],
    ['no stack matches', { stacks: 'shop/Dat?a' }, /No stack matches "shop\/Dat\?a": there are Data, Service/],
    [
      'nothing goes to a target',
      { targets: '222222222222/eu-west-1' },
      /There is no target "222222222222\/eu-west-1": there are 111111111111\/eu-west-1\./,
    ],
    ['there is no such environment', { environment: 'qa' }, /no environment "qa"/],
    ['a parameter is not written as one', { parameters: 'hunter2' }, /is not written as Key=Value/],
    [
      'a parameter is for no stack',
      { parameters: ['Other:Key=hunter2'] },
      /stack "Other", which the assembly does not have/,
    ],
    ['a plan was approved and none is given', { planDigest: 'a'.repeat(64) }, /--planDigest is given without a plan/],
    ['a limit is none', { concurrency: 0 }, /concurrency is 0: it has to be a whole number/],
    ['the endpoint of a configuration is missing', { requireEndpoint: true }, /AWS_ENDPOINT_URL is not set/],
  ])('%s', async (_, options, sentence) => {
    if (options.requireEndpoint) delete process.env['AWS_ENDPOINT_URL'];

    const { success, output } = await execute(options);

    expect(success).toBe(false);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/\n\s+at /);
    expect(output).not.toMatch(/hunter2|secret-of-the-caller/);
  });

  test('the endpoint cannot be reached, once for each stack that it stopped', async () => {
    const { success, output } = await execute({ stacks: 'Service' });

    expect(success).toBe(false);
    // Which words it uses differs: to the SDK inside Jest, an error of Node's own is no `Error`, and it wraps it.
    expect(output).toMatch(/Data: .*127\.0\.0\.1:1/);
    expect(output).toMatch(/Service.*skipped.*Data failed/s);
    expect(output).not.toMatch(/\n\s+at /);
  });
});

/** Runs the executor and keeps what it prints. */
async function execute(options: DeployExecutorSchema): Promise<{ success: boolean; output: string }> {
  const projectsConfigurations = { version: 2, projects: { shop: { root: 'apps/shop' } } };
  const context = { root: folder, cwd: folder, isVerbose: false, projectName: 'shop', projectsConfigurations };
  return captureOutput(() => deployExecutor(options, context as unknown as ExecutorContext));
}

/** An assembly of two stacks, the second of which depends on the first. */
async function writeAssembly(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const artifacts: Record<string, object> = {};
  for (const [name, dependencies] of Object.entries({ Data: [], Service: ['Data'] })) {
    const template = { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } };
    await writeFile(join(directory, `${name}.template.json`), JSON.stringify(template));
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment: 'aws://111111111111/eu-west-1',
      properties: {
        templateFile: `${name}.template.json`,
        assumeRoleArn: 'arn:aws:iam::111111111111:role/cdk-hnb659fds-deploy-role-111111111111-eu-west-1',
      },
      dependencies,
      displayName: name,
    };
  }
  await writeFile(join(directory, 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts }));
}
