import { changeOf } from './change.ts';
import type { BootstrapRequest, BootstrapTarget } from './request.ts';
import type { FoundToolkitStack } from './toolkit-stack.ts';

const CI = '123456789012';
const OTHER = '999999999999';
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';
const TEMPLATE = { version: 32, variant: 'AWS CDK: Default Resources' };

const target: BootstrapTarget = {
  label: 'staging',
  account: '111111111111',
  region: 'eu-west-1',
  qualifier: 'hnb659fds',
  access: { roleArn: 'arn:aws:iam::111111111111:role/OrganizationAccountAccessRole', roleIsChosen: false },
  trust: [CI],
  executionPolicies: [ADMIN],
};

const asWanted: FoundToolkitStack = {
  status: 'UPDATE_COMPLETE',
  version: 32,
  readsImages: true,
  parameters: {
    Qualifier: 'hnb659fds',
    TrustedAccounts: CI,
    TrustedAccountsForLookup: CI,
    CloudFormationExecutionPolicies: ADMIN,
    BootstrapVariant: TEMPLATE.variant,
  },
};

function change(
  found: FoundToolkitStack | undefined,
  more: { target?: Partial<BootstrapTarget>; request?: Partial<BootstrapRequest>; template?: undefined } = {},
) {
  const wish = { ...target, ...more.target };
  const request = { targets: [wish], ...more.request };
  return changeOf(wish, request, { name: 'CDKToolkit', found }, 'template' in more ? undefined : TEMPLATE);
}

function with_(parameters: Record<string, string>, more: Partial<FoundToolkitStack> = {}): FoundToolkitStack {
  return { ...asWanted, ...more, parameters: { ...asWanted.parameters, ...parameters } };
}

describe('what has to be done to a target', () => {
  test('nothing, where version and parameters match', () => {
    expect(change(asWanted)).toMatchObject({ action: 'nothing', differences: [] });
  });

  test('nothing, where the lists are in another order', () => {
    const policies = [ADMIN, 'arn:aws:iam::aws:policy/ReadOnlyAccess'];
    const found = with_({ CloudFormationExecutionPolicies: policies.toReversed().join(', ') });
    expect(change(found, { target: { executionPolicies: policies } })).toMatchObject({ action: 'nothing' });
  });

  test('everything, where there is no bootstrap', () => {
    expect(change(undefined)).toMatchObject({
      action: 'create',
      trust: [CI],
      differences: [
        'not bootstrapped yet',
        `trust +${CI}`,
        `lookup trust +${CI}`,
        `execution policies +${ADMIN}`,
        'deploy role may read image digests',
      ],
    });
  });

  test('everything, where a stack never came to life: what it was asked for is not there', () => {
    const wish = { ...target, executionPolicies: undefined, initialExecutionPolicies: [ADMIN] };
    const stack = { name: 'CDKToolkit', found: undefined, remains: 'ROLLBACK_COMPLETE' };
    expect(changeOf(wish, { targets: [wish] }, stack, TEMPLATE)).toMatchObject({
      action: 'create',
      executionPolicies: [ADMIN],
      existing: {},
      differences: expect.arrayContaining(['its stack CDKToolkit is in ROLLBACK_COMPLETE and is deleted first']),
    });
  });

  test('an update, where something was changed by hand', () => {
    const repairs = ['the bucket cdk-assets is gone'];
    const stack = { name: 'CDKToolkit', found: asWanted };
    const found = changeOf(target, { targets: [target] }, stack, TEMPLATE, { repairs });
    expect(found).toMatchObject({ action: 'update', differences: repairs });
  });

  test.each([
    ['an older version', with_({}, { version: 21 }), 'version 21 -> 32'],
    [
      'a stack in a bad state',
      with_({}, { status: 'UPDATE_ROLLBACK_FAILED' }),
      'its stack CDKToolkit is in UPDATE_ROLLBACK_FAILED',
    ],
    [
      'a deploy role that may not read image digests',
      with_({}, { readsImages: false }),
      'deploy role may read image digests',
    ],
    ['missing trust', with_({ TrustedAccounts: '' }), `trust +${CI}`],
    ['missing lookup trust', with_({ TrustedAccountsForLookup: '' }), `lookup trust +${CI}`],
    [
      'other policies',
      with_({ CloudFormationExecutionPolicies: 'arn:aws:iam::aws:policy/PowerUserAccess' }),
      `execution policies +${ADMIN} -arn:aws:iam::aws:policy/PowerUserAccess`,
    ],
  ])('an update, for %s', (_, found, difference) => {
    expect(change(found)).toMatchObject({ action: 'update', template: 'toolkit', differences: [difference] });
  });

  test('an update, where it is forced or where the version of the template is not known', () => {
    expect(change(asWanted, { request: { force: true } }).action).toBe('update');
    expect(change(asWanted, { template: undefined }).action).toBe('update');
  });
});

describe('trust that is there and that nothing names', () => {
  const found = with_({ TrustedAccounts: `${CI},${OTHER}`, TrustedAccountsForLookup: `${CI},${OTHER}` });

  test('is taken away, and said to be', () => {
    expect(change(found)).toMatchObject({
      action: 'update',
      trust: [CI],
      removedTrust: [OTHER],
      differences: [`trust -${OTHER}`, `lookup trust -${OTHER}`],
    });
  });

  test('stays where it is to be kept, and is no difference then', () => {
    expect(change(found, { request: { keepTrust: true } })).toMatchObject({ action: 'nothing', removedTrust: [] });
  });

  test('stays where nobody states what trust there should be', () => {
    const stated = { trust: undefined, executionPolicies: undefined };
    expect(change(found, { target: stated })).toMatchObject({ action: 'nothing', trust: undefined, removedTrust: [] });
  });
});

describe('a template that the toolkit would not replace', () => {
  test.each([
    ['a newer one', { version: 40 }, {}],
    ['an organization’s own', { version: 32 }, { BootstrapVariant: 'Example Corp' }],
    ['an organization’s own of a lower version', { version: 6 }, { BootstrapVariant: 'Example Corp' }],
  ])('is kept while its parameters change: %s', (_, more, parameters) => {
    const found = with_({ ...parameters, TrustedAccounts: '' }, more);
    expect(change(found)).toMatchObject({
      action: 'update',
      template: 'deployed',
      differences: [`trust +${CI}`, `keeping its template, version ${more.version}`],
    });
    expect(change(with_(parameters, more))).toMatchObject({ action: 'nothing' });
  });

  test('lets the deploy role read image digests where it is CDK’s own', () => {
    const newer = with_({}, { version: 40, readsImages: false });
    expect(change(newer)).toMatchObject({
      action: 'update',
      template: 'deployed',
      readsImages: true,
      differences: ['deploy role may read image digests', 'keeping its template, version 40'],
    });
    // Trust alone changes: the permission is given once more, and is no difference.
    expect(change(with_({ TrustedAccounts: '' }, { version: 40 }))).toMatchObject({
      readsImages: true,
      differences: [`trust +${CI}`, 'keeping its template, version 40'],
    });
  });

  test('is left alone where it is an organization’s own, and says nothing of image digests', () => {
    const own = with_({ BootstrapVariant: 'Example Corp' }, { readsImages: false });
    expect(change(own)).toMatchObject({ action: 'nothing', readsImages: false, differences: [] });
    expect(
      change(with_({ BootstrapVariant: 'Example Corp', TrustedAccounts: '' }, { readsImages: false })),
    ).toMatchObject({
      template: 'deployed',
      readsImages: false,
      differences: [`trust +${CI}`, 'keeping its template, version 32'],
    });
    expect(change(own, { request: { force: true } })).toMatchObject({ template: 'toolkit', readsImages: true });
  });

  test('is left alone where it has no place for the permission to read image digests', () => {
    const newer = with_({}, { version: 40, readsImages: false });
    const request = { targets: [target] };
    const stack = { name: 'CDKToolkit', found: newer };
    expect(changeOf(target, request, stack, TEMPLATE, { canReadImages: false })).toMatchObject({ action: 'nothing' });
  });

  test('is replaced where that is forced', () => {
    const found = with_({ BootstrapVariant: 'Example Corp' }, { version: 40 });
    expect(change(found, { request: { force: true } })).toMatchObject({ action: 'update', template: 'toolkit' });
  });
});

describe('policies for a place that has none yet', () => {
  const initial = { executionPolicies: undefined, initialExecutionPolicies: [ADMIN] };

  test('are given to a new bootstrap', () => {
    expect(change(undefined, { target: initial })).toMatchObject({ action: 'create', executionPolicies: [ADMIN] });
  });

  test('do not replace those that are there', () => {
    const narrow = with_({ CloudFormationExecutionPolicies: 'arn:aws:iam::aws:policy/PowerUserAccess' });
    expect(change(narrow, { target: initial })).toMatchObject({ action: 'nothing', executionPolicies: undefined });
  });
});

describe('what is refused', () => {
  test('changing the qualifier of a stack, which would delete the roles of every app that uses it', () => {
    expect(() => change(with_({ Qualifier: 'another' }), { request: { toolkitStackName: 'CDKToolkit' } })).toThrow(
      'The stack CDKToolkit of 111111111111/eu-west-1 holds the bootstrap of qualifier another',
    );
  });

  test('trusting an account without a word on what CloudFormation may do', () => {
    expect(() => change(undefined, { target: { executionPolicies: undefined } })).toThrow('--executionPolicies');
    expect(change(asWanted, { target: { executionPolicies: undefined } }).action).toBe('nothing');
  });
});
