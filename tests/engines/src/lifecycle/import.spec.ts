import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStackResourcesCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack } from 'aws-cdk-lib/core';
import {
  callerWhoMay,
  nxWorkspace,
  type NxWorkspace,
  openTestBed,
  rootClients,
  STAGING,
  startExecutors,
  type TestBed,
} from 'test-bed';
import { synth } from '../bed/apps.ts';

let bed: TestBed;
let workspace: NxWorkspace;
const BUCKET = 'made-by-hand-111111111111';

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  workspace = await nxWorkspace(join(bed.folder, 'workspace'));
  const LocationConstraint = STAGING.region as 'eu-west-1';
  await rootClients(bed.local, STAGING)
    .s3()
    .send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint } }));
  writeFileSync(join(workspace.root, 'resources.json'), JSON.stringify({ Bucket: { BucketName: BUCKET } }));
});
afterAll(() => bed?.close());

/** An app with a queue, a bucket if it is wanted, and a queue that changes. */
function app(name: string, { bucket = true, delay = 0, queue = true, stackName = 'imports' } = {}): string {
  return synth(bed.folder, name, (root) => {
    const stack = new Stack(root, 'Data', { env: STAGING, stackName });
    if (queue) new CfnQueue(stack, 'Queue', { delaySeconds: delay });
    if (bucket) new CfnBucket(stack, 'Bucket', { bucketName: BUCKET });
  }).directory;
}

/** Runs an executor with the credentials of somebody who may assume roles of one kind, and nothing else. */
async function run(executor: string, options: object, kind: 'deploy' | 'file-publishing' = 'deploy') {
  const { accessKeyId, secretAccessKey, sessionToken } = await callerWhoMay(bed.local, kind);
  return startExecutors(workspace.root, [[executor, options]], {
    ...bed.environment(),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  }).ended;
}

const mapping = { resourceMapping: 'resources.json' };

async function statusOf(StackName: string): Promise<string | undefined> {
  const client = rootClients(bed.local, STAGING).cloudFormation();
  const answer = await client.send(new DescribeStacksCommand({ StackName })).catch(() => undefined);
  return answer?.Stacks?.[0]?.StackStatus;
}

async function resourcesOf(StackName: string) {
  const client = rootClients(bed.local, STAGING).cloudFormation();
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName }));
  return Object.fromEntries(StackResources.map((one) => [one.LogicalResourceId, one.PhysicalResourceId]));
}

describe('a bucket that is there', () => {
  beforeAll(async () => {
    expect(await run('publish', { assembly: app('Before', { bucket: false }) }, 'file-publishing')).toEndWith(0);
    expect(await run('deploy', { assembly: app('Before', { bucket: false }) })).toEndWith(0);
  });

  test('is not imported by who may not assume the deploy role', async () => {
    const { code, output } = await run(
      'import-resources',
      { assembly: app('With'), ...mapping, yes: true },
      'file-publishing',
    );

    expect(code).toBe(1);
    expect(output).toContain('cdk-hnb659fds-deploy-role-111111111111-eu-west-1');
  });

  test.each([
    ['changes a resource of the stack', { delay: 5 }],
    ['removes one', { queue: false }],
  ])('is not imported where the app %s too', async (_, change) => {
    const { code, output } = await run('import-resources', { assembly: app('Other', change), ...mapping, yes: true });

    expect(code).toBe(1);
    expect(output).toMatch(/the app changes or removes other resources too \((Data\/)?Queue\)/);
  });

  test('is not imported where nobody can be asked, and a dry run leaves nothing behind', async () => {
    const assembly = app('With');
    const asked = await run('import-resources', { assembly, ...mapping });
    const dry = await run('import-resources', { assembly, ...mapping, dryRun: true });

    expect(asked).toMatchObject({ code: 1, output: expect.stringContaining('There is no terminal to ask on') });
    expect(dry).toMatchObject({
      code: 0,
      output: expect.stringContaining(`Data/Bucket (AWS::S3::Bucket): BucketName=${BUCKET}`),
    });
    expect(Object.keys(await resourcesOf('imports'))).toEqual(['Queue']);
  });

  test('is what CloudFormation looks for: another one is refused with its reason', async () => {
    writeFileSync(
      join(workspace.root, 'other.json'),
      JSON.stringify({ 'Data/Bucket': { BucketName: 'no-such-bucket' } }),
    );

    const { code, output } = await run('import-resources', {
      assembly: app('With'),
      resourceMapping: 'other.json',
      yes: true,
    });

    expect(code).toBe(1);
    expect(output).toMatch(/CloudFormation refused the change set .*: Bucket not found/);
    expect(Object.keys(await resourcesOf('imports'))).toEqual(['Queue']);
  });

  test('becomes one of the stack, also beside other changes if that is wanted; the next deployment brings these', async () => {
    // when
    const assembly = app('Forced', { delay: 7 });
    const imported = await run('import-resources', { assembly, ...mapping, yes: true, force: true });
    // then
    expect(imported).toEndWith(0);
    expect(await statusOf('imports')).toBe('IMPORT_COMPLETE');
    expect(await resourcesOf('imports')).toMatchObject({ Bucket: BUCKET });
    // and
    expect(await run('publish', { assembly }, 'file-publishing')).toEndWith(0);
    expect(await run('deploy', { assembly })).toEndWith(0);
    expect(await statusOf('imports')).toBe('UPDATE_COMPLETE');
    await rootClients(bed.local, STAGING)
      .s3()
      .send(new HeadBucketCommand({ Bucket: BUCKET }));
    // and there is nothing left to import
    const again = await run('import-resources', { assembly, yes: true });
    expect(again).toMatchObject({ code: 1, output: expect.stringContaining('the app adds no resource to it') });
  });
});

test('a new stack can begin with what is there; a dry run leaves no stack behind', async () => {
  const name = 'made-by-hand-too-111111111111';
  const LocationConstraint = STAGING.region as 'eu-west-1';
  await rootClients(bed.local, STAGING)
    .s3()
    .send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { LocationConstraint } }));
  writeFileSync(join(workspace.root, 'new.json'), JSON.stringify({ Bucket: { BucketName: name } }));
  const assembly = synth(bed.folder, 'New', (root) => {
    new CfnBucket(new Stack(root, 'New', { env: STAGING, stackName: 'new-imports' }), 'Bucket', { bucketName: name });
  }).directory;
  const options = { assembly, resourceMapping: 'new.json' };

  expect(await run('import-resources', { ...options, dryRun: true })).toEndWith(0);
  expect(await statusOf('new-imports')).toBeUndefined();
  expect(await run('import-resources', { ...options, yes: true })).toEndWith(0);
  expect(await resourcesOf('new-imports')).toEqual({ Bucket: name });
});
