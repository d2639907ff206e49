import { Template } from 'aws-cdk-lib/assertions';
import { testStack } from '../testing/test-stack.ts';
import { CiAccess, type CiIdentity, gitHubActions, gitLabCi } from './index.ts';

const LOOKUP_ROLE = 'arn:aws:iam::111111111111:role/cdk-hnb659fds-lookup-role-111111111111-eu-west-1';

/** The subject that the role of the step trusts, and what it may do. */
function roleFor(identity: CiIdentity) {
  const stack = testStack();
  const steps = [{ kind: 'drift', name: 'drift', description: 'A step.', assumes: [LOOKUP_ROLE] }];
  new CiAccess(stack, 'Access', { name: 'shop', identity, steps });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')) as [
    { Properties: Record<string, never> },
  ];
  const { RoleName, AssumeRolePolicyDocument, Policies } = Properties as Record<string, never>;
  return { RoleName, trust: JSON.stringify(AssumeRolePolicyDocument), policies: JSON.stringify(Policies) };
}

test('a schedule of GitHub, which runs on the default branch, takes lookup roles and nothing else', () => {
  const identity = gitHubActions({ repository: 'example/shop', branch: 'release', defaultBranch: 'main' });
  const { RoleName, trust, policies } = roleFor(identity);
  expect(RoleName).toBe('shop-github-drift');
  expect(trust).toContain('"token.actions.githubusercontent.com:sub":"repo:example/shop:ref:refs/heads/main"');
  expect(policies).toContain(`"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Resource":"${LOOKUP_ROLE}"}]`);
});

test('where a schedule is a job of the branch, it is trusted as the job that publishes', () => {
  const identity = gitLabCi({ project: 'example/shop', branch: 'main' });
  expect(roleFor(identity).trust).toContain(`"gitlab.com:sub":"${identity.publish.subject}"`);
});
