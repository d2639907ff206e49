import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { testStack } from '../testing/test-stack.ts';
import { TemplateReader } from './index.ts';

const CI = 'arn:aws:iam::123456789012:role/shop-github-diff';

test('a role of the same name reads templates for the one of the CI account, and nobody else', () => {
  const stack = testStack();
  new TemplateReader(stack, 'Reader', { trustedRole: CI });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::IAM::Role', 1);
  template.hasResourceProperties('AWS::IAM::Role', {
    RoleName: 'shop-github-diff',
    AssumeRolePolicyDocument: {
      Statement: [{ Action: 'sts:AssumeRole', Condition: { ArnEquals: { 'aws:PrincipalArn': [CI] } } }],
    },
  });
});

test('it reads stacks and templates of its account, and nothing of what the stacks consist of', () => {
  const stack = testStack();
  new TemplateReader(stack, 'Reader', { trustedRole: CI });
  const template = Template.fromStack(stack);
  const [role] = Object.values(template.findResources('AWS::IAM::Role'));
  const statements = role!['Properties'].Policies.flatMap(
    ({ PolicyDocument }: { PolicyDocument: { Statement: object[] } }) => PolicyDocument.Statement,
  );
  expect(statements).toEqual([
    {
      Sid: 'ReadTemplates',
      Effect: 'Allow',
      Action: ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate', 'cloudformation:ListStackResources'],
      Resource: { 'Fn::Join': ['', expect.arrayContaining([':cloudformation:*:', ':stack/*'])] },
    },
  ]);
  expect(JSON.stringify(template.toJSON())).not.toMatch(/ManagedPolic|ReadOnlyAccess/);
});

test('a whole account is not trusted', () => {
  const trustedRole = 'arn:aws:iam::123456789012:root';
  expect(() => new TemplateReader(testStack(), 'Reader', { trustedRole })).toThrow(/is not the ARN of a role/);
});

test('the AWS Solutions rules of cdk-nag find nothing', () => {
  const stack = testStack();
  new TemplateReader(stack, 'Reader', { trustedRole: CI });
  Template.fromStack(stack);
  expect(new AwsSolutionsChecks(stack.node.root).validateScope(stack).violations).toEqual([]);
});
