import type { PlanException, PlanRule } from '@nx-cdk/environments';
import { queues } from '../cloudformation/testing/assembly.ts';
import { cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import type { WorkspaceRules } from '../plan/index.ts';
import { destroy } from './index.ts';

const TABLE = (more: object = {}) =>
  JSON.stringify({
    Resources: { Orders: { Type: 'AWS::DynamoDB::Table', ...more }, Topic: { Type: 'AWS::SNS::Topic' } },
  });

const rules = (refuse: readonly PlanRule[], ...accept: readonly PlanException[]): WorkspaceRules[] => [
  { rulesFor: (id) => (id.startsWith('prod/') ? refuse : []), accept, file: 'environments.json' },
];
const exception: PlanException = {
  rule: 'deletes-stateful',
  stack: 'prod/*',
  resource: 'prod/Data/Orders/**',
  reason: 'it moved',
  until: '9999-12-31',
};

/** Destroys a stack of an environment with rules, and one of another. */
async function run(refuse: WorkspaceRules[], more: object = {}, confirm?: () => Promise<boolean>) {
  const assembly = given([
    {
      id: 'prod/Data',
      stackName: 'prod-Data',
      resources: new Map([['Orders', { constructPath: 'prod/Data/Orders/Resource' }]]),
    },
    { id: 'staging/Data', stackName: 'staging-Data' },
  ]);
  const request = { assembly, stacks: assembly.stacks.map(({ id }) => id), rules: refuse, ...more };
  return destroy(request, { ...dependencies(), ...(confirm && { confirm }) });
}

const left = () =>
  [...cloud.stacks.values()].filter(({ status }) => status !== 'DELETE_COMPLETE').map(({ name }) => name);
const put = (template: string) => {
  cloud.put('prod-Data', 'UPDATE_COMPLETE', { template });
  cloud.put('staging-Data', 'UPDATE_COMPLETE', { template: TABLE() });
};
const told = () => events.flatMap((event) => (event.type === 'message' ? [`${event.level}: ${event.text}`] : []));

test('a rule against the deletion of data refuses a stack that holds any, before anybody is asked', async () => {
  put(TABLE());
  const asked: string[] = [];
  const refused = run(rules(['deletes-stateful']), {}, async () => Boolean(asked.push('asked')));
  await expect(refused).rejects.toMatchObject({
    code: 'PlanRefused',
    subject: 'prod/Data',
    message: expect.stringContaining(
      'prod/Data/Orders/Resource: AWS::DynamoDB::Table is deleted with its data: nothing of it may be deleted',
    ),
  });
  expect(asked).toEqual([]);
  expect(left()).toEqual(['prod-Data', 'staging-Data']);
});

test.each([
  ['it has another rule', TABLE(), rules(['public-access', 'widens-permissions'])],
  ['the data is kept', TABLE({ DeletionPolicy: 'Retain' }), rules(['deletes-stateful'])],
  ['it holds none', JSON.stringify(queues()), rules(['deletes-stateful'])],
  ['there is no rule', TABLE(), []],
])('a stack is deleted if %s', async (_, template, refuse) => {
  put(template);
  expect(await run(refuse)).toMatchObject({ success: true });
  expect(left()).toEqual([]);
});

test('an exception lets it go, and is told with its reason and date', async () => {
  put(TABLE());
  expect(await run(rules(['deletes-stateful'], exception))).toMatchObject({ success: true });
  expect(left()).toEqual([]);
  expect(told()).toEqual([
    'info: prod/Data: deletes-stateful, accepted until 9999-12-31 (it moved): prod/Data/Orders/Resource: AWS::DynamoDB::Table is deleted with its data',
  ]);
});

test.each([
  ['is written by hand in YAML', 'Resources:\n  Orders: {}\n'],
  ['has a transform', JSON.stringify({ Transform: 'AWS::Serverless-2016-10-31', Resources: {} })],
  ['has a nested stack', JSON.stringify({ Resources: { Nested: { Type: 'AWS::CloudFormation::Stack' } } })],
])('a stack whose template %s may hold anything', async (_, template) => {
  put(template);
  await expect(run(rules(['deletes-stateful']))).rejects.toMatchObject({ code: 'PlanRefused' });
  expect(left()).toEqual(['prod-Data', 'staging-Data']);
});

test('a dry run says what would be refused', async () => {
  put(TABLE());
  const report = await run(rules(['deletes-stateful']), { dryRun: true });
  expect(report).toMatchObject({ success: true, stacks: [{ outcome: 'planned' }, { outcome: 'planned' }] });
  expect(told()).toEqual([
    expect.stringMatching(/^warning: Refused by .* deleted:\n {2}prod\/Data: deletes-stateful refuses it: /),
  ]);
});

test('a table that somebody deploys while the question stands stays', async () => {
  put(JSON.stringify({ Resources: { Topic: { Type: 'AWS::SNS::Topic' } } }));
  const report = await run(rules(['deletes-stateful']), {}, async () => {
    cloud.stacks.get('prod-Data')!.template = TABLE();
    return true;
  });
  expect(report).toMatchObject({ success: false });
  expect(report.stacks[0]).toMatchObject({ outcome: 'failed', failure: { code: 'PlanRefused' } });
  expect(left()).toEqual(['prod-Data']);
});
