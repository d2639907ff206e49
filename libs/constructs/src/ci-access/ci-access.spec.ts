import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { testStack } from '../testing/test-stack.ts';
import {
  CiAccess,
  type CiAccessProps,
  type CiAccessStep,
  type CiIdentity,
  circleCi,
  gitHubActions,
  gitLabCi,
} from './index.ts';

const ORGANIZATION = '0a1b2c3d-0000-4000-8000-000000000001';
const PROJECT = '0a1b2c3d-0000-4000-8000-000000000002';
const ANY_USER = '????????-????-????-????-????????????';

const GITHUB = gitHubActions({ repository: 'example/shop', branch: 'main' });
const GITLAB = gitLabCi({ project: 'example/team/shop', branch: 'main' });
const CIRCLECI = circleCi({
  organizationId: ORGANIZATION,
  projectId: PROJECT,
  repository: 'example/shop',
  branch: 'main',
});

const bootstrapRole = (kind: string, account: string) =>
  `arn:aws:iam::${account}:role/cdk-hnb659fds-${kind}-role-${account}-eu-west-1`;
const deploy = (account: string, environment: string): CiAccessStep => ({
  kind: 'deploy',
  name: `deploy-${environment}-${account}-eu-west-1`,
  description: `Deploys to ${environment}.`,
  environment,
  assumes: [bootstrapRole('deploy', account)],
  signing: ['kms:Verify'],
  record: `/shop/releases/${environment}/${account}-eu-west-1`,
});
const ACCOUNTS = ['111111111111', '222222222222'];
const READERS = ACCOUNTS.map((account) => `arn:aws:iam::${account}:role/shop-github-diff`);
/** Stacks and templates of the account that the role is in, and nothing of what the stacks consist of. */
const READ_TEMPLATES = {
  Sid: 'ReadTemplates',
  Effect: 'Allow',
  Action: ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate', 'cloudformation:ListStackResources'],
  Resource: {
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudformation:*:', { Ref: 'AWS::AccountId' }, ':stack/*']],
  },
};
const step = (kind: string, role: string, more: Partial<CiAccessStep> = {}): CiAccessStep => ({
  kind,
  name: kind,
  description: 'A step.',
  assumes: ACCOUNTS.map((account) => bootstrapRole(role, account)),
  ...more,
});

function given(identity: CiIdentity, more: Partial<CiAccessProps> = {}): Stack {
  const stack = testStack();
  new CiAccess(stack, 'Access', {
    name: 'shop',
    identity,
    steps: [
      step('publish', 'file-publishing', { signing: ['kms:Sign'] }),
      step('diff', 'lookup', { templates: true, assumes: READERS }),
      deploy('111111111111', 'staging'),
      deploy('222222222222', 'prod'),
    ],
    ...more,
  });
  return stack;
}

interface RoleProperties {
  readonly RoleName: string;
  readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly object[] } }[];
  readonly AssumeRolePolicyDocument: { readonly Statement: readonly { readonly Condition: object }[] };
}

function rolesOf(stack: Stack): RoleProperties[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')).map(({ Properties }) => Properties);
}

/** The conditions under which each role is given, by its name without the common beginning. */
function conditionsOf(identity: CiIdentity): Record<string, object> {
  return Object.fromEntries(
    rolesOf(given(identity)).map(({ RoleName, AssumeRolePolicyDocument: { Statement } }) => {
      expect(Statement).toHaveLength(1);
      return [RoleName.replace(`shop-${identity.system}-`, ''), Statement[0]!.Condition];
    }),
  );
}

describe('each role trusts one audience and one subject', () => {
  test('of GitHub: the branch publishes, an environment deploys, pull requests look', () => {
    const subject = (sub: string, ref?: string) => ({
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': `repo:example/shop:${sub}`,
        ...(ref && { 'token.actions.githubusercontent.com:ref': ref }),
      },
    });
    const main = 'refs/heads/main';
    expect(conditionsOf(GITHUB)).toEqual({
      publish: subject('ref:refs/heads/main'),
      diff: subject('environment:pull_requests', main),
      'deploy-staging-111111111111-eu-west-1': subject('environment:staging', main),
      'deploy-prod-222222222222-eu-west-1': subject('environment:prod', main),
    });
  });

  test('of GitHub, where subjects hold ids, so that nobody can take over a name', () => {
    const ids = { owner: '123456', repository: '456789' };
    const { publish, diff, deploy } = gitHubActions({ repository: 'example/shop', branch: 'main', ids });
    expect([publish, diff, deploy('prod')].map(({ subject }) => subject)).toEqual([
      'repo:example@123456/shop@456789:ref:refs/heads/main',
      'repo:example@123456/shop@456789:environment:pull_requests',
      'repo:example@123456/shop@456789:environment:prod',
    ]);
  });

  test('of GitHub: workflows of the default branch show changes, and where STS compares no branch, none is named', () => {
    const options = { repository: 'example/shop', branch: 'release', defaultBranch: 'main' };
    const { diff, deploy } = gitHubActions(options);
    expect([diff.claims, deploy('prod').claims]).toEqual([{ ref: 'refs/heads/main' }, { ref: 'refs/heads/release' }]);
    const without = gitHubActions({ ...options, refs: false });
    expect([without.diff.claims, without.deploy('prod').claims]).toEqual([undefined, undefined]);
  });

  test('of GitLab: the branch publishes and deploys, any branch looks', () => {
    const aud = { 'gitlab.com:aud': 'https://gitlab.com' };
    const path = 'project_path:example/team/shop:ref_type:branch:ref:';
    const main = { StringEquals: { ...aud, 'gitlab.com:sub': `${path}main` } };
    expect(conditionsOf(GITLAB)).toEqual({
      publish: main,
      diff: { StringEquals: aud, StringLike: { 'gitlab.com:sub': `${path}*` } },
      'deploy-staging-111111111111-eu-west-1': main,
      'deploy-prod-222222222222-eu-west-1': main,
    });
  });

  test('of GitLab, where subjects name tiers: a protected environment deploys', () => {
    const tiers = { staging: 'staging', prod: 'production' };
    const { publish, deploy } = gitLabCi({ project: 'example/team/shop', branch: 'main', tiers });
    const path = 'project_path:example/team/shop:ref_type:branch:ref:main';
    expect([publish, deploy('staging'), deploy('prod')]).toEqual([
      { subject: path },
      { subject: `${path}:environment_protected:true:deployment_tier:staging` },
      { subject: `${path}:environment_protected:true:deployment_tier:production` },
    ]);
  });

  test('of CircleCI: the branch of the repository publishes and deploys, any branch looks', () => {
    const host = `oidc.circleci.com/org/${ORGANIZATION}`;
    const like = (branch: string) => ({
      StringEquals: { [`${host}:aud`]: ORGANIZATION },
      StringLike: {
        [`${host}:sub`]: `org/${ORGANIZATION}/project/${PROJECT}/user/${ANY_USER}/vcs-origin/github.com/example/shop/vcs-ref/refs/heads/${branch}`,
      },
    });
    expect(conditionsOf(CIRCLECI)).toEqual({
      publish: like('main'),
      diff: like('*'),
      'deploy-staging-111111111111-eu-west-1': like('main'),
      'deploy-prod-222222222222-eu-west-1': like('main'),
    });
  });

  test('with a pattern of CircleCI that a branch cannot be named to match', () => {
    const { subject } = CIRCLECI.publish;
    const pattern = new RegExp(`^${subject.replace(/[.\\/]/g, '\\$&').replaceAll('?', '.')}$`);
    const of = (branch: string) => subject.replace(ANY_USER, PROJECT).replace(/main$/, branch);
    expect(of('main')).toMatch(pattern);
    expect(of('feature')).not.toMatch(pattern);
    expect(of('x/vcs-origin/github.com/example/shop/vcs-ref/refs/heads/main')).not.toMatch(pattern);
  });

  test('given by the provider of the same account, by a token and by nothing else', () => {
    for (const { AssumeRolePolicyDocument } of rolesOf(given(GITHUB))) {
      expect(AssumeRolePolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Effect: 'Allow',
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: { Federated: { 'Fn::GetAtt': [expect.stringContaining('Provider'), 'Arn'] } },
        }),
      ]);
    }
  });
});

describe('each role is good for', () => {
  const allowed = (role: string) =>
    rolesOf(given(GITHUB))
      .filter(({ RoleName }) => RoleName === role)
      .flatMap(({ Policies }) => Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement));

  test('publishing: the publishing roles of all targets by name, and no record', () => {
    const publishing = ACCOUNTS.map((account) => bootstrapRole('file-publishing', account));
    expect(allowed('shop-github-publish')).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: publishing },
    ]);
  });

  test('showing changes: the roles that read templates, and templates of the CI account', () => {
    expect(allowed('shop-github-diff')).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: READERS },
      READ_TEMPLATES,
    ]);
  });

  test('deploying: the deploy roles of its own group, and its own deployment record', () => {
    const record = 'parameter/shop/releases/prod/222222222222-eu-west-1';
    expect(allowed('shop-github-deploy-prod-222222222222-eu-west-1')).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: bootstrapRole('deploy', '222222222222') },
      {
        Effect: 'Allow',
        Action: ['ssm:GetParameters', 'ssm:PutParameter'],
        Resource: { 'Fn::Join': ['', expect.arrayContaining([expect.stringMatching(`:${record}$`)])] },
      },
    ]);
  });

  test('signing where it publishes, and verifying where it deploys, with the key that signs releases', () => {
    const signingKey = 'arn:aws:kms:eu-west-1:123456789012:key/1a2b3c4d';
    const uses = rolesOf(given(GITHUB, { signingKey })).map(({ RoleName, Policies }) => [
      RoleName.replace('shop-github-', ''),
      Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).filter((statement) =>
        JSON.stringify(statement).includes('kms:'),
      ),
    ]);

    const allow = (Action: string) => [{ Effect: 'Allow', Action, Resource: signingKey }];
    expect(Object.fromEntries(uses)).toEqual({
      publish: allow('kms:Sign'),
      diff: [],
      'deploy-staging-111111111111-eu-west-1': allow('kms:Verify'),
      'deploy-prod-222222222222-eu-west-1': allow('kms:Verify'),
    });
  });

  test.each([GITHUB, GITLAB, CIRCLECI])('nothing with a wildcard in it, but for templates ($system)', (identity) => {
    const policies = rolesOf(given(identity)).flatMap(({ Policies }) => Policies);
    expect(policies).toHaveLength(4);
    const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const others = statements.filter((statement) => !('Sid' in statement && statement.Sid === READ_TEMPLATES.Sid));
    expect(JSON.stringify(others)).not.toContain('*');
  });

  test('four hundred targets: what one policy cannot hold is in further ones', () => {
    const assumes = Array.from({ length: 400 }, (_, index) =>
      bootstrapRole('file-publishing', `${100000000000 + index}`),
    );
    const steps = [step('publish', 'file-publishing', { assumes })];
    const template = JSON.stringify(Template.fromStack(given(GITHUB, { steps })).toJSON());
    expect(template).toContain('AWS::IAM::ManagedPolicy');
    for (const role of assumes) expect(template).toContain(role);
  });
});

describe('the provider', () => {
  test('accepts one audience, and is made without a function', () => {
    const template = Template.fromStack(given(GITLAB));
    template.hasResourceProperties('AWS::IAM::OIDCProvider', {
      Url: 'https://gitlab.com',
      ClientIdList: ['https://gitlab.com'],
      ThumbprintList: Match.absent(),
    });
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('is the one that the account has already, where there is one', () => {
    const stack = given(GITHUB, { existingProvider: true });
    Template.fromStack(stack).resourceCountIs('AWS::IAM::OIDCProvider', 0);
    for (const { AssumeRolePolicyDocument } of rolesOf(stack)) {
      expect(JSON.stringify(AssumeRolePolicyDocument)).toContain(':oidc-provider/token.actions.githubusercontent.com');
    }
  });
});

test.each([GITHUB, GITLAB, CIRCLECI])('the AWS Solutions rules of cdk-nag find nothing ($system)', (identity) => {
  const stack = given(identity);
  Template.fromStack(stack);
  expect(new AwsSolutionsChecks(stack.node.root).validateScope(stack).violations).toEqual([]);
});

describe('refused is', () => {
  test.each([
    [
      'a repository without an owner',
      () => gitHubActions({ repository: 'shop', branch: 'main' }),
      /"shop", not owner\/name/,
    ],
    [
      'every repository of an owner',
      () => gitHubActions({ repository: 'example/*', branch: 'main' }),
      /"example\/\*": letters/,
    ],
    ['another subject in a branch', () => gitLabCi({ project: 'a/b', branch: 'x:ref:main' }), /"x:ref:main": letters/],
    ['every branch', () => circleCi({ ...IDS, repository: 'a/b', branch: '*' }), /The branch is "\*": letters/],
    ['an environment that is a pattern', () => GITHUB.deploy('prod?'), /"prod\?": letters/],
    [
      'an environment without a tier',
      () => gitLabCi({ project: 'a/b', branch: 'c', tiers: {} }).deploy('prod'),
      /prod has no tier/,
    ],
    [
      'a name in the place of an id',
      () => circleCi({ ...IDS, projectId: 'shop', repository: 'a/b', branch: 'c' }),
      /is "shop", which is no UUID/,
    ],
    [
      'an id of GitHub that is none',
      () => gitHubActions({ repository: 'a/b', branch: 'c', ids: { owner: '*', repository: '1' } }),
      /"\*" is no id/,
    ],
    [
      'a GitLab without TLS',
      () => gitLabCi({ project: 'a/b', branch: 'c', url: 'http://git.example.com' }),
      /begins with https/,
    ],
    [
      'a role name that IAM would not take',
      () => given(GITHUB, { name: 'a'.repeat(40) }),
      /of 85 characters, IAM allows 64/,
    ],
  ])('%s', (_, act, message) => expect(act).toThrow(message));
});

const IDS = { organizationId: ORGANIZATION, projectId: PROJECT };
