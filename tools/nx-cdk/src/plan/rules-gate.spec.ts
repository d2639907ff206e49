import type { PlanException, PlanRule } from '@nx-cdk/environments';
import { cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';
import type { TestStack } from '../cloudformation/testing/assembly.ts';
import { deploy } from '../deploy/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import type { PlannedStack } from './model.ts';
import { rulesGate } from './rules-gate.ts';
import { change, plannedStack } from './testing/plans.ts';

const table = (key: string, more: object = {}) => ({
  Resources: {
    Orders: {
      Type: 'AWS::DynamoDB::Table',
      Properties: { KeySchema: [{ AttributeName: key, KeyType: 'HASH' }], ...more },
    },
  },
});
const url = { Resources: { Url: { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE' } } } };
const empty = { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } };

let events: ProgressEvent[];
beforeEach(() => (events = []));

const changed = () => cloud.calls.filter((call) => /^(Create|Execute|Delete|Update)/.test(call));

async function ship(
  stacks: readonly TestStack[],
  refuse: readonly PlanRule[],
  accept: readonly PlanException[] = [],
  planned: readonly PlannedStack[] = [],
) {
  const rules = { rulesFor: () => refuse, accept, file: 'environments.json' };
  const clock = { now: () => Date.parse('2026-07-01T23:59:59Z'), sleep: async () => undefined };
  const gates = [rulesGate({ rules, planned, clock, listener: (event) => events.push(event) })];
  const assembly = given(stacks);
  cloud.calls.length = 0;
  return deploy({ assembly, stacks: stacks.map(({ id }) => id) }, { ...dependencies(), gates });
}

const exception = (until: string): PlanException => ({
  rule: 'deletes-stateful',
  stack: 'Data',
  reason: 'the orders have moved',
  until,
});

describe.each<[string, object]>([
  ['deletes', empty],
  ['replaces', table('number')],
])('a deployment that %s a table', (_, template) => {
  const stacks = [{ id: 'Data', template }, { id: 'Other' }];
  beforeEach(() => cloud.put('Data', 'CREATE_COMPLETE', { template: JSON.stringify(table('id')) }));

  test('is refused before anything changes, in any stack', async () => {
    const report = await ship(stacks, ['deletes-stateful']);
    expect(report.success).toBe(false);
    expect(report.stacks.map(({ failure }) => failure?.code).filter(Boolean)).toEqual(['PlanRefused']);
    expect(changed()).toEqual([]);
  });

  test('is done where that is accepted, and says so once', async () => {
    const report = await ship(stacks, ['deletes-stateful'], [exception('2026-07-01')]);
    expect(report.success).toBe(true);
    expect(events).toEqual([
      expect.objectContaining({
        level: 'info',
        text: expect.stringMatching(
          /^Data: deletes-stateful, accepted until 2026-07-01 \(the orders have moved\): Orders:/,
        ),
      }),
    ]);
  });

  test('is refused a day after the exception has run out', async () => {
    const { stacks: ended } = await ship(stacks, ['deletes-stateful'], [exception('2026-06-30')]);
    const messages = ended.flatMap(({ failure }) => failure?.message ?? []);
    expect(messages).toEqual([expect.stringContaining('it was accepted until 2026-06-30: the orders have moved')]);
    expect(changed()).toEqual([]);
  });

  test('is done where no rule is against it', async () => {
    expect(await ship(stacks, ['widens-permissions', 'public-access'])).toMatchObject({ success: true });
  });
});

test('what only the change set tells is refused before it is executed', async () => {
  cloud.put('Data', 'CREATE_COMPLETE', { template: JSON.stringify(table('id')) });
  const conditional = { Action: 'Modify', LogicalResourceId: 'Orders', Replacement: 'Conditional' };
  cloud.resourceChanges = [{ ...conditional, ResourceType: 'AWS::DynamoDB::Table' }];
  const report = await ship(
    [{ id: 'Data', template: table('id', { BillingMode: 'PROVISIONED' }) }],
    ['deletes-stateful'],
  );
  expect(report.stacks[0]!.failure).toMatchObject({
    code: 'PlanRefused',
    message: expect.stringContaining('AWS::DynamoDB::Table may be replaced with its data'),
  });
  expect(changed().some((call) => call.startsWith('Execute'))).toBe(false);
});

test('what a plan says counts before anything changes, whatever the templates show', async () => {
  const replaced = change('Orders', { resourceType: 'AWS::DynamoDB::Table', replacement: 'maybe', data: 'lost' });
  const report = await ship(
    [{ id: 'Data' }],
    ['deletes-stateful'],
    [],
    [plannedStack('Data', { changes: [replaced] })],
  );
  expect(report.stacks[0]!.failure).toMatchObject({ code: 'PlanRefused' });
  expect(changed()).toEqual([]);
});

test('an exception for a resource goes by its path, also if the resource is gone from the app', async () => {
  const Metadata = { 'aws:cdk:path': 'Data/Store/Orders/Resource' };
  const deployed = { Resources: { Orders: { ...table('id').Resources.Orders, Metadata } } };
  cloud.put('Data', 'CREATE_COMPLETE', { template: JSON.stringify(deployed) });
  const accept = [{ ...exception('2027-01-01'), resource: 'Data/Store/**' }];
  const stacks = [{ id: 'Data', template: empty }];
  expect(await ship(stacks, ['deletes-stateful'], [{ ...accept[0]!, resource: 'Data/Other/**' }])).toMatchObject({
    success: false,
  });
  expect(await ship(stacks, ['deletes-stateful'], accept)).toMatchObject({ success: true });
});

test('a new stack that everybody can reach is refused, and one that is as it was is not looked at', async () => {
  expect((await ship([{ id: 'New', template: url }], ['public-access'])).stacks[0]!.failure).toMatchObject({
    code: 'PlanRefused',
    message: expect.stringContaining('Url: its function URL asks for no sign-in'),
  });
  cloud.put('Old', 'CREATE_COMPLETE', { template: JSON.stringify(url) });
  expect(await ship([{ id: 'Old', template: url }], ['public-access'])).toMatchObject({ success: true });
});

test('what is left of a stack whose deletion failed is not deleted either', async () => {
  cloud.put('Data', 'DELETE_FAILED', { template: JSON.stringify(table('id')) });
  expect((await ship([{ id: 'Data', template: table('id') }], ['deletes-stateful'])).stacks[0]!.failure).toMatchObject({
    code: 'PlanRefused',
  });
  expect(changed()).toEqual([]);
});
