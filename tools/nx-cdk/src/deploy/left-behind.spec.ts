import { changeSetName, stackOwner } from '../cloudformation/index.ts';
import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { clock, cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { deploy, type DeployReport, tellLeftBehind } from './index.ts';

const OURS = stackOwner('acme', 'infra');
const DATA: TestStack = { id: 'Data' };
const SERVICE: TestStack = { id: 'Service', template: queues('Jobs'), dependencies: ['Data'] };

const idOf = (name: string) => `arn:aws:cloudformation:eu-west-1:111111111111:changeSet/${name}/uuid`;

/** Deploys an app as its workspace does. @param chosen ids. @default all */
async function run(stacks: readonly TestStack[], { owner = OURS, chosen = stacks.map(({ id }) => id) } = {}) {
  cloud.calls.length = 0;
  events.length = 0;
  return deploy({ assembly: given(stacks), stacks: chosen, owner }, dependencies());
}

const namesIn = ({ leftBehind }: DeployReport) => leftBehind?.stacks.map(({ stackName }) => stackName);
const warnings = () => events.flatMap((one) => (one.type === 'message' && one.level === 'warning' ? [one.text] : []));

test('a stack that is no longer in the app is named, with when it was deployed and what to do, and stays', async () => {
  // given
  await run([DATA, SERVICE]);
  const deployedAt = new Date(clock.now());

  // when
  const report = await run([DATA]);

  // then
  expect(report).toMatchObject({ success: true, leftBehind: { notAllSeen: [] } });
  const [left] = report.leftBehind!.stacks;
  expect(left).toEqual({
    stackName: 'Service',
    account: '111111111111',
    region: 'eu-west-1',
    status: 'CREATE_COMPLETE',
    deployedAt: expect.stringMatching(/^\d{4}-.*T\d\d:\d\d:\d\dZ$/),
  });
  expect(deployedAt.getTime() - Date.parse(left!.deployedAt)).toBeLessThan(120_000);
  expect(cloud.stacks.has('Service')).toBe(true);

  tellLeftBehind(report.leftBehind, dependencies().listener);
  expect(warnings()).toEqual([
    '1 stack was left behind: the app deployed it, and does not hold it any more:\n' +
      `  Service in 111111111111/eu-west-1, last deployed ${left!.deployedAt}\n` +
      'Delete what nobody needs: nx destroy <project> --orphans, or with a deployment: nx deploy <project> --prune.',
  ]);
});

test('nothing more is asked for: a page of all stacks is one request, as one stack is', async () => {
  await run([DATA, SERVICE]);
  await run([DATA]);
  expect(cloud.calls).toEqual(['DescribeStacks']);
  await run([DATA, SERVICE]);
  expect(cloud.calls).toEqual(['DescribeStacks']);
});

describe('nobody left behind', () => {
  test('a stack that is in the app and was not chosen', async () => {
    await run([DATA, SERVICE]);
    expect(namesIn(await run([DATA, SERVICE], { chosen: ['Data'] }))).toEqual([]);
  });

  test.each<[string, string]>([
    ['of the CDK CLI', 'cdk-deploy-change-set'],
    ['of a version that knew no owners', changeSetName('d'.repeat(32), 0)],
    ['of another project', changeSetName('d'.repeat(32), 0, { owner: stackOwner('acme', 'pipeline') })],
    [
      'of a project of that name in another workspace',
      changeSetName('d'.repeat(32), 0, { owner: stackOwner('other', 'infra') }),
    ],
    ['of an instance of the app', changeSetName('d'.repeat(32), 0, { owner: { ...OURS, more: 'ada-0-0123456789ab' } })],
  ])('a stack %s', async (_, name) => {
    cloud.put('Other', 'CREATE_COMPLETE', { changeSetId: idOf(name) });
    const report = await run([DATA]);
    expect(report.leftBehind).toEqual({ stacks: [], notAllSeen: [] });
  });

  test('a part of another stack', async () => {
    const changeSetId = idOf(changeSetName('d'.repeat(32), 0, { owner: OURS }));
    cloud.put('Part', 'CREATE_COMPLETE', { changeSetId, parentId: 'arn:aws:cloudformation:whole' });
    expect(namesIn(await run([DATA]))).toEqual([]);
  });

  test('anything, where nobody is known to own the stacks', async () => {
    await run([DATA, SERVICE]);
    const report = await deploy({ assembly: given([DATA]), stacks: ['Data'] }, dependencies());
    expect(report.leftBehind).toBeUndefined();
    expect(warnings()).toEqual([]);
  });
});

test('where a listing ends early, it is said that not all was seen', async () => {
  // given an account whose page does not hold all
  await run([DATA, SERVICE]);
  cloud.pageSize = 1;

  // when
  const report = await run([DATA]);

  // then
  expect(report.leftBehind).toEqual({ stacks: [], notAllSeen: ['111111111111/eu-west-1'] });
  expect(cloud.calls).toEqual(['DescribeStacks']);
  tellLeftBehind(report.leftBehind, dependencies().listener);
  expect(events.at(-1)).toMatchObject({
    type: 'message',
    text: expect.stringMatching(/^Not all stacks in 111111111111\/eu-west-1 were looked at.*--orphans --dryRun/),
  });
});

describe('a new stack that is an old one under another name', () => {
  const renamed = (id: string, ...ids: string[]): TestStack => ({ id, template: queues('Queue', 'Jobs', ...ids) });

  test('says so before it is created a second time', async () => {
    // given
    await run([DATA, renamed('Old')]);

    // when
    const report = await run([DATA, renamed('New', 'More')]);

    // then
    expect(report.stacks[1]).toMatchObject({
      outcome: 'created',
      notes: ['was called Old before: a deployment creates a second one'],
    });
    expect(warnings()).toEqual([
      expect.stringMatching(/^New \(.*\) was called Old before.*stackName: 'Old'.*nx refactor/),
    ]);
  });

  test('is not one with other resources, nor one of another stage', async () => {
    const withPath = (path: string) => ({
      Resources: { Queue: { Type: 'AWS::SQS::Queue', Metadata: { 'aws:cdk:path': path } } },
    });
    const other = { id: 'staging/Other', template: queues('Third', 'Fourth') };
    await run([other, { id: 'prod/Old', template: withPath('prod/Old/Queue/Resource') }]);
    await run([other, { id: 'prod/Unlike', template: queues('Fifth') }]);
    await run([other, { id: 'prod/Unlike', template: queues('Fifth') }, { id: 'staging/New' }]);
    expect(warnings()).toEqual([]);

    // but it is one of the same stage
    await run([other, { id: 'prod/New' }]);
    expect(warnings()).toEqual([
      expect.stringContaining('prod/New (111111111111/eu-west-1) was called prod-Old before'),
    ]);
  });
});
