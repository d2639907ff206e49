import { join } from 'node:path';
import type { AwsProxy } from 'aws-proxy';
import { type NxWorkspace, nxWorkspace, openTestBed, STAGING, startExecutors, type TestBed } from 'test-bed';
import { Shop } from '../lookups/shop.ts';

let bed: TestBed;
let workspace: NxWorkspace;
let proxy: AwsProxy;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  workspace = await nxWorkspace(join(bed.folder, 'workspace'));
  proxy = await bed.proxy();
});

afterAll(async () => {
  await bed?.close();
});

test.each(['lookups', 'synth'])('nx %s looks up with no other role because an app names it', async (executor) => {
  const shop = new Shop(workspace);
  const { account, region } = STAGING;
  const lookupRoleArn = `arn:aws:iam::${account}:role/cdk-hnb659fds-deploy-role-${account}-${region}`;
  await shop.give([STAGING], { context: { places: [STAGING], lookupRoleArn } });
  const environment = { ...bed.environment(proxy), CI: '' };

  const end = await startExecutors(workspace.root, [[executor, {}]], environment).ended;

  expect(end).toMatchObject({
    code: 1,
    output: expect.stringMatching(/lookupRoleArn in .*manifest\.json is .*-deploy-role-.*, which is no lookup role of/),
  });
  expect(proxy.requests.filter(({ action }) => action === 'AssumeRole')).toEqual([]);
  expect(await shop.context()).toBeUndefined();
});
