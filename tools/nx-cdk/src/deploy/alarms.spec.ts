import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';
import { deploy } from './index.ts';
import type { DeployRequest } from './request.ts';

const data = { id: 'Data' };
const changed = { ...data, template: queues('Queue', 'Other') };
const LATE = 'arn:aws:cloudwatch:eu-west-1:111111111111:alarm:late';

let sent: (object | undefined)[];

beforeEach(() => {
  sent = [];
  cloud.intercept = (action, input) => void (action === 'CreateChangeSet' && sent.push(input.RollbackConfiguration));
});

const run = async (stack: TestStack, monitoring?: ReturnType<NonNullable<DeployRequest['monitoring']>>) => {
  const request = { assembly: given([stack]), stacks: [stack.id], monitoring: () => monitoring };
  return (await deploy(request, dependencies())).stacks[0]!;
};

describe('the alarms of an environment', () => {
  test('are named in each change set of a stack that is there, with their account, region and time', async () => {
    await run(data, { alarms: ['late'] });
    const arn = 'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:slow';
    await run(changed, { alarms: ['late', arn, { composite: 'all' }], minutes: 10 });
    expect(sent).toEqual([
      // A creation has nothing to go back to.
      undefined,
      {
        RollbackTriggers: [
          { Arn: LATE, Type: 'AWS::CloudWatch::Alarm' },
          { Arn: LATE.replace('late', 'slow'), Type: 'AWS::CloudWatch::Alarm' },
          { Arn: LATE.replace('late', 'all'), Type: 'AWS::CloudWatch::CompositeAlarm' },
        ],
        MonitoringTimeInMinutes: 10,
      },
    ]);
  });

  test('that the file does not name stay as somebody else has set them', async () => {
    await run(data);
    await run(changed);
    expect(sent).toEqual([undefined, undefined]);
  });

  test('are taken away by an empty list', async () => {
    await run(data);
    await run(changed, { alarms: [] });
    expect(sent[1]).toEqual({ RollbackTriggers: [], MonitoringTimeInMinutes: 0 });
  });

  test('are named, and nothing is done, where an unchanged stack has others', async () => {
    await run(data);
    cloud.calls.length = 0;
    const note = 'it gets the alarms of its environment with its next change';
    expect(await run(data, { alarms: ['late'] })).toMatchObject({ outcome: 'unchanged', notes: [note] });
    expect(cloud.calls).toEqual(['DescribeStacks']);

    await run(changed, { alarms: ['late'], minutes: 5 });

    expect((await run(changed, { alarms: ['late'], minutes: 5 })).notes).toEqual([]);
    expect((await run(changed, { alarms: ['late'] })).notes).toEqual([note]);
    expect((await run(changed, { alarms: [] })).notes).toEqual([note]);
    expect((await run(changed)).notes).toEqual([]);
  });
});

test.each([`Rollback requested: the alarm ${LATE} is in ALARM state.`, `[${LATE}] breached`])(
  'an alarm that ends an update is the root cause, and what to do is said: %s',
  async (reason) => {
    await run(data);
    cloud.endings.set('execute Data', ['UPDATE_ROLLBACK_COMPLETE']);
    cloud.rollbackReasons.set('Data', reason);

    const { failure } = await run(changed, { alarms: ['late'] });

    expect(failure?.causes).toEqual([
      { logicalId: 'late', resourceType: 'AWS::CloudWatch::Alarm', status: 'ALARM', reason },
    ]);
    expect(failure?.message).toMatch(/the update failed in .* at late \(AWS::CloudWatch::Alarm\): .*ROLLBACK_COMPLETE/);
    expect(failure?.message).toMatch(/look at that alarm in CloudWatch .*correct the cause and deploy again\.$/);
  },
);
