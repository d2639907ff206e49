import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { Stack, Stage } from 'aws-cdk-lib/core';
import { nxWorkspace, rootClients, rootOf, STAGING, startExecutors } from 'test-bed';
import { openReleaseBed, type ReleaseBed, synthesize } from './release-bed.ts';

let bed: ReleaseBed;

beforeAll(async () => {
  bed = await openReleaseBed();
});

afterAll(() => bed?.close());

/** @param broken has a parameter whose name the bootstrap has taken */
function release(name: string, broken: boolean) {
  return synthesize(bed, name, { stackNames: ['Stuck'] }, (app) => {
    // CDK writes metadata of stacks in stages into files of their own.
    const stack = new Stack(new Stage(app, 'staging'), 'App', { env: STAGING, stackName: 'Stuck' });
    new CfnQueue(stack, 'Queue');
    if (broken) {
      new CfnParameter(stack, 'Setting', { type: 'String', value: 'on', name: '/cdk-bootstrap/hnb659fds/version' });
    }
  });
}

test('a stack that is stuck is rolled back by the digest of a release, from where there are no sources', async () => {
  // given
  const [good, broken] = [await release('Good', false), await release('Broken', true)];
  for (const one of [good, broken]) expect(await bed.run('publish', one, bed.publisher)).toMatchObject({ code: 0 });
  expect(await bed.run('deploy', good, bed.deployer)).toMatchObject({ code: 0 });
  expect(await bed.run('deploy', broken, bed.deployer, { rollback: false })).toMatchObject({ code: 1 });
  const client = rootClients(bed.bed.local, STAGING).cloudFormation();
  const statusOf = async () =>
    (await client.send(new DescribeStacksCommand({ StackName: 'Stuck' }))).Stacks![0]!.StackStatus;
  expect(await statusOf()).toBe('UPDATE_FAILED');
  // when
  const far = await nxWorkspace(join(bed.bed.folder, 'far'));
  const { accessKeyId, secretAccessKey } = rootOf(bed.bed.local, STAGING).credentials;
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: STAGING.region };
  const step = ['rollback', { release: broken.manifest.digest }] as const;
  const run = await startExecutors(far.root, [step], { ...bed.bed.environment(), ...keys }).ended;
  // then
  expect(run).toMatchObject({ code: 0, output: expect.stringContaining('is taken from s3://') });
  expect(await statusOf()).toBe('UPDATE_ROLLBACK_COMPLETE');
});
