import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ReadOnlyRole } from './index.ts';
import { testStack } from './testing/test-stack.ts';

const CI = 'arn:aws:iam::123456789012:role/nx-cdk-lookups';
const OTHER = 'arn:aws:iam::123456789012:role/people/lookups';

describe('a role that only reads', () => {
  test('has the name that the CDK plugin looks for, or another one', () => {
    for (const [roleName, expected] of [
      [undefined, 'cdk-readOnlyRole'],
      ['reader', 'reader'],
    ] as const) {
      const stack = testStack();
      new ReadOnlyRole(stack, 'Reader', { trustedRoles: [CI], roleName });
      Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', { RoleName: expected });
    }
  });

  test('trusts exactly the roles it is told, which need not exist, and nobody else of their account', () => {
    const stack = testStack();
    new ReadOnlyRole(stack, 'Reader', { trustedRoles: [CI, OTHER] });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::Join': ['', Match.arrayWith([':iam::123456789012:root'])] } },
            Condition: { ArnEquals: { 'aws:PrincipalArn': [CI, OTHER] } },
          },
        ],
      },
    });
  });

  test('keeps the roles of two accounts apart', () => {
    const stack = testStack();
    const elsewhere = 'arn:aws:iam::999999999999:role/lookups';
    new ReadOnlyRole(stack, 'Reader', { trustedRoles: [CI, elsewhere] });
    const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    const statements = role!.Properties.AssumeRolePolicyDocument.Statement as { Condition: object }[];
    expect(statements.map(({ Condition }) => Condition)).toEqual([
      { ArnEquals: { 'aws:PrincipalArn': [CI] } },
      { ArnEquals: { 'aws:PrincipalArn': [elsewhere] } },
    ]);
  });

  test('may read everything but secrets', () => {
    const stack = testStack();
    new ReadOnlyRole(stack, 'Reader', { trustedRoles: [CI] });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Role', {
      ManagedPolicyArns: [{ 'Fn::Join': ['', Match.arrayWith([':iam::aws:policy/ReadOnlyAccess'])] }],
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Sid: 'ReadNoSecrets',
            Effect: 'Deny',
            Action: ['kms:Decrypt', 'secretsmanager:GetSecretValue'],
            Resource: '*',
          },
        ],
      },
    });
  });

  test.each([
    ['nobody', []],
    ['a whole account', ['arn:aws:iam::123456789012:root']],
    ['a wildcard', ['arn:aws:iam::123456789012:role/*']],
  ])('refuses to trust %s', (_, trustedRoles) => {
    expect(() => new ReadOnlyRole(testStack(), 'Reader', { trustedRoles })).toThrow(/trusted|not the ARN of a role/);
  });

  test('has no finding of cdk-nag that is not accepted', () => {
    const stack = testStack();
    new ReadOnlyRole(stack, 'Reader', { trustedRoles: [CI] });
    expect(new AwsSolutionsChecks().validateScope(stack).violations).toEqual([]);
  });
});
