import { openedWays } from './exposures.ts';
import { comparePermissions } from './permissions.ts';
import type { Template } from './template.ts';

const resource = (Type: string, Properties: Record<string, unknown> = {}): Template => ({
  Resources: { R: { Type, Properties } },
});
const texts = (...args: Parameters<typeof openedWays>) => openedWays(...args).map(({ text }) => text);

const CLOSED = {
  PublicAccessBlockConfiguration: {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  },
};
const OPEN = { PublicAccessBlockConfiguration: { ...CLOSED.PublicAccessBlockConfiguration, BlockPublicPolicy: false } };

describe('what opens for everybody', () => {
  test.each<[string, Template | undefined, Template, RegExp]>([
    ['a function URL', undefined, resource('AWS::Lambda::Url', { AuthType: 'NONE' }), /no sign-in/],
    ['a database', undefined, resource('AWS::RDS::DBInstance', { PubliclyAccessible: true }), /internet/],
    ['by a parameter', undefined, resource('AWS::RDS::DBInstance', { PubliclyAccessible: { Ref: 'P' } }), /internet/],
    ['a bucket that blocks less', resource('AWS::S3::Bucket', CLOSED), resource('AWS::S3::Bucket', OPEN), /not block/],
    ['a bucket that blocks nothing any more', resource('AWS::S3::Bucket', CLOSED), resource('AWS::S3::Bucket'), /any/],
    ['a list for all', undefined, resource('AWS::S3::Bucket', { AccessControl: 'PublicRead' }), /list lets everybody/],
    ['a load balancer', undefined, resource('AWS::ElasticLoadBalancingV2::LoadBalancer'), /faces the internet/],
    ['a cluster, by default', undefined, resource('AWS::EKS::Cluster', { ResourcesVpcConfig: {} }), /endpoint/],
    ['a public repository', undefined, resource('AWS::ECR::PublicRepository'), /pull/],
  ])('is seen in %s', (_, before, after, what) => {
    expect(texts(before, after, [])).toEqual([expect.stringMatching(what)]);
  });

  test.each<[string, Template | undefined, Template]>([
    ['a function URL with sign-in', undefined, resource('AWS::Lambda::Url', { AuthType: 'AWS_IAM' })],
    ['a new bucket, which blocks by default', undefined, resource('AWS::S3::Bucket')],
    ['a bucket that blocks', undefined, resource('AWS::S3::Bucket', CLOSED)],
    ['what was open already', resource('AWS::S3::Bucket', OPEN), resource('AWS::S3::Bucket', OPEN)],
    ['a database inside', undefined, resource('AWS::RDS::DBInstance', { PubliclyAccessible: false })],
    ['an inner load balancer', undefined, resource('AWS::ElasticLoadBalancing::LoadBalancer', { Scheme: 'internal' })],
    ['another type', undefined, resource('constructor', { AuthType: 'NONE' })],
  ])('is not seen in %s', (_, before, after) => {
    expect(texts(before, after, [])).toEqual([]);
  });

  test('is seen where a parameter gets another value, and the template is the same', () => {
    const template = resource('AWS::RDS::DBInstance', { PubliclyAccessible: { Ref: 'P' } });
    const changed = { action: 'Modify', logicalId: 'R', resourceType: 'AWS::RDS::DBInstance' };
    const by = 'parameter' as const;
    expect(texts(template, template, [{ ...changed, properties: [{ path: 'PubliclyAccessible', by }] }])).toHaveLength(
      1,
    );
    expect(texts(template, template, [{ ...changed, properties: [{ path: 'Tags', by }] }])).toEqual([]);
  });
});

describe('who lets everybody in', () => {
  const queuePolicy = (more: object = {}) => statements({ Effect: 'Allow', Action: 'sqs:*', Resource: '*', ...more });
  const statements = (...Statement: readonly object[]) =>
    resource('AWS::SQS::QueuePolicy', { Queues: ['q'], PolicyDocument: { Statement } });
  const group = (rule: object) =>
    resource('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 1, ...rule }],
    });
  const isPublic = async (after: Template, before?: Template) =>
    (await comparePermissions(before, after, [])).lines.some((line) => line.public);

  test.each<[string, Template]>([
    ['all principals', queuePolicy({ Principal: '*' })],
    ['all of AWS', queuePolicy({ Principal: { AWS: '*' } })],
    ['all but some', queuePolicy({ NotPrincipal: { AWS: '111111111111' } })],
    [
      'a condition that names nobody',
      queuePolicy({ Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
    ],
    [
      'a condition that all meet',
      queuePolicy({ Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } }),
    ],
    [
      'a condition that need not be met',
      queuePolicy({ Principal: '*', Condition: { StringEqualsIfExists: { 'aws:SourceAccount': '1' } } }),
    ],
    ['all addresses', group({ CidrIp: '0.0.0.0/0' })],
    ['all addresses of version 6', group({ CidrIpv6: '::/0' })],
    ['addresses of a parameter', group({ CidrIp: { Ref: 'Range' } })],
    [
      'a function for everybody',
      resource('AWS::Lambda::Permission', { Action: 'lambda:InvokeFunctionUrl', FunctionName: 'f', Principal: '*' }),
    ],
    [
      'a policy that nobody can read',
      resource('AWS::SQS::QueuePolicy', { Queues: ['q'], PolicyDocument: { Ref: 'P' } }),
    ],
  ])('%s', async (_, template) => {
    expect(await isPublic(template)).toBe(true);
  });

  test.each<[string, Template]>([
    ['an account', queuePolicy({ Principal: { AWS: '111111111111' } })],
    ['a service', queuePolicy({ Principal: { Service: 'sns.amazonaws.com' } })],
    [
      'everybody of an organization',
      queuePolicy({ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }),
    ],
    ['a denial', queuePolicy({ Effect: 'Deny', Principal: '*' })],
    ['some addresses', group({ CidrIp: '10.0.0.0/8' })],
    ['another group', group({ SourceSecurityGroupId: 'sg-1' })],
  ])('but not %s', async (_, template) => {
    expect(await isPublic(template)).toBe(false);
  });

  test('a denial that goes, where everybody was allowed what it did not deny', async () => {
    const allow = { Effect: 'Allow', Action: 'sqs:*', Resource: '*', Principal: '*' };
    const deny = { ...allow, Effect: 'Deny', Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } } };
    expect(await isPublic(statements(allow), statements(allow, deny))).toBe(true);
  });
});
