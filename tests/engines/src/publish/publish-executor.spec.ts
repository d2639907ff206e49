import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import type { PublishReport } from 'nx-cdk/src/publish/index.ts';
import { callerWhoMay, PROD, STAGING } from 'test-bed';
import { rehearse, type Rehearsal } from './rehearsal.ts';
import { BUCKET, ROLE } from './sources.ts';
import publishExecutor from 'nx-cdk/src/executors/publish/executor.ts';
import type { PublishExecutorSchema } from 'nx-cdk/src/executors/publish/schema.d.ts';
import { captureOutput } from 'nx-cdk/src/testing/capture-output.ts';

let aws: Rehearsal;
let context: ExecutorContext;

beforeAll(async () => {
  aws = await rehearse();
  const projectsConfigurations = { version: 2, projects: { shop: { root: 'apps/shop' } } };
  context = {
    root: aws.folder,
    cwd: aws.folder,
    isVerbose: false,
    projectName: 'shop',
    projectsConfigurations,
  } as unknown as ExecutorContext;
  await writeAssembly(join(aws.folder, 'apps/shop/cdk.out'));
});

afterAll(() => aws?.end());

describe('nx publish', () => {
  test('uploads what the selected stacks need, and writes the report', async () => {
    // when
    const one = await execute({ stacks: 'Data', report: 'reports/publish.json' });

    // then
    expect(one.success).toBe(true);
    const report = JSON.parse(await readFile(join(aws.folder, 'reports/publish.json'), 'utf8')) as PublishReport;
    expect(report.destinations).toEqual([
      expect.objectContaining({ label: 'Data Template', outcome: 'uploaded', stacks: ['Data'], ...STAGING }),
    ]);
    expect(one.output).toMatch(/Data Template.*111111111111\/eu-west-1.*uploaded/);

    // when everything is published
    const all = await execute({ report: 'reports/publish.json' });

    // then what is there already is only looked at
    expect(all).toMatchObject({ success: true, output: expect.stringMatching(/2 assets: 1 uploaded, 1 unchanged/) });
  });

  test('fails with the role and the action for credentials that may only deploy', async () => {
    const { success, output } = await execute({ stacks: 'Data' }, 'deploy');
    expect(success).toBe(false);
    expect(output).toMatch(
      /may not sts:AssumeRole arn:aws:iam::111111111111:role\/cdk-hnb659fds-file-publishing-role-/,
    );
    expect(output).not.toMatch(/\n\s+at /);
  });

  test.each([
    ['no assembly', { assembly: 'nowhere' }, /nowhere holds no cloud assembly: synthesize first/],
    ['stacks that match nothing', { stacks: 'Dat?a' }, /Dat\?a/],
    ['an unknown environment', { environment: 'qa' }, /no environment "qa"/],
  ])('fails in one sentence for %s', async (_, options, sentence) => {
    const { success, output } = await execute(options);
    expect(success).toBe(false);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/\n\s+at /);
  });
});

/** Runs the executor as a caller that may assume roles of one kind, and keeps what it prints. */
async function execute(options: PublishExecutorSchema, kind: 'file-publishing' | 'deploy' = 'file-publishing') {
  const { accessKeyId, secretAccessKey, sessionToken } = await callerWhoMay(aws.local, kind);
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  });
  try {
    return await captureOutput(() => publishExecutor(options, context));
  } finally {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

/** An assembly of two stacks in two accounts, as CDK writes it. */
async function writeAssembly(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const artifacts: Record<string, object> = {};
  for (const [name, { account, region }] of Object.entries({ Data: STAGING, Service: PROD })) {
    const template = JSON.stringify({ Resources: { [name]: { Type: 'AWS::SQS::Queue' } } });
    await writeFile(join(directory, `${name}.template.json`), template);
    const destination = { bucketName: BUCKET, objectKey: `${name}.json`, region, assumeRoleArn: ROLE };
    const file = {
      displayName: `${name} Template`,
      source: { path: `${name}.template.json`, packaging: 'file' },
      destinations: { there: destination },
    };
    const assets = { version: '36.0.0', files: { [name]: file }, dockerImages: {} };
    await writeFile(join(directory, `${name}.assets.json`), JSON.stringify(assets));
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment: `aws://${account}/${region}`,
      properties: { templateFile: `${name}.template.json` },
      dependencies: [`${name}.assets`],
      displayName: name,
    };
  }
  await writeFile(join(directory, 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts }));
}
