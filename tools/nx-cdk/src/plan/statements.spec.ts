import { additionWidens, removalWidens, type Statement, wordStatement } from './statements.ts';

interface Given {
  readonly effect?: string;
  readonly actions?: readonly string[];
  readonly resources?: readonly string[];
  readonly principals?: readonly string[];
  readonly condition?: unknown;
  readonly notActions?: boolean;
  readonly rendered?: string;
}

function statement(given: Given = {}): Statement {
  const {
    effect = 'Allow',
    actions = ['sqs:SendMessage'],
    resources = ['${Queue.Arn}'],
    principals = ['AWS:${Role}'],
  } = given;
  return {
    effect,
    actions: { values: actions, not: given.notActions ?? false },
    resources: { values: resources, not: false },
    principals: { values: principals, not: false },
    condition: given.condition,
    render: () => ({ resource: given.rendered ?? '{"Fn::If":["Prod",{},{}]}' }),
  };
}

const condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } };

test.each<[string, Given, string]>([
  ['one statement', {}, 'Allow sqs:SendMessage on ${Queue.Arn} to ${Role}'],
  [
    'all of its parts',
    { effect: 'Deny', actions: ['s3:Get*', 's3:List*'], principals: ['Service:sns.amazonaws.com'], condition },
    'Deny s3:Get*, s3:List* on ${Queue.Arn} to Service:sns.amazonaws.com if StringEquals aws:PrincipalOrgID (value hidden)',
  ],
  [
    'conditions without what they compare with: it may be a secret',
    {
      condition: {
        StringEquals: { 'sts:ExternalId': 'hunter2', 'aws:Referer': ['hunter3'] },
        'Fn::If': ['Prod', { Bool: 'hunter4' }],
      },
    },
    'Allow sqs:SendMessage on ${Queue.Arn} to ${Role} if StringEquals sts:ExternalId, StringEquals aws:Referer, Fn::If (values hidden)',
  ],
  [
    'what is decided later, without what its conditions compare with',
    { effect: 'Unknown', rendered: '{"Fn::If":["Prod",{"Condition":{"StringLike":{"sts:ExternalId":"hunter2"}}},{}]}' },
    'what becomes of {"Fn::If":["Prod",{"Condition":"StringLike sts:ExternalId (value hidden)"},{}]} to ${Role}',
  ],
  ['all but some', { notActions: true }, 'Allow all but sqs:SendMessage on ${Queue.Arn} to ${Role}'],
  ['what is decided later', { effect: 'Unknown' }, 'what becomes of {"Fn::If":["Prod",{},{}]} to ${Role}'],
])('words %s in one line', (_, given, line) => {
  expect(wordStatement(statement(given))).toBe(line);
});

describe('a statement that comes widens', () => {
  test.each<[string, Given, Given[]]>([
    ['where nothing was allowed', {}, []],
    ['by another action', { actions: ['sqs:SendMessage', 'sqs:PurgeQueue'] }, [{}]],
    ['by a wildcard', { actions: ['sqs:*'] }, [{}]],
    ['by another resource', { resources: ['*'] }, [{}]],
    ['by somebody else', { principals: ['AWS:${Other}'] }, [{}]],
    ['by a condition less', {}, [{ condition }]],
    ['by another condition', { condition: { Bool: { 'aws:SecureTransport': 'true' } } }, [{ condition }]],
    ['where only a denial said the same', {}, [{ effect: 'Deny' }]],
    [
      'by an action in part of its resources',
      { resources: ['a', 'b'] },
      [{ resources: ['a'] }, { resources: ['b'], actions: ['sqs:Get'] }],
    ],
    ['where it names what it leaves out', { notActions: true }, [{ actions: ['*'], resources: ['*'] }]],
    ['where nobody can read it', { effect: 'Unknown' }, [{ actions: ['*'], resources: ['*'] }]],
    ['where a question mark stood for one character only', { actions: ['sqs:*'] }, [{ actions: ['sqs:?'] }]],
  ])('%s', (_, given, before) => {
    expect(additionWidens(statement(given), before.map(statement))).toBe(true);
  });
});

describe('a statement that comes does not widen', () => {
  test.each<[string, Given, Given[]]>([
    ['where it denies', { effect: 'Deny' }, []],
    ['where more was allowed', {}, [{ actions: ['sqs:SendMessage', 'sqs:PurgeQueue'] }]],
    [
      'where a wildcard allowed it, however it is written',
      { actions: ['SQS:SendMessage'] },
      [{ actions: ['sqs:Send*'], resources: ['*'] }],
    ],
    ['where everybody was allowed', {}, [{ principals: ['*'] }]],
    ['where it is bound to a condition now', { condition }, [{}]],
    ['where several together allowed it', { resources: ['a', 'b'] }, [{ resources: ['a'] }, { resources: ['b'] }]],
  ])('%s', (_, given, before) => {
    expect(additionWidens(statement(given), before.map(statement))).toBe(false);
  });
});

test('a statement that goes widens where it denied what nothing else denies', () => {
  const denial = statement({ effect: 'Deny' });
  expect(removalWidens(denial, [])).toBe(true);
  expect(removalWidens(denial, [statement()])).toBe(true);
  expect(removalWidens(denial, [statement({ effect: 'Deny', actions: ['sqs:*'] })])).toBe(false);
  expect(removalWidens(statement({ effect: 'Unknown' }), [])).toBe(true);
  expect(removalWidens(statement(), [])).toBe(false);
});
