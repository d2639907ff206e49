import { Template } from 'aws-cdk-lib/assertions';
import { testStack } from '../testing/test-stack.ts';
import { CiAccess, type CiIdentity, gitHubActions, gitLabCi } from './index.ts';

const DEPLOY_ROLE = 'arn:aws:iam::333333333333:role/cdk-hnb659fds-deploy-role-333333333333-eu-west-1';

interface RoleProperties {
  readonly RoleName: string;
  readonly AssumeRolePolicyDocument: { readonly Statement: readonly [{ readonly Condition: object }] };
  readonly Policies: object;
}

/** The name of the role of the step, the conditions of its trust, and what it may do. */
function roleFor(identity: CiIdentity) {
  const stack = testStack();
  const description = 'A step.';
  const sandbox = { kind: 'sandbox', name: 'deploy-sandbox', environment: 'sandbox', description };
  new CiAccess(stack, 'Access', { name: 'shop', identity, steps: [{ ...sandbox, assumes: [DEPLOY_ROLE] }] });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')) as [
    { Properties: RoleProperties },
  ];
  const { RoleName, AssumeRolePolicyDocument, Policies } = Properties;
  return { RoleName, conditions: AssumeRolePolicyDocument.Statement[0].Condition, policies: JSON.stringify(Policies) };
}

test('a sandbox on GitHub is made by a workflow of the default branch, in the GitHub environment of its name', () => {
  const identity = gitHubActions({ repository: 'example/shop', branch: 'release', defaultBranch: 'main' });
  const { RoleName, conditions, policies } = roleFor(identity);
  expect(RoleName).toBe('shop-github-deploy-sandbox');
  expect(conditions).toEqual({
    StringEquals: {
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': 'repo:example/shop:environment:sandbox',
      'token.actions.githubusercontent.com:ref': 'refs/heads/main',
    },
  });
  expect(policies).toContain(`"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Resource":"${DEPLOY_ROLE}"}]`);
});

test('a sandbox on GitLab is made by any branch of the project, and by no other project', () => {
  const options = { project: 'example/shop', branch: 'main' };
  const like = (more: string) => ({
    StringEquals: { 'gitlab.com:aud': 'https://gitlab.com' },
    StringLike: { 'gitlab.com:sub': `project_path:example/shop:ref_type:branch:ref:*${more}` },
  });
  expect(roleFor(gitLabCi(options)).conditions).toEqual(like(''));
  // Where subjects say so, none that deploys to a protected environment.
  expect(roleFor(gitLabCi({ ...options, tiers: { prod: 'production' } })).conditions).toEqual(
    like(':environment_protected:false:deployment_tier:development'),
  );
});

test('a system whose tokens do not tell such jobs from others makes none', () => {
  const { sandbox, ...identity } = gitHubActions({ repository: 'example/shop', branch: 'main' });
  expect(sandbox).toBeDefined();
  expect(() => roleFor(identity)).toThrow('github makes no sandboxes');
});
