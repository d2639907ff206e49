import { deploy } from '../deploy/index.ts';
import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';
import { dataGate } from './data-gate.ts';

const TABLE = { Type: 'AWS::DynamoDB::Table', Properties: {} };
const both = { Resources: { ...queues('Queue').Resources, Table: TABLE } };
const kept = { Resources: { ...queues('Queue').Resources, Table: { ...TABLE, DeletionPolicy: 'Retain' } } };
const removal = { Action: 'Remove', LogicalResourceId: 'Table', ResourceType: 'AWS::DynamoDB::Table' };
const addition = { ...removal, Action: 'Add' };
const without = queues('Queue');

/** Deploys a stack that had another template, with the gate. */
async function ship(before: object, after: object, answer: boolean | undefined, change: object = removal) {
  const asked: string[] = [];
  cloud.resourceChanges = [change];
  cloud.put('Data', 'CREATE_COMPLETE', { template: JSON.stringify(before) });
  const stacks: TestStack[] = [{ id: 'Data', template: after }];
  const ask = async (question: string, lines: readonly string[]) => {
    asked.push(question, ...lines);
    return answer;
  };
  const report = await deploy(
    { assembly: given(stacks), stacks: ['Data'] },
    { ...dependencies(), gates: [dataGate(ask)] },
  );
  return { asked, stack: report.stacks[0]! };
}

test('what would delete data is asked about, and done after a yes', async () => {
  const { asked, stack } = await ship(both, without, true);
  expect(asked).toEqual([
    'Go on with Data?',
    'Data:',
    '  AWS::DynamoDB::Table Table would be deleted: its data is lost',
  ]);
  expect(stack.outcome).toBe('updated');
});

test.each<[string, boolean | undefined, RegExp]>([
  ['a no', false, /the answer was no: undo the edit/],
  ['nobody to ask', undefined, /there is no terminal to ask on: undo the edit/],
])('after %s, nothing changes, and no change set is left', async (_, answer, sentence) => {
  const { stack } = await ship(both, without, answer);
  expect(stack).toMatchObject({
    outcome: 'failed',
    failure: { code: 'NotApproved', message: expect.stringMatching(sentence) },
  });
  expect(cloud.calls.filter((call) => call.startsWith('Execute'))).toEqual([]);
});

test('what would replace a resource with data is asked about', async () => {
  const change = { ...removal, Action: 'Modify', Replacement: 'Conditional' };
  const { asked } = await ship(both, { ...both, Description: 'new' }, true, change);
  expect(asked).toContain('  AWS::DynamoDB::Table Table would be replaced: its data is lost');
});

test.each<[string, object, object, object]>([
  ['keeps its data', kept, without, removal],
  ['adds something', without, both, addition],
  ['replaces what holds none', both, without, { ...removal, ResourceType: 'AWS::IAM::Role' }],
])('a change that %s asks nothing', async (_, before, after, change) => {
  const { asked, stack } = await ship(before, after, false, change);
  expect(asked).toEqual([]);
  expect(stack.outcome).toBe('updated');
});
