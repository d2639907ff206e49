import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { CloudFormation } from './client.ts';
import { readTimeline } from './timeline.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const STACK = 'arn:aws:cloudformation:eu-west-1:111111111111:stack/Data/1';
const operation = { stackId: STACK, token: 'ours', startedAt: START };
const resources = new Map([['Table', { constructPath: 'Data/Table/Resource' }]]);

function event(second: number, id: string, status: string, more: Partial<StackEvent> = {}): StackEvent {
  return {
    StackId: STACK,
    EventId: `${second}`,
    StackName: 'Data',
    ClientRequestToken: 'ours',
    LogicalResourceId: id,
    PhysicalResourceId: id === 'Data' ? STACK : id,
    ResourceType: 'AWS::DynamoDB::Table',
    Timestamp: new Date(START + second * 1000),
    ResourceStatus: status as NonNullable<StackEvent['ResourceStatus']>,
    ...more,
  };
}

/** Reads the timeline of pages of events, which are given oldest first. */
async function timelineOf(...pages: readonly StackEvent[][]) {
  const newestFirst = pages.toReversed().map((page) => page.toReversed());
  const asked: (string | undefined)[] = [];
  const events = async (_id: string, token?: string) => {
    asked.push(token);
    const index = Number(token ?? 0);
    return { events: newestFirst[index]!, next: index + 1 < pages.length ? String(index + 1) : undefined };
  };
  const parts = await readTimeline({ events } as unknown as CloudFormation, operation, { resources });
  return { parts, pages: asked.length };
}

test('given a creation, then each resource has its time since the operation began, and its construct path', async () => {
  const { parts } = await timelineOf([
    event(10, 'Data', 'CREATE_IN_PROGRESS'),
    event(11, 'Table', 'CREATE_IN_PROGRESS'),
    event(12, 'Queue', 'CREATE_IN_PROGRESS', { ResourceType: 'AWS::SQS::Queue' }),
    event(14, 'Queue', 'CREATE_COMPLETE', { ResourceType: 'AWS::SQS::Queue' }),
    event(19, 'Table', 'CREATE_COMPLETE'),
    event(20, 'Data', 'CREATE_COMPLETE'),
  ]);
  expect(parts).toEqual([
    {
      name: 'Table',
      kind: 'AWS::DynamoDB::Table',
      constructPath: 'Data/Table/Resource',
      startedAt: 1000,
      milliseconds: 8000,
      status: 'CREATE_COMPLETE',
    },
    { name: 'Queue', kind: 'AWS::SQS::Queue', startedAt: 2000, milliseconds: 2000, status: 'CREATE_COMPLETE' },
  ]);
});

test('given a creation that is rolled back, then what was created and deleted again has a part for each', async () => {
  const { parts } = await timelineOf([
    event(0, 'Data', 'CREATE_IN_PROGRESS'),
    event(1, 'Table', 'CREATE_IN_PROGRESS'),
    event(2, 'Table', 'CREATE_FAILED', { ResourceStatusReason: 'it is taken' }),
    event(3, 'Table', 'DELETE_IN_PROGRESS'),
    event(5, 'Table', 'DELETE_COMPLETE'),
  ]);
  expect(parts).toMatchObject([
    { name: 'Table', status: 'CREATE_FAILED', reason: 'it is taken', startedAt: 1000, milliseconds: 1000 },
    { name: 'Table', status: 'DELETE_COMPLETE', startedAt: 3000, milliseconds: 2000 },
  ]);
});

test('given operations before, then their events are no part of it, and no page is read for them', async () => {
  const before = { ClientRequestToken: 'theirs' };
  const { parts, pages } = await timelineOf(
    [event(-9, 'Table', 'CREATE_COMPLETE', before)],
    [event(-5, 'Table', 'UPDATE_COMPLETE', before), event(0, 'Data', 'UPDATE_IN_PROGRESS')],
    [event(1, 'Queue', 'UPDATE_IN_PROGRESS'), event(2, 'Queue', 'UPDATE_COMPLETE')],
  );
  expect(parts).toMatchObject([{ name: 'Queue', startedAt: 1000, milliseconds: 1000 }]);
  expect(pages).toBe(2);
});
