import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileAsset } from '../assembly/index.ts';
import { identityOfDefinition, machinesOf } from './definitions.ts';

const folder = mkdtempSync(join(tmpdir(), 'definitions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TARGET = { account: '111111111111', region: 'eu-west-1', partition: 'aws' };
const NAMES = new Map([
  ['Flow', 'arn:aws:states:eu-west-1:111111111111:stateMachine:orders'],
  ['Api', 'orders-api'],
  ['Live', 'arn:aws:lambda:eu-west-1:111111111111:function:orders-api:live'],
  ['Queue', 'https://sqs.eu-west-1.amazonaws.com/111111111111/jobs'],
  ['Topic', 'arn:aws:sns:eu-west-1:111111111111:news'],
  ['Role', 'orders-role'],
  ['Place', 'orders-place'],
]);
const OTHERS = {
  Api: { Type: 'AWS::Lambda::Function' },
  Live: { Type: 'AWS::Lambda::Alias' },
  Queue: { Type: 'AWS::SQS::Queue' },
  Topic: { Type: 'AWS::SNS::Topic' },
  Role: { Type: 'AWS::IAM::Role' },
  Place: { Type: 'AWS::IAM::Role', Properties: { Path: '/orders/' } },
};

interface More {
  readonly rest?: object;
  readonly resources?: object;
}

function given(Properties: Record<string, unknown>, { rest = {}, resources = {} }: More = {}) {
  const Flow = { Type: 'AWS::StepFunctions::StateMachine', Properties };
  const template = { Resources: { Flow, ...OTHERS, ...resources }, ...rest };
  const path = join(folder, 'flow.asl.json');
  writeFileSync(path, '{"Resource":"${api}","At":"${other}"}');
  const files = [{ key: 'abc.json', source: { path, packaging: 'file' } }] as unknown as FileAsset[];
  const around = { target: TARGET, stackName: 'orders', template, names: NAMES };
  return machinesOf({ files }, around).map(({ definition }) => definition);
}

const joined = (...parts: unknown[]) => ({ DefinitionString: { 'Fn::Join': ['', parts] } });
const sub = (...argument: unknown[]) => ({
  DefinitionString: { 'Fn::Sub': argument.length > 1 ? argument : argument[0] },
});

describe('what a template gives a state machine', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a text', { DefinitionString: '{}' }, '{}'],
    ['an object', { Definition: { StartAt: { Ref: 'Api' } } }, '{"StartAt":"orders-api"}'],
    ['its region', joined('a', { Ref: 'AWS::Region' }), 'aeu-west-1'],
    ['its partition', joined('arn:', { Ref: 'AWS::Partition' }, ':states'), 'arn:aws:states'],
    [
      'a function',
      joined({ 'Fn::GetAtt': ['Api', 'Arn'] }),
      'arn:aws:lambda:eu-west-1:111111111111:function:orders-api',
    ],
    ['an alias', joined({ Ref: 'Live' }), 'arn:aws:lambda:eu-west-1:111111111111:function:orders-api:live'],
    ['a queue', joined({ 'Fn::GetAtt': ['Queue', 'Arn'] }), 'arn:aws:sqs:eu-west-1:111111111111:jobs'],
    ['the URL of a queue', joined({ Ref: 'Queue' }), 'https://sqs.eu-west-1.amazonaws.com/111111111111/jobs'],
    ['a topic', joined({ Ref: 'Topic' }), 'arn:aws:sns:eu-west-1:111111111111:news'],
    ['a role', joined({ 'Fn::GetAtt': ['Role', 'Arn'] }), 'arn:aws:iam::111111111111:role/orders-role'],
    ['itself', joined({ Ref: 'Flow' }), 'arn:aws:states:eu-west-1:111111111111:stateMachine:orders'],
    ['a substitution', sub('${Api} ${!x} ${AWS::StackName}'), 'orders-api ${x} orders'],
    ['a substitution of its own', sub('${x}', { x: { Ref: 'Api' } }), 'orders-api'],
    [
      'what is substituted in a definition',
      { DefinitionString: '{"R":"${api}"}', DefinitionSubstitutions: { api: { Ref: 'Api' } } },
      '{"R":"orders-api"}',
    ],
    [
      'a file of the assembly',
      { DefinitionS3Location: { Bucket: 'b', Key: 'abc.json' }, DefinitionSubstitutions: { api: '$&' } },
      '{"Resource":"$&","At":"${other}"}',
    ],
  ])('is known with %s', (_, properties, definition) => {
    expect(given(properties)).toEqual([definition]);
  });

  const Version = {
    Type: 'AWS::StepFunctions::StateMachineVersion',
    Properties: { StateMachineArn: { Ref: 'Flow' } },
  };
  const plain = { DefinitionString: '{}' };
  test.each<[string, Record<string, unknown>, More]>([
    ['a parameter', joined({ Ref: 'Size' }), {}],
    ['an export', joined({ 'Fn::ImportValue': 'other' }), {}],
    ['a condition', joined({ 'Fn::If': ['Big', 'a', 'b'] }), {}],
    ['a secret', { DefinitionString: '{{resolve:secretsmanager:x}}' }, {}],
    ['a secret in parts', joined('{{resolve:', 'ssm:x}}'), {}],
    ['an attribute that does not follow from the name', joined({ 'Fn::GetAtt': ['Api', 'SnapStartResponse'] }), {}],
    ['a role with a path', joined({ 'Fn::GetAtt': ['Place', 'Arn'] }), {}],
    ['a resource that is not there', joined({ 'Fn::GetAtt': ['More', 'Arn'] }), {}],
    [
      'a substitution that only CloudFormation knows',
      { ...plain, DefinitionSubstitutions: { x: { Ref: 'Size' } } },
      {},
    ],
    ['a file of another bucket', { DefinitionS3Location: { Bucket: 'b', Key: 'other.json' } }, {}],
    ['a key of its own', { ...plain, EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY' } }, {}],
    ['a version', plain, { resources: { Version } }],
    ['a transform', plain, { rest: { Transform: 'AWS::LanguageExtensions' } }],
  ])('is left to CloudFormation with %s', (_, properties, more) => {
    expect(given(properties, more)).toEqual([]);
  });
});

test('two definitions are the same whatever the order of their keys, and spaces', () => {
  const identity = identityOfDefinition('{"a": {"c": 1, "b": [1, 2]}, "d": null}');
  expect(identityOfDefinition('{"d":null,"a":{"b":[1,2],"c":1}}')).toBe(identity);
  expect(identityOfDefinition('{"d":null,"a":{"b":[2,1],"c":1}}')).not.toBe(identity);
  expect(identityOfDefinition('no JSON')).toBe('no JSON');
});
