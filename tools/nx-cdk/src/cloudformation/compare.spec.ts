import { changeSetName, parseChangeSetName } from './change-set-name.ts';
import type { DescribedStack } from './described-stack.ts';
import { type DesiredStack, desiredStack } from './desired.ts';
import type { ResolvedStack } from './resolved-stack.ts';
import type { TemplateParameter } from './template.ts';
import { compareStack } from './compare.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const ROLE = 'arn:aws:iam::111111111111:role/execution';

function desired(
  more: {
    parameters?: Record<string, string>;
    declared?: Record<string, Partial<TemplateParameter>>;
    tags?: Record<string, string>;
    topics?: string[];
    digest?: string;
  } = {},
): DesiredStack {
  const declared = Object.entries(more.declared ?? {}).map(
    ([name, one]) => [name, { noEcho: false, fromSsm: false, ...one }] as const,
  );
  const stack = { stackName: 'Data', tags: more.tags, notificationArns: more.topics };
  const resolved = {
    stack,
    targetName: '111111111111/eu-west-1',
    executionRoleArn: ROLE,
    resolve: (text: string) => text,
  } as unknown as ResolvedStack;
  const template = {
    digest: more.digest ?? 'template',
    bytes: 2,
    parameters: new Map(declared),
    resources: new Map(),
    mayMove: [],
    exports: new Map(),
    text: () => '{}',
  };
  return desiredStack(resolved, template, new Map(Object.entries(more.parameters ?? {})));
}

function current(wanted: DesiredStack, more: Partial<DescribedStack> = {}): DescribedStack {
  return {
    name: 'Data',
    id: 'arn:aws:cloudformation:eu-west-1:111111111111:stack/Data/1',
    status: 'UPDATE_COMPLETE',
    changeSetId: `arn:aws:cloudformation:eu-west-1:111111111111:changeSet/${changeSetName(wanted.digest, NOW)}/1`,
    updatedAt: NOW + 3000,
    parameters: {},
    tags: {},
    roleArn: ROLE,
    notificationArns: [],
    terminationProtection: false,
    outputs: {},
    exports: {},
    ...more,
  };
}

describe('a stack is unchanged', () => {
  test('where its last change set carries the digest and everything told agrees', () => {
    const wanted = desired();

    expect(compareStack(wanted, current(wanted))).toEqual([]);
  });

  test('whatever tags AWS itself has set', () => {
    const wanted = desired({ tags: { team: 'orders' } });

    expect(compareStack(wanted, current(wanted, { tags: { team: 'orders', 'aws:servicecatalog:x': 'y' } }))).toEqual(
      [],
    );
  });

  test('whatever tags and topics it has, where nobody states any', () => {
    const wanted = desired();

    const found = current(wanted, { tags: { cost: 'center' }, notificationArns: ['topic'] });
    expect(compareStack(wanted, found)).toEqual([]);
  });

  test('where CloudFormation does not tell a role: a role alone cannot be changed', () => {
    const wanted = desired();

    expect(compareStack(wanted, current(wanted, { roleArn: undefined }))).toEqual([]);
  });
});

describe('a stack has to be compared by its template', () => {
  const wanted = desired();
  test.each([
    [
      'the change set is not ours',
      { changeSetId: 'arn:aws:cloudformation:eu-west-1:1:changeSet/cdk-deploy-change-set/1' },
    ],
    ['there is no change set', { changeSetId: undefined }],
    ['the digest is another one', { changeSetId: `x/${changeSetName('0'.repeat(32), NOW)}/1` }],
    ['the last operation began long after the change set', { updatedAt: NOW + 120_000 }],
    ['the last operation began before the change set', { updatedAt: NOW - 120_000 }],
    ['the change set failed and was rolled back', { status: 'UPDATE_ROLLBACK_COMPLETE' }],
    ['resources were imported', { status: 'IMPORT_COMPLETE' }],
  ])('where %s', (_, more) => {
    expect(compareStack(wanted, current(wanted, more))).toBeUndefined();
  });
});

describe('a stack is changed', () => {
  test.each<[string, Parameters<typeof desired>[0], Partial<DescribedStack>]>([
    ['tags differ', { tags: { team: 'orders' } }, {}],
    ['tags differ', { tags: {} }, { tags: { team: 'orders' } }],
    ['notification topics differ', { topics: [] }, { notificationArns: ['topic'] }],
    ['execution role differs', {}, { roleArn: 'arn:aws:iam::111111111111:role/other' }],
    ['notification topics differ', { topics: ['arn:aws:sns:eu-west-1:111111111111:topic'] }, {}],
    [
      'parameter Size differs',
      { declared: { Size: {} }, parameters: { Size: 'large' } },
      { parameters: { Size: 'small' } },
    ],
    [
      'parameter Secret is secret and cannot be compared',
      { declared: { Secret: { noEcho: true } }, parameters: { Secret: 's' } },
      {},
    ],
    ['parameter Image is read from SSM and may have changed', { declared: { Image: { fromSsm: true } } }, {}],
    ['status is CREATE_FAILED', {}, { status: 'CREATE_FAILED' }],
  ])('because %s', (reason, wish, found) => {
    const wanted = desired(wish);

    expect(compareStack(wanted, current(wanted, found))).toEqual([reason]);
  });
});

describe('the digest', () => {
  test('changes with everything a change set holds', () => {
    const digests = [
      desired(),
      desired({ digest: 'other' }),
      desired({ tags: { team: 'orders' } }),
      desired({ topics: ['topic'] }),
      desired({ declared: { Size: {} }, parameters: { Size: 'large' } }),
    ].map(({ digest }) => digest);

    expect(new Set(digests).size).toBe(digests.length);
  });

  test('tells nothing of a secret, so that guesses cannot be tried out against it', () => {
    const secret = (value: string) =>
      desired({ declared: { Secret: { noEcho: true } }, parameters: { Secret: value } }).digest;

    expect(secret('one')).toBe(secret('two'));
  });

  test('and the time can be read back from the name of the change set, which CloudFormation accepts', () => {
    const name = changeSetName(desired().digest, NOW);

    expect(name).toMatch(/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/);
    expect(parseChangeSetName(`arn:aws:cloudformation:eu-west-1:1:changeSet/${name}/uuid`)).toEqual({
      digest: desired().digest,
      createdAt: NOW,
    });
  });
});
