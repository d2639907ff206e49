import type { PlanRule } from '@nx-cdk/environments';
import type { AssemblyStack } from '../assembly/index.ts';
import { ruledStacks } from './ruled-stacks.ts';
import type { WorkspaceRules } from './rules.ts';

const stacks = [
  { id: 'prod/Data', target: { account: '222222222222', region: 'us-east-1' } },
  { id: 'Tool', target: { account: 'unknown-account', region: 'unknown-region' } },
] as unknown as AssemblyStack[];

const caller = async () => ({ account: '111111111111', region: 'eu-west-1', partition: 'aws', arn: 'arn' });

const file = (refused: Readonly<Record<string, readonly PlanRule[]>>): WorkspaceRules => ({
  rulesFor: (id, target) => refused[`${id} ${target}`] ?? [],
  accept: [],
  file: 'environments.json',
});

test('names the rules of all files, by stack and the target that it goes to', async () => {
  const files = [
    file({ 'prod/Data 222222222222/us-east-1': ['deletes-stateful'] }),
    file({
      'prod/Data 222222222222/us-east-1': ['public-access', 'deletes-stateful'],
      'Tool 111111111111/eu-west-1': ['public-access'],
    }),
  ];
  expect([...(await ruledStacks(stacks, files, { caller }))]).toEqual([
    ['prod/Data', 'deletes-stateful, public-access'],
    ['Tool', 'public-access'],
  ]);
});

test('names no stack without a rule, and asks nobody who calls if there is none at all', async () => {
  expect([...(await ruledStacks(stacks, [file({})], { caller }))]).toEqual([]);
  const nobody = () => Promise.reject(new Error('asked'));
  expect([...(await ruledStacks(stacks, [], { caller: nobody }))]).toEqual([]);
});
