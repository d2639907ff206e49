import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { deploy } from './index.ts';
import type { DeployRequest } from './request.ts';

const data = { id: 'Data', resources: new Map([['Queue', { constructPath: 'Data/Queue/Resource' }]]) };
/** What a drift-aware change set says: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html */
const DRIFTED = {
  Action: 'Modify',
  LogicalResourceId: 'Queue',
  ResourceType: 'AWS::SQS::Queue',
  ResourceDriftStatus: 'MODIFIED',
  Details: [
    {
      Target: {
        Attribute: 'Properties',
        Path: '/Properties/VisibilityTimeout',
        BeforeValue: 'by-hand',
        AfterValue: 'as-deployed',
        BeforeValueFrom: 'ACTUAL_STATE',
        Drift: { PreviousValue: 'as-deployed', ActualValue: 'by-hand' },
      },
      ChangeSource: 'DirectModification',
    },
  ],
};
const GONE = {
  Action: 'Add',
  LogicalResourceId: 'Other',
  ResourceType: 'AWS::SQS::Queue',
  ResourceDriftStatus: 'DELETED',
};

/** Inputs of requests, by action, in order. */
let sent: Record<string, { DeploymentMode?: string; DeploymentConfig?: object }[]>;

beforeEach(() => {
  sent = {};
  cloud.intercept = (action, input) => void (sent[action] ??= []).push(input as object);
});

const run = (stacks: readonly TestStack[], more: Partial<DeployRequest> = {}) =>
  deploy({ assembly: given(stacks), stacks: stacks.map(({ id }) => id), ...more }, dependencies());

/** Deploys the stack, and forgets the requests. */
async function deployed(): Promise<void> {
  await run([data]);
  sent = {};
  cloud.calls.length = 0;
}

describe('a deployment that brings back what drifted', () => {
  test('lets CloudFormation look at a stack that seems unchanged, and says what it brings back before it does', async () => {
    // given
    await deployed();
    cloud.resourceChanges = [DRIFTED, GONE];

    // when
    const report = await run([data], { revertDrift: true });

    // then
    expect(sent['CreateChangeSet']).toMatchObject([{ DeploymentMode: 'REVERT_DRIFT' }]);
    expect(report.stacks[0]).toMatchObject({
      outcome: 'updated',
      notes: ['2 resources had drifted'],
      changes: {
        resources: [
          { logicalId: 'Queue', drift: 'modified', properties: [{ path: 'VisibilityTimeout', drifted: true }] },
          { logicalId: 'Other', drift: 'deleted' },
        ],
      },
    });
    const steps = events.flatMap((event) => (event.type === 'item-progress' ? [event.step] : []));
    const told = [
      'reverting drift of Data/Queue/Resource (AWS::SQS::Queue): VisibilityTimeout',
      'Other (AWS::SQS::Queue) was deleted by other means',
      'updating',
    ];
    expect(steps.slice(-told.length)).toEqual(told);
    expect(JSON.stringify([report, events])).not.toMatch(/by-hand|as-deployed/);
  });

  test('says that a drift stays which the app has by now', async () => {
    await deployed();
    cloud.resourceChanges = [{ ...DRIFTED, Action: 'SyncWithActual' }];
    await run([data], { revertDrift: true });
    const steps = events.flatMap((event) => (event.type === 'item-progress' ? [event.step] : []));
    expect(steps).toContain('drift that the app has too of Data/Queue/Resource (AWS::SQS::Queue): VisibilityTimeout');
  });

  test('leaves a stack unchanged that has not drifted', async () => {
    await deployed();
    cloud.emptyChangeSets = true;
    const report = await run([data], { revertDrift: true });
    expect(report.stacks[0]).toMatchObject({ outcome: 'unchanged', notes: [] });
    expect(cloud.calls).not.toContain('ExecuteChangeSet');
    expect(cloud.calls).toContain('DeleteChangeSet');
  });

  test('does so in stacks that change anyway, and in express mode as well', async () => {
    await deployed();
    await run([{ ...data, template: queues('Queue', 'Other') }], {
      revertDrift: true,
      deploymentMode: () => 'express',
    });
    expect(sent['CreateChangeSet']).toMatchObject([
      { DeploymentMode: 'REVERT_DRIFT', DeploymentConfig: { Mode: 'EXPRESS' } },
    ]);
  });

  test('creates a new stack as always: nothing of it can have drifted', async () => {
    await run([data], { revertDrift: true });
    expect(sent['CreateChangeSet']![0]!.DeploymentMode).toBeUndefined();
  });
});

test('no other deployment asks for that, and one of an unchanged stack asks once for its state', async () => {
  await run([data]);
  expect(sent['CreateChangeSet']![0]!.DeploymentMode).toBeUndefined();
  cloud.calls.length = 0;
  expect((await run([data])).stacks[0]!.outcome).toBe('unchanged');
  expect(cloud.calls).toEqual(['DescribeStacks']);
});
