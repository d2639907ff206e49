import type { ResourceChange } from '../cloudformation/index.ts';
import { comparePermissions } from './permissions.ts';
import type { Template } from './template.ts';

const allow = (action: string | readonly string[], more: object = {}) => ({
  Effect: 'Allow',
  Action: action,
  Resource: '*',
  ...more,
});
const policy = (Statement: unknown, more: object = {}): Template => ({
  Resources: {
    P: { Type: 'AWS::IAM::Policy', Properties: { Roles: ['app'], PolicyDocument: { Statement }, ...more } },
  },
});
const resource = (Type: string, Properties: Record<string, unknown>): Template => ({
  Resources: { R: { Type, Properties } },
});
const group = (CidrIp: string) =>
  resource('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: [{ CidrIp, IpProtocol: 'tcp', FromPort: 22, ToPort: 22 }],
  });

/** The lines of a comparison, those that widen with a `!` in front. */
async function lines(before: Template | undefined, after: Template, changes: readonly ResourceChange[] = []) {
  const found = await comparePermissions(before, after, changes);
  expect(found.widened).toBe(found.lines.some(({ widens }) => widens));
  return found.lines.map(({ text, widens }) => `${widens ? '!' : ' '}${text}`);
}

describe('what widens', () => {
  test.each<[string, Template | undefined, Template, string[]]>([
    ['a new policy', undefined, policy([allow('s3:Get*')]), ['!+ Allow s3:Get* on * to app']],
    [
      'one action more',
      policy([allow('s3:Get*')]),
      policy([allow(['s3:Get*', 's3:Put*'])]),
      ['!+ Allow s3:Get*, s3:Put* on * to app', ' - Allow s3:Get* on * to app'],
    ],
    ['a denial less', policy([allow('s3:*', { Effect: 'Deny' })]), policy([]), ['!- Deny s3:* on * to app']],
    [
      'a managed policy of AWS',
      resource('AWS::IAM::Role', { ManagedPolicyArns: [] }),
      resource('AWS::IAM::Role', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
      ['!+ managed policy arn:aws:iam::aws:policy/AdministratorAccess for ${R}'],
    ],
    [
      'a managed policy that names nobody, since roles name it',
      undefined,
      resource('AWS::IAM::ManagedPolicy', { PolicyDocument: { Statement: [allow('s3:*')] } }),
      ['!+ Allow s3:* on * to everybody with ${R}'],
    ],
    [
      'everybody, in the policy of a queue',
      undefined,
      resource('AWS::SQS::QueuePolicy', {
        Queues: ['q'],
        PolicyDocument: { Statement: [allow('sqs:*', { Principal: '*' })] },
      }),
      ['!+ Allow sqs:* on q to *'],
    ],
    [
      'a caller of a function, whatever its name becomes',
      undefined,
      resource('AWS::Lambda::Permission', {
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
        Principal: 'sns.amazonaws.com',
        SourceArn: { Ref: 'Topic' },
      }),
      [
        '!+ Allow lambda:InvokeFunction on ${Function.Arn} to Service:sns.amazonaws.com if ArnLike AWS:SourceArn (value hidden)',
      ],
    ],
    [
      'an open port',
      group('10.0.0.0/8'),
      group('0.0.0.0/0'),
      ['!+ network: TCP 22 from Everyone (IPv4) to ${R.GroupId}', ' - network: TCP 22 from 10.0.0.0/8 to ${R.GroupId}'],
    ],
    [
      'a permissions boundary less',
      resource('AWS::IAM::Role', { PermissionsBoundary: 'arn:aws:iam::1:policy/limit' }),
      resource('AWS::IAM::Role', {}),
      ['!- permissions boundary arn:aws:iam::1:policy/limit of ${R}'],
    ],
  ])('%s', async (_, before, after, expected) => {
    expect(await lines(before, after)).toEqual(expected);
  });
});

describe('what does not widen', () => {
  test.each<[string, Template | undefined, Template, string[]]>([
    ['nothing', policy([allow('s3:*')]), policy([allow('s3:*')]), []],
    ['another order', policy([allow('a:b'), allow('c:d')]), policy([allow('c:d'), allow('a:b')]), []],
    ['a stack without permissions', undefined, resource('AWS::SQS::Queue', { DelaySeconds: 5 }), []],
    ['a tag', resource('AWS::IAM::Role', {}), resource('AWS::IAM::Role', { Tags: [{ Key: 'a', Value: 'b' }] }), []],
    [
      'one action less',
      policy([allow(['s3:Get*', 's3:Put*'])]),
      policy([allow('s3:Get*')]),
      [' + Allow s3:Get* on * to app', ' - Allow s3:Get*, s3:Put* on * to app'],
    ],
    ['a policy less', policy([allow('s3:*')]), { Resources: {} }, [' - Allow s3:* on * to app']],
    [
      'fewer addresses',
      group('0.0.0.0/0'),
      group('10.0.0.0/8'),
      [' + network: TCP 22 from 10.0.0.0/8 to ${R.GroupId}', ' - network: TCP 22 from Everyone (IPv4) to ${R.GroupId}'],
    ],
    [
      'what another policy allowed before',
      policy([allow('s3:*')]),
      { Resources: { ...policy([]).Resources, Q: policy([allow('s3:Get*')]).Resources!['P']! } },
      [' - Allow s3:* on * to app', ' + Allow s3:Get* on * to app'],
    ],
  ])('%s', async (_, before, after, expected) => {
    expect(await lines(before, after)).toEqual(expected);
  });
});

describe('what is not known counts as more', () => {
  test.each<[string, Template | undefined, Template, string]>([
    [
      'a policy that is worked out later',
      undefined,
      policy({ x: 1 }, { PolicyDocument: { Ref: 'Document' } }),
      '!? the template does not show what PolicyDocument of P (AWS::IAM::Policy) allows',
    ],
    [
      'a policy of an unknown kind',
      undefined,
      resource('AWS::New::Thing', { ResourcePolicy: { Statement: [allow('*')] } }),
      '!? the template does not show what ResourcePolicy of R (AWS::New::Thing) allows',
    ],
    [
      'a policy without its parts',
      undefined,
      resource('AWS::S3::BucketPolicy', { Bucket: 'b' }),
      '!? the template does not show what R (AWS::S3::BucketPolicy) allows',
    ],
    [
      'a transform',
      undefined,
      { Transform: 'AWS::Serverless-2016-10-31' },
      '!? what the transform AWS::Serverless-2016-10-31 makes of the template is not compared',
    ],
    [
      'a nested stack',
      undefined,
      resource('AWS::CloudFormation::Stack', { TemplateURL: 'https://a' }),
      '!? what changes inside of the nested stack R is not compared',
    ],
    [
      'a statement that is decided later',
      undefined,
      policy([{ 'Fn::If': ['C', allow('a:b'), { Ref: 'AWS::NoValue' }] }]),
      '!+ what becomes of {"Fn::If":["C",{"Effect":"Allow","Action":"a:b","Resource":"*"}]} to app',
    ],
  ])('%s', async (_, before, after, expected) => {
    expect(await lines(before, after)).toEqual([expected]);
  });

  test('a nested stack whose template is the same is none of these', async () => {
    const nested = resource('AWS::CloudFormation::Stack', { TemplateURL: 'https://a' });
    expect(await lines(nested, nested)).toEqual([]);
  });
});

describe('a policy that is written the same', () => {
  const template = policy([allow('s3:*', { Resource: { Ref: 'Bucket' } })]);
  const modified = (path: string, by: 'template' | 'parameter' | 'reference'): ResourceChange => ({
    action: 'Modify',
    logicalId: 'P',
    resourceType: 'AWS::IAM::Policy',
    properties: [{ path, by }],
  });

  test('may allow more by another parameter, as the change set tells', async () => {
    expect(await lines(template, template, [modified('PolicyDocument.Statement', 'parameter')])).toEqual([
      '!? PolicyDocument of P (AWS::IAM::Policy) changes with a parameter, condition or mapping',
    ]);
  });

  test('may come to be by another condition', async () => {
    const added = { action: 'Add', logicalId: 'P', resourceType: 'AWS::IAM::Policy' };
    expect(await lines(template, template, [added])).toEqual([
      '!? P (AWS::IAM::Policy) is there already in the deployed template, and is made now by another condition',
    ]);
  });

  test('allows the same where only the name of another resource may change, or a tag', async () => {
    expect(
      await lines(template, template, [modified('PolicyDocument', 'reference'), modified('Tags', 'template')]),
    ).toEqual([]);
  });
});

test('what looks like a secret is masked', async () => {
  const Condition = { StringEquals: { 'sts:ExternalId': 'x', SecretAccessKey: 'secret_access_key=abcdefgh' } };
  expect((await lines(undefined, policy([allow('a:b', { Condition })]))).join()).not.toContain('abcdefgh');
});
