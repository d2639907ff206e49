import type { Environments } from '@nx-cdk/environments';
import { type AdmissionSource, admissionOf, type WantedRole } from './admission.ts';

const A = '111111111111';
const B = '222222222222';
const FILE = {
  file: '/shop/environments.json',
  ci: { account: '123456789012', region: 'eu-west-1' },
  qualifier: 'shop01',
  roles: { deploy: ['team/deploy-${AWS::Region}'] },
  environments: [
    { name: 'staging', roles: {}, targets: [{ account: A, region: 'eu-west-1' }] },
    { name: 'prod', roles: {}, targets: [{ account: B, region: 'us-east-1' }] },
  ],
} as unknown as Environments;

const named = (name: string, account = A, partition = 'aws') => `arn:${partition}:iam::${account}:role/${name}`;
const bootstrap = (kind: string, account = A, region = 'eu-west-1', qualifier = 'hnb659fds') =>
  named(`cdk-${qualifier}-${kind}-role-${account}-${region}`, account);

/** Why a deploy role of A/eu-west-1, or whatever the case says, may not be used. */
function reason(arn: string, source: AdmissionSource = {}, role: Partial<WantedRole> = {}, account = A) {
  return admissionOf(source).refusal({ kind: 'deploy', region: 'eu-west-1', arn, ...role }, account)?.reason;
}

describe('without an environments file', () => {
  test('the roles of any bootstrap of the target are admitted, each for its own purpose', () => {
    expect(reason(bootstrap('deploy'))).toBeUndefined();
    expect(reason(bootstrap('deploy', A, 'eu-west-1', 'legacy'))).toBeUndefined();
    expect(reason(bootstrap('image-publishing'), {}, { kind: 'image-publishing' })).toBeUndefined();
  });

  test.each([
    ['one of another purpose', bootstrap('file-publishing')],
    ['one of another account', bootstrap('deploy', B)],
    ['one that only has the name of this account', named(`cdk-x-deploy-role-${A}-eu-west-1`, B)],
    ['one of another region', bootstrap('deploy', A, 'us-east-1')],
    ['one of another partition', bootstrap('deploy').replace('aws', 'aws-cn')],
    ['one with any other name', named('Administrator')],
    ['one that hides behind a path', named(`Administrator/cdk-x-deploy-role-${A}-eu-west-1`)],
    ['no role at all', `arn:aws:iam::${A}:user/cdk-x-deploy-role-${A}-eu-west-1`],
    ['something with a line break', `${bootstrap('deploy')}\n`],
  ])('%s is refused', (_, arn) => {
    expect(reason(arn)).toBe('is no deploy role of 111111111111/eu-west-1 that may be used');
  });

  test('further roles are named by an option, in the account of the target', () => {
    const names = ['team/deploy-${AWS::AccountId}'];
    expect(reason(named(`team/deploy-${A}`), { names })).toBeUndefined();
    expect(reason(named(`team/deploy-${A}`, B), { names })).toBeDefined();
  });
});

describe('with an environments file', () => {
  const environments = FILE;

  test('its qualifier and its names count, and no other', () => {
    expect(reason(bootstrap('deploy', A, 'eu-west-1', 'shop01'), { environments })).toBeUndefined();
    expect(reason(named('team/deploy-eu-west-1'), { environments: { ...FILE, environments: [] } })).toBeDefined();
    expect(reason(bootstrap('deploy'), { environments })).toBeDefined();
  });

  test('only targets of the environment that was asked for', () => {
    const prod = bootstrap('deploy', B, 'us-east-1', 'shop01');
    const role = { region: 'us-east-1' };
    expect(reason(prod, { environments }, role, B)).toBeUndefined();
    expect(reason(prod, { environments, environment: 'prod' }, role, B)).toBeUndefined();
    expect(reason(prod, { environments, environment: 'staging' }, role, B)).toBeDefined();
  });

  test('the way out is its field', () => {
    const refusal = admissionOf({ environments }).refusal({ kind: 'cfn-exec', region: 'x', arn: 'y' }, A);
    expect(refusal?.next).toBe(
      'correct the app\'s synthesizer, or name the role in "roles.execution" in /shop/environments.json',
    );
  });
});

test.each([
  ['Team_A-1', true],
  ['longer-than-ten', false],
  ['x/y', false],
])('without an environments file, the qualifier %s counts: %s', (qualifier, counts) => {
  const refused = reason(bootstrap('deploy', A, 'eu-west-1', qualifier), {});
  expect(refused === undefined).toBe(counts);
});

describe('the parameters of AssumeRole', () => {
  test.each(['SourceIdentity', 'SerialNumber', 'TokenCode', 'ProvidedContexts', 'RoleArn', 'ExternalId'])(
    '%s is refused',
    (name) => {
      expect(reason(bootstrap('deploy'), {}, { options: { [name]: 'x' } })).toBe(
        `would be assumed with the parameter ${name}`,
      );
    },
  );

  test('labels and limits are admitted', () => {
    const options = { Tags: [{ Key: 'team', Value: 'shop' }], DurationSeconds: 900, RoleSessionName: 'shop' };
    expect(reason(bootstrap('deploy'), {}, { options })).toBeUndefined();
  });
});

describe('the role for garbage', () => {
  const environments = { ...FILE, pipeline: { name: 'shop' }, garbageCollection: true } as unknown as Environments;
  const role = { kind: 'garbage' } as const;
  const arn = named('shop-gc');

  test('is admitted in each account of the environments that were asked for', () => {
    expect(reason(arn, { environments }, role)).toBeUndefined();
    expect(reason(arn, { environments, environment: 'staging' }, role)).toBeUndefined();
  });

  test.each<[string, AdmissionSource, string]>([
    ['without an environments file', {}, arn],
    ['if the file does not ask for it', { environments: { ...environments, garbageCollection: false } }, arn],
    ['for an environment that has no target in the account', { environments, environment: 'prod' }, arn],
    ['if it has another name', { environments }, named('Administrator')],
    ['if it is of another account', { environments }, named('shop-gc', B)],
    ['if an option names it', { environments: FILE, names: ['shop-gc'] }, arn],
  ])('is refused %s', (_, source, asked) => {
    expect(reason(asked, source, role)).toBe('is not the role for garbage of the environments that were asked for');
  });

  test('is no deploy role', () => {
    expect(reason(arn, { environments })).toBeDefined();
  });
});

test('a role that no assembly names, for bootstrapping, is not asked about', () => {
  expect(reason(named('OrganizationAccountAccessRole'), {}, { kind: 'admin' })).toBeUndefined();
});

describe('the role of hotswaps', () => {
  const environments = {
    ...FILE,
    pipeline: { name: 'shop' },
    environments: FILE.environments.map((one) => ({ ...one, development: one.name === 'staging' })),
  } as unknown as Environments;
  const role = { kind: 'hotswap' } as const;
  const arn = named('shop-hotswap-eu-west-1');

  test('is admitted in a target of the environment that was asked for, if that is for development', () => {
    expect(reason(arn, { environments, environment: 'staging' }, role)).toBeUndefined();
  });

  test.each<[string, AdmissionSource, string]>([
    ['without an environments file', {}, arn],
    ['if no environment was asked for', { environments }, arn],
    ['for an environment that is not for development', { environments: FILE, environment: 'staging' }, arn],
    ['if it has another name', { environments, environment: 'staging' }, named('Administrator')],
    ['if it is of another account', { environments, environment: 'staging' }, named('shop-hotswap-eu-west-1', B)],
    ['if an option names it', { names: ['shop-hotswap-eu-west-1'] }, arn],
  ])('is refused %s', (_, source, asked) => {
    expect(reason(asked, source, role)).toBe('is no hotswap role of the environment that was asked for');
  });

  test('is refused where an approval is asked for, whatever else the file says', () => {
    const asking = environments.environments.map((one) => ({ ...one, approval: true }));
    const source = { environments: { ...environments, environments: asking }, environment: 'staging' };
    expect(reason(arn, source, role)).toBeDefined();
  });

  test('is no deploy role', () => {
    expect(reason(arn, { environments, environment: 'staging' })).toBeDefined();
  });
});
