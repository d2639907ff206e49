import { planAsText } from './text.ts';
import { change, EXAMPLE, plannedDeletion, plannedStack, planOf } from './testing/plans.ts';
import { summaryOf } from './wording.ts';

const DIGEST = 'b'.repeat(64);

test('a plan is a table of all stacks, then each one that changes, what matters most first', () => {
  expect(planAsText(EXAMPLE, DIGEST, 100).split('\n')).toEqual([
    'plan bbbbbbbbbbbb of infra, release aaaaaaaaaaaa',
    '',
    'stack            where                   change           attention',
    '───────────────  ──────────────────────  ───────────────  ───────────',
    'staging/Data     111111111111/eu-west-1  update +1 ±1 -1  data loss',
    'staging/Service  111111111111/eu-west-1  create +1        allows more',
    'prod/Data        222222222222/us-east-1  unchanged',
    '',
    'staging/Data (111111111111/eu-west-1): update, 1 added, 1 replaced, 1 removed; template differs',
    '  what     resource  type                  details',
    '  ───────  ────────  ────────────────────  ───────────────────────',
    '  replace  Orders    AWS::DynamoDB::Table  data is lost; KeySchema',
    '  remove   Uploads   AWS::S3::Bucket       data is kept',
    '  add      Jobs      AWS::SQS::Queue',
    '',
    'staging/Service (111111111111/eu-west-1): create, 1 added',
    '  what  resource  type            details',
    '  ────  ────────  ──────────────  ───────',
    '  add   Role      AWS::IAM::Role',
    '  allows more than now:',
    '    - Allow sqs:ReceiveMessage on ${Queue.Arn} to ${Role}',
    '  ! + Allow sqs:* on ${Queue.Arn} to ${Role}',
  ]);
});

test('fits into 80 columns, and what makes a reviewer look twice is not cut away', () => {
  const Orders = change('Orders', {
    resourceType: 'AWS::DynamoDB::GlobalTable',
    replacement: 'always',
    data: 'lost',
    properties: ['AttributeDefinitions', 'KeySchema'],
  });
  const stack = plannedStack('staging/WarehouseAndShipping', {
    changes: [Orders, change('Queue'), change('Jobs', { action: 'Add' }), change('Old', { action: 'Remove' })],
    permissions: { widened: true, lines: [] },
  });
  const [table = '', resources = ''] = planAsText(planOf(stack), DIGEST, 80).split(
    /^staging\/WarehouseAndShipping \(.*$/m,
  );
  for (const line of `${table}${resources}`.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(table).toMatch(/^staging\/.* {2}111111111111\/.* {2}update \+1 ~1 ±1 -1 {2}data loss, allows more$/m);
  expect(resources).toMatch(/^ {2}replace +Orders +AWS::DynamoDB::GlobalTable +data is lost; .*…$/m);
});

test('says which stacks are deployed in express mode', () => {
  const text = planAsText(planOf(plannedStack('Data', { deploymentMode: 'express' })), DIGEST);
  expect(text).toMatch(/: update in express mode, no resource changes; template differs/);
});

test('says which outputs change', () => {
  const outputs = { added: [], changed: ['Url'], removed: ['Arn', 'Name'] };
  const text = planAsText(planOf(plannedStack('Data', { outputs })), DIGEST);
  expect(text).toContain(
    ': update, 1 output changed, 2 outputs removed; template differs; outputs changed: Url; removed: Arn, Name',
  );
});

test('says where less is allowed, and where only tags change', () => {
  const lines = [{ widens: false, text: '- Allow a:b on * to ${Role}' }];
  const text = planAsText(planOf(plannedStack('Data', { permissions: { widened: false, lines } })), DIGEST);
  expect(text).toMatch(/no resource changes; template differs\n/);
  expect(text).toMatch(/\n {2}allows less than now, or the same in other words:\n {4}- Allow a:b/);
  expect(text).not.toMatch(/allows more/);
});

test('what came from a template can neither start a line nor move the cursor', () => {
  const evil = change('Evil\n\u001b[2JQueue', { properties: ['a\r\nb'] });
  const lines = [{ widens: true, text: '+ Allow\n✔ done' }];
  const stack = plannedStack('Data', { changes: [evil], permissions: { widened: true, lines } });
  const text = planAsText(planOf(stack), DIGEST);
  expect(text).toMatch(/^ {2}change {2}Evil Queue {2}AWS::SQS::Queue {2}a b$/m);
  expect(text).toMatch(/^ {2}! \+ Allow ✔ done$/m);
});

test('is summed up in one line', () => {
  expect(summaryOf(EXAMPLE.stacks)).toBe(
    '3 stacks: 1 to create, 1 to update, 1 unchanged; data is lost in 1; more is allowed in 1',
  );
  expect(summaryOf([])).toBe('0 stacks: nothing to do');
});

test('what is deleted in the end comes last, with what becomes of its data', () => {
  const deletions = [
    plannedDeletion('staging-Old'),
    plannedDeletion('staging-Older', { changes: [], transformed: true }),
  ];
  const text = planAsText({ ...planOf(), deletions }, DIGEST, 100);
  expect(text.split('\n').slice(-9)).toEqual([
    '2 stacks were left behind and are deleted, in this order:',
    '',
    'staging-Old (111111111111/eu-west-1): delete, 1 resource, 1 stays; last deployed 2026-01-01T10:00:00Z',
    '  what    resource  type                  details',
    '  ──────  ────────  ────────────────────  ────────────',
    '  remove  Orders    AWS::DynamoDB::Table  data is lost',
    '  stays   Uploads   AWS::S3::Bucket       data is kept',
    '',
    'staging-Older (111111111111/eu-west-1): delete, 0 resources and what a transform made; last deployed 2026-01-01T10:00:00Z',
  ]);
  expect(summaryOf(EXAMPLE.stacks, deletions)).toMatch(/; 2 left behind to delete; data is lost in 2;/);
  expect(planAsText({ ...planOf(), deletions: [] }, DIGEST)).toMatch(/^No stack is deleted: /m);
});
