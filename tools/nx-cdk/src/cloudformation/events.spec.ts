import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { AssemblyStack } from '../assembly/index.ts';
import type { CloudFormation } from './client.ts';
import { findCauses } from './events.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const STACK = 'arn:aws:cloudformation:eu-west-1:111111111111:stack/Data/1';
const NESTED = 'arn:aws:cloudformation:eu-west-1:111111111111:stack/Nested/1';
const stack = {
  resources: new Map([['Table', { constructPath: 'Data/Table/Resource', source: 'stack.ts:14' }]]),
} as unknown as AssemblyStack;

/** Events of stacks, oldest first, as a page each. */
function cloudFormation(pages: Record<string, StackEvent[][]>): CloudFormation {
  const events = async (id: string, token?: string) => {
    const newestFirst = [...(pages[id] ?? [])].reverse();
    const index = Number(token ?? 0);
    return {
      events: [...(newestFirst[index] ?? [])].reverse(),
      next: index + 1 < newestFirst.length ? String(index + 1) : undefined,
    };
  };
  return { events } as unknown as CloudFormation;
}

function event(
  second: number,
  LogicalResourceId: string,
  ResourceStatus: string,
  more: StackEvent | object = {},
): StackEvent {
  const base = {
    StackId: STACK,
    EventId: `${second}`,
    StackName: 'Data',
    ResourceType: 'AWS::DynamoDB::Table',
    ClientRequestToken: 'ours',
  };
  return {
    ...base,
    Timestamp: new Date(START + second * 1000),
    LogicalResourceId,
    ResourceStatus,
    ...more,
  } as StackEvent;
}

const operation = { stackId: STACK, token: 'ours', startedAt: START };

describe('the causes of a failed operation', () => {
  test('begin with the resource that failed first, with its place in the source', async () => {
    const cloud = cloudFormation({
      [STACK]: [
        [event(1, 'Table', 'CREATE_IN_PROGRESS')],
        [
          event(5, 'Table', 'CREATE_FAILED', { ResourceStatusReason: 'No.' }),
          event(5, 'Queue', 'CREATE_FAILED', { ResourceStatusReason: 'Resource creation cancelled' }),
          event(9, 'Policy', 'DELETE_FAILED', { ResourceStatusReason: 'In use.' }),
        ],
      ],
    });

    const causes = await findCauses(cloud, operation, stack);

    expect(causes.map(({ logicalId }) => logicalId)).toEqual(['Table', 'Policy']);
    expect(causes[0]).toMatchObject({ reason: 'No.', constructPath: 'Data/Table/Resource', source: 'stack.ts:14' });
  });

  test('are not those of an earlier operation', async () => {
    const earlier = event(-100, 'Old', 'UPDATE_FAILED', { ClientRequestToken: 'theirs', ResourceStatusReason: 'Old.' });
    const now = event(5, 'Table', 'UPDATE_FAILED', { ResourceStatusReason: 'New.' });

    const causes = await findCauses(cloudFormation({ [STACK]: [[earlier, now]] }), operation, stack);

    expect(causes.map(({ reason }) => reason)).toEqual(['New.']);
  });

  test('are looked for inside nested stacks, and the innermost comes first', async () => {
    const Type = { ResourceType: 'AWS::CloudFormation::Stack', PhysicalResourceId: NESTED };
    const cloud = cloudFormation({
      [STACK]: [
        [
          event(9, 'Nested', 'CREATE_FAILED', {
            ...Type,
            ResourceStatusReason: 'Embedded stack was not successfully created',
          }),
        ],
      ],
      [NESTED]: [
        [
          event(5, 'Table', 'CREATE_FAILED', {
            StackId: NESTED,
            ClientRequestToken: undefined,
            ResourceStatusReason: 'Inner.',
          }),
        ],
      ],
    });

    const causes = await findCauses(cloud, operation, stack);

    expect(causes.map(({ logicalId, reason }) => `${logicalId}: ${reason}`)).toEqual([
      'Table: Inner.',
      'Nested: Embedded stack was not successfully created',
    ]);
    // A logical id of a nested template is not that of the same name outside.
    expect(causes[0]).not.toHaveProperty('constructPath');
  });

  test('are the stack itself where no resource failed', async () => {
    const own = event(2, 'Data', 'CREATE_FAILED', {
      PhysicalResourceId: STACK,
      ResourceStatusReason: 'Validation failed.',
    });

    const causes = await findCauses(cloudFormation({ [STACK]: [[own]] }), operation, stack);

    expect(causes).toEqual([expect.objectContaining({ logicalId: 'Data', reason: 'Validation failed.' })]);
  });

  test.each([
    ['the event that begins a rollback', 'UPDATE_ROLLBACK_IN_PROGRESS'],
    ['an event of a deletion that does not begin', 'UPDATE_COMPLETE'],
  ])('are told by %s where nothing else tells them', async (_, status) => {
    const own = { PhysicalResourceId: STACK, ResourceType: 'AWS::CloudFormation::Stack' };
    const reason = 'Export One cannot be deleted as it is in use by Service';
    const events = [
      event(1, 'Data', 'UPDATE_IN_PROGRESS', { ...own, ResourceStatusReason: 'User Initiated' }),
      event(2, 'Table', 'UPDATE_COMPLETE'),
      event(3, 'Data', status, { ...own, ResourceStatusReason: reason }),
      event(4, 'Data', 'UPDATE_ROLLBACK_COMPLETE', own),
    ];

    expect(await findCauses(cloudFormation({ [STACK]: [events] }), operation, stack)).toEqual([
      { logicalId: 'Data', resourceType: 'AWS::CloudFormation::Stack', status, reason },
    ]);
  });

  test('are the findings of the validation where the event only says that there are some', async () => {
    const reason = 'Validation failed with 1 error(s). Call DescribeEvents to retrieve the full list of issues';
    const own = event(2, 'Data', 'UPDATE_FAILED', { PhysicalResourceId: STACK, ResourceStatusReason: reason });
    const finding = {
      LogicalResourceId: 'Table',
      ResourceType: 'AWS::DynamoDB::Table',
      ValidationStatusReason: 'exists already.',
      ValidationPath: '/Resources/Table',
    };
    const cloud = { ...cloudFormation({ [STACK]: [[own]] }), validationErrors: async () => [finding] };

    expect(await findCauses(cloud as unknown as CloudFormation, operation, stack)).toEqual([
      expect.objectContaining({ reason: 'exists already. at /Resources/Table', constructPath: 'Data/Table/Resource' }),
    ]);
  });
});
