import type { Environments, Target } from '@nx-cdk/environments';
import type { AssemblyStack } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import { targetsOfAssembly, targetsOfEnvironments } from './targets.ts';

const ADMIN = ['arn:aws:iam::aws:policy/AdministratorAccess'];
const READ = ['arn:aws:iam::aws:policy/ReadOnlyAccess'];
const CI: Target = { account: '123456789012', region: 'eu-west-1' };
const STAGING: Target = { account: '111111111111', region: 'eu-west-1' };
const PROD: Target = { account: '222222222222', region: 'us-east-1' };

function environments(...list: [name: string, targets: Target[], executionPolicies?: string[]][]): Environments {
  return {
    file: 'environments.json',
    qualifier: 'hnb659fds',
    executionPolicies: ADMIN,
    roles: {},
    pipeline: { name: 'nx-cdk', images: false, approveUpdates: false, cache: true },
    ci: CI,
    environments: list.map(([name, targets, executionPolicies = ADMIN]) => ({
      name,
      approval: false,
      executionPolicies,
      roles: {},
      targets,
    })),
  };
}

const usual = environments(['staging', [STAGING]], ['prod', [PROD]]);

describe('the targets of an environments file', () => {
  test('are the CI account’s own and those of every environment, which trust the CI account', () => {
    expect(targetsOfEnvironments(usual)).toMatchObject([
      { label: 'ci', ...CI, trust: [], executionPolicies: ADMIN },
      { label: 'staging', ...STAGING, trust: [CI.account], executionPolicies: ADMIN },
      { label: 'prod', ...PROD, trust: [CI.account], executionPolicies: ADMIN },
    ]);
  });

  test('of one environment leave the CI account out; its own has the name ci', () => {
    expect(targetsOfEnvironments(usual, { environment: 'prod' }).map(({ label }) => label)).toEqual(['prod']);
    expect(targetsOfEnvironments(usual, { environment: 'ci' }).map(({ label }) => label)).toEqual(['ci']);
  });

  test('of an unknown environment are an error that names the known ones', () => {
    expect(() => targetsOfEnvironments(usual, { environment: 'qa' })).toThrow(
      'environments.json has no environment "qa": there are ci, staging, prod.',
    );
  });

  test('trust further accounts where that is asked for, but never themselves, and the CI account’s trust nobody', () => {
    const trust = ['333333333333', STAGING.account];
    expect(targetsOfEnvironments(usual, { trust }).map((target) => target.trust)).toEqual([
      [],
      [CI.account, '333333333333'],
      [CI.account, ...trust],
    ]);
  });

  test('each account and region is one target, whoever names it, and is entered the way that somebody chose', () => {
    const file = environments(['dev', [{ ...CI, adminRole: 'Admin' }, STAGING]], ['staging', [STAGING]]);
    expect(targetsOfEnvironments(file)).toMatchObject([
      { label: 'ci, dev', ...CI, trust: [], access: { roleArn: 'arn:aws:iam::123456789012:role/Admin' } },
      { label: 'dev, staging', ...STAGING },
    ]);
    expect(targetsOfEnvironments(file, { environment: 'staging' })).toMatchObject([STAGING]);
  });

  test('asking for two sets of policies in one account and region is an error that names both', () => {
    const file = environments(['dev', [STAGING], READ], ['staging', [STAGING]]);
    expect(() => targetsOfEnvironments(file)).toThrow(
      'environments.json: dev and staging ask for different executionPolicies in 111111111111/eu-west-1',
    );
  });

  test('administrator access is the organization’s role, in the partition of the region, unless the target says otherwise', () => {
    const china = { account: '444444444444', region: 'cn-north-1' };
    const file = environments(['a', [STAGING, china]], ['b', [{ ...PROD, adminProfile: 'prod-admin' }]]);
    expect(targetsOfEnvironments(file).map(({ access }) => access)).toEqual([
      { roleArn: 'arn:aws:iam::123456789012:role/OrganizationAccountAccessRole', roleIsChosen: false },
      { roleArn: 'arn:aws:iam::111111111111:role/OrganizationAccountAccessRole', roleIsChosen: false },
      { roleArn: 'arn:aws-cn:iam::444444444444:role/OrganizationAccountAccessRole', roleIsChosen: false },
      {
        profile: 'prod-admin',
        roleArn: 'arn:aws:iam::222222222222:role/OrganizationAccountAccessRole',
        roleIsChosen: false,
      },
    ]);
  });
});

describe('the targets of an assembly', () => {
  const stack = (parameter?: string, role?: string) => ({
    target: STAGING,
    ...(parameter && { bootstrap: { version: 6, parameter } }),
    ...(role && { deployRole: { arn: `arn:aws:iam::111111111111:role/${role}` } }),
  });
  const targetsOf = async (stacks: object[], options = {}) => {
    const assembly = { directory: 'cdk.out', stacks: stacks as AssemblyStack[] };
    const targets = await targetsOfAssembly(assembly, {} as AwsClients, options);
    return targets.map(({ label, qualifier }) => [label, qualifier]);
  };

  test('are prepared with the qualifier of each synthesizer, once for each', async () => {
    const stacks = [
      stack('/cdk-bootstrap/abc123/version'),
      stack('/cdk-bootstrap/abc123/version'),
      stack('/cdk-bootstrap/hnb659fds/version'),
      stack('/our/own/version', 'cdk-other-deploy-role-111111111111-eu-west-1'),
    ];
    expect(await targetsOf(stacks)).toEqual([
      ['111111111111/eu-west-1 (abc123)', 'abc123'],
      ['111111111111/eu-west-1', 'hnb659fds'],
      ['111111111111/eu-west-1 (other)', 'other'],
    ]);
  });

  test('have the default qualifier if a stack does not say', async () => {
    expect(await targetsOf([stack()])).toEqual([['111111111111/eu-west-1', 'hnb659fds']]);
    expect(await targetsOf([stack()], { defaultQualifier: 'mine' })).toEqual([
      ['111111111111/eu-west-1 (mine)', 'mine'],
    ]);
  });

  test('have the chosen qualifier, whatever the stacks say', async () => {
    expect(await targetsOf([stack('/cdk-bootstrap/abc123/version')], { qualifier: 'x' })).toEqual([
      ['111111111111/eu-west-1 (x)', 'x'],
    ]);
  });
});
