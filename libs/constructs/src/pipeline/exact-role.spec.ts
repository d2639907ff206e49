import { Match, Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { testStack } from '../testing/test-stack.ts';
import { ExactRole, type ExactRoleProps, PipelineError } from './index.ts';

const assumedBy = new ServicePrincipal('codebuild.amazonaws.com');
const given = (more: Partial<ExactRoleProps> = {}) => {
  const stack = testStack();
  const exact = new ExactRole(stack, 'Exact', {
    roleName: 'shop-publish',
    description: 'Publishes.',
    assumedBy,
    ...more,
  });
  return { stack, exact };
};
const arns = (count: number) =>
  Array.from({ length: count }, (_, index) => `arn:aws:iam::111111111111:role/${String(index).padStart(60, 'x')}`);
const many = (count: number) => ({ actions: ['sts:AssumeRole'], resources: arns(count) });

describe('the role', () => {
  test('has its name and its statements, which are part of it', () => {
    const statements = [new PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::shop/key'] })];
    const template = Template.fromStack(given({ many: many(2), statements }).stack);
    template.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'shop-publish',
      Policies: [
        {
          PolicyName: 'step',
          PolicyDocument: Match.objectLike({
            Statement: [
              { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: arns(2) },
              { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::shop/key' },
            ],
          }),
        },
      ],
    });
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });

  test('gets managed policies for what the inline one has no room for', () => {
    const template = Template.fromStack(given({ many: many(200) }).stack);
    const managed = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
    const [role] = Object.values(template.findResources('AWS::IAM::Role'));

    expect(managed).toHaveLength(3);
    expect(role?.['Properties'].ManagedPolicyArns).toHaveLength(3);
    const statements = [
      ...role?.['Properties'].Policies[0].PolicyDocument.Statement,
      ...managed.flatMap(({ Properties }) => Properties.PolicyDocument.Statement),
    ];
    expect(statements.flatMap(({ Resource }) => Resource)).toEqual(arns(200));
  });

  test('stays as it is, whoever grants it what', () => {
    const { stack, exact } = given();
    const bucket = new Bucket(stack, 'Bucket');
    bucket.grantReadWrite(exact.role);
    exact.role.addToPrincipalPolicy(new PolicyStatement({ actions: ['*'], resources: ['*'] }));

    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.resourceCountIs('AWS::S3::BucketPolicy', 0);
  });
});

describe('refused is', () => {
  test('a name that IAM would not take', () => {
    expect(() => given({ roleName: 'a'.repeat(65) })).toThrow(PipelineError);
    expect(() => given({ roleName: 'a'.repeat(64) })).not.toThrow();
  });

  test('more than one role can hold', () => {
    expect(() => given({ many: many(1000) })).toThrow(/^The role shop-publish would need 1000 ARNs/);
  });
});
