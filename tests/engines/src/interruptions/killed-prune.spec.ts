import { CreateStackCommand, DescribeStacksCommand, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { type App, Stack } from 'aws-cdk-lib/core';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { stackOwner } from 'nx-cdk/src/cloudformation/index.ts';
import { STAGING, startExecutors } from 'test-bed';
import { synth } from '../bed/apps.ts';
import { killAt, type Moment } from '../bed/kill.ts';
import { ship } from '../bed/ship.ts';
import { openPlanBed, type PlanBed } from '../plan/plan-bed.ts';

/*
 * `deploy --prune` in a process that is killed. Every call, and both sides of it, are in the unit tests of the rooms
 * `destroy` and `deploy`.
 */

let bed: PlanBed;
/** The assembly of the app as it is now. */
let now: string;

const keep = (app: App) => void new CfnQueue(new Stack(app, 'Keep', { env: STAGING, stackName: 'Shop-Keep' }), 'Queue');

/** Two more stacks, of which one imports from the other, and one that nobody may delete. */
const former = (app: App) => {
  keep(app);
  const data = new Stack(app, 'Data', { env: STAGING, stackName: 'Shop-Data' });
  const service = new Stack(app, 'Service', { env: STAGING, stackName: 'Shop-Service' });
  new CfnQueue(service, 'Jobs', {
    redrivePolicy: { deadLetterTargetArn: new CfnQueue(data, 'Dead').attrArn, maxReceiveCount: 3 },
  });
  const guarded = new Stack(app, 'Guarded', { env: STAGING, stackName: 'Shop-Guarded', terminationProtection: true });
  new CfnQueue(guarded, 'Queue');
};

/** What is not shown: of the app, of another project, and of another tool. */
const STAYING = ['CDKToolkit', 'Other-Queue', 'Shop-Guarded', 'Shop-Keep', 'Stock-Queue'];

const deployAs = async (project: string, name: string, build: (app: App) => void) => {
  const { deployed } = await ship(synth(bed.bed.folder, name, build), {
    environment: bed.bed.environment(),
    owner: stackOwner('scratch', project),
  });
  expect(deployed.success).toBe(true);
};

beforeAll(async () => {
  bed = await openPlanBed();
  now = await bed.release('now', keep);
  await bed.run('publish', { assembly: now });
  await deployAs('other', 'other', (app) => {
    new CfnQueue(new Stack(app, 'Other', { env: STAGING, stackName: 'Other-Queue' }), 'Queue');
  });
  const TemplateBody = JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue' } } });
  await bed.admin.send(new CreateStackCommand({ StackName: 'Stock-Queue', TemplateBody }));
});

afterAll(() => bed?.close());

async function namesThere(): Promise<string[]> {
  const { Stacks = [] } = await bed.admin.send(new DescribeStacksCommand({}));
  return Stacks.map(({ StackName }) => StackName!).toSorted();
}

/** Ids of all stacks that were ever deleted. */
async function deletedIds(): Promise<string[]> {
  const { StackSummaries = [] } = await bed.admin.send(
    new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] }),
  );
  return StackSummaries.map(({ StackId }) => StackId!);
}

test.each<Moment>([
  { request: 'cloudformation:DescribeStacks' },
  { request: 'cloudformation:DeleteStack' },
  { request: 'cloudformation:DeleteStack', nth: 2 },
])('killed at %j, it deletes nothing that was not shown, and the next run does the rest', async (moment) => {
  // given
  await deployAs('shop', 'former', former);
  const gone = await deletedIds();
  const proxy = await bed.bed.proxy();
  const { AWS_ENDPOINT_URL: url } = bed.bed.environment(proxy);
  const options = { assembly: now, prune: true, yes: true };

  // when
  const output = await killAt(moment, proxy, () =>
    startExecutors(bed.root, [['deploy', options]], { ...bed.deployer, AWS_ENDPOINT_URL: url! }),
  );

  // then
  expect(await namesThere()).toEqual(expect.arrayContaining(STAYING));
  const begun = moment.request.endsWith('DeleteStack') ? (moment.nth ?? 1) : 0;
  expect((await deletedIds()).length - gone.length).toBe(begun);
  if (begun > 0) expect(output).toMatch(/2 stacks were left behind and are deleted, in this order:/);

  // and when it is run again
  const again = await bed.run('deploy', options);

  // then the end is that of a run that nobody killed: two were deleted, each once
  expect(again).toMatchObject({ code: 0 });
  expect(await namesThere()).toEqual(STAYING);
  const deleted = (await deletedIds()).filter((id) => !gone.includes(id));
  expect(deleted.map((id) => id.split('/')[1]).toSorted()).toEqual(['Shop-Data', 'Shop-Service']);
});
