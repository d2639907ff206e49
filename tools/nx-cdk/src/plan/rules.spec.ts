import type { PlanException, PlanRule } from '@nx-cdk/environments';
import { judge, requireDeletable, type WorkspaceRules } from './rules.ts';
import { change, plannedDeletion, plannedStack } from './testing/plans.ts';

const TODAY = '2026-07-01';

const TABLE = { resourceType: 'AWS::DynamoDB::Table', constructPath: 'staging/Data/Orders/Resource' };

/** Replaces a table, lets everybody send to a queue, and adds a function URL without sign-in. */
const STACK = plannedStack('staging/Data', {
  changes: [change('Orders', { ...TABLE, replacement: 'always', data: 'lost' })],
  permissions: {
    widened: true,
    lines: [
      { widens: true, public: true, resource: 'staging/Data/Queue/Policy', text: '+ Allow sqs:* on q to *' },
      { widens: false, text: '- Allow sqs:SendMessage on q to ${Role}' },
    ],
  },
  exposed: [{ resource: 'staging/Data/Url', text: 'its function URL asks for no sign-in' }],
});

const ALL: readonly PlanRule[] = ['deletes-stateful', 'widens-permissions', 'public-access'];

const rules = (refuse: readonly PlanRule[], ...accept: readonly PlanException[]): WorkspaceRules[] => [
  { rulesFor: () => refuse, accept, file: 'environments.json' },
];

const exception = (more: Partial<PlanException> = {}): PlanException => ({
  rule: 'deletes-stateful',
  stack: 'staging/Data',
  reason: 'the orders have moved',
  until: TODAY,
  ...more,
});

describe('a plan', () => {
  test.each<[PlanRule, (string | undefined)[], string]>([
    ['deletes-stateful', ['staging/Data/Orders/Resource'], 'AWS::DynamoDB::Table is replaced with its data'],
    ['widens-permissions', ['staging/Data/Queue/Policy'], 'allows more than now: + Allow sqs:* on q to *'],
    ['public-access', ['staging/Data/Queue/Policy', 'staging/Data/Url'], 'lets everybody in: + Allow sqs:* on q to *'],
  ])('is refused by %s alone for %j', (rule, resources, what) => {
    const { refused, accepted, refusal } = judge([STACK], [], rules([rule]), TODAY);
    expect(refused.map(({ resource }) => resource)).toEqual(resources);
    expect(refused[0]).toMatchObject({ rule, stack: 'staging/Data', what });
    expect(accepted).toEqual([]);
    expect(refusal).toMatchObject({ code: 'PlanRefused', subject: 'staging/Data' });
    expect(refusal!.message).toContain(`${rule} refuses it: ${resources[0]}: ${what}`);
  });

  test('is refused by nothing if no rule is set, or no change breaks one', () => {
    const nothing = { refused: [], accepted: [], unused: [], refusal: undefined };
    expect(judge([STACK], [], rules([]), TODAY)).toEqual(nothing);
    expect(judge([STACK], [], [], TODAY)).toEqual(nothing);
    expect(judge([plannedStack('staging/Data')], [], rules(ALL), TODAY)).toEqual(nothing);
  });

  test.each([
    ['kept', []],
    ['snapshot', ['AWS::DynamoDB::Table is deleted and leaves a snapshot']],
    ['lost', ['AWS::DynamoDB::Table is deleted with its data']],
  ] as const)('that removes a table whose data is %s: %j', (data, whats) => {
    const stack = plannedStack('staging/Data', { changes: [change('Orders', { ...TABLE, action: 'Remove', data })] });
    const { refused } = judge([stack], [], rules(['deletes-stateful']), TODAY);
    expect(refused.map(({ what }) => what)).toEqual(whats);
  });

  test('that changes a nested stack may delete what is in it', () => {
    const nested = change('Nested', { resourceType: 'AWS::CloudFormation::Stack', properties: ['TemplateURL'] });
    const { refused } = judge([plannedStack('a', { changes: [nested] })], [], rules(['deletes-stateful']), TODAY);
    expect(refused).toMatchObject([{ resource: 'Nested', what: expect.stringContaining('is not known') }]);
  });
});

describe('an exception', () => {
  const accepted = (more: Partial<PlanException>) =>
    judge([STACK], [], rules(['deletes-stateful'], exception(more)), TODAY);

  test.each([
    ['until today, in UTC', {}],
    ['for all stacks of an environment', { stack: 'staging/**' }],
    ['for the resource', { resource: 'staging/Data/Orders/*' }],
  ])('%s accepts a change, with its reason and date', (_, more) => {
    const verdict = accepted(more);
    expect(verdict.refused).toEqual([]);
    expect(verdict.accepted).toMatchObject([
      { rule: 'deletes-stateful', resource: TABLE.constructPath, reason: 'the orders have moved', until: TODAY },
    ]);
    expect(verdict).toMatchObject({ unused: [], refusal: undefined });
  });

  test('that has run out refuses, and says what it was and until when', () => {
    const { refused, refusal } = accepted({ until: '2026-06-30' });
    expect(refused).toMatchObject([{ ended: { until: '2026-06-30', reason: 'the orders have moved' } }]);
    expect(refusal!.message).toContain('(it was accepted until 2026-06-30: the orders have moved)');
  });

  test('that has run out does not undo another one that holds', () => {
    const both = rules(['deletes-stateful'], exception({ until: '2026-06-30' }), exception({ until: '2027-01-01' }));
    expect(judge([STACK], [], both, TODAY)).toMatchObject({ refused: [], accepted: [{ until: '2027-01-01' }] });
  });

  test.each([
    ['another rule', { rule: 'public-access' }],
    ['another resource', { resource: 'staging/Data/Other/*' }],
  ] as const)('for %s is no help, and is told to fit nothing', (_, more) => {
    const { refused, unused } = accepted(more);
    expect(refused).toHaveLength(1);
    expect(unused).toEqual([expect.stringMatching(/^The exception of .* for staging\/Data.* fits nothing here: /)]);
  });

  test('for a stack that this is not about is not told: another app may need it', () => {
    expect(accepted({ stack: 'staging/Other' })).toMatchObject({ refused: [{}], unused: [] });
  });

  test('holds for the rules of its own file only', () => {
    const [own] = rules(['deletes-stateful'], exception());
    const [workspace] = rules(['deletes-stateful']);
    expect(judge([STACK], [], [own!, workspace!], TODAY)).toMatchObject({ refused: [{}], accepted: [{}] });
  });
});

test('deletions of what was left behind are refused by their stack names, and accepted by them', () => {
  const deletion = plannedDeletion('Shop-Old');
  expect(() => requireDeletable([deletion], rules(['deletes-stateful']), TODAY)).toThrow(
    /^Shop-Old: deletes-stateful refuses it: Orders: AWS::DynamoDB::Table is deleted with its data: nothing of it/,
  );
  const accepting = rules(['deletes-stateful'], exception({ stack: 'Shop-Old' }));
  expect(() => requireDeletable([deletion], accepting, TODAY)).not.toThrow();
  const made = plannedDeletion('Shop-Old', { changes: [], transformed: true });
  expect(() => requireDeletable([made], rules(['deletes-stateful']), TODAY)).toThrow(
    /it may hold data in resources that/,
  );
});
