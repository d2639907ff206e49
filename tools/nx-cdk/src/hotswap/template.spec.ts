import type { AssemblyStack } from '../assembly/index.ts';
import { differenceOf, functionsOf } from './template.ts';

const CODE = { S3Bucket: 'assets', S3Key: 'aaa.zip' };
const API = { Type: 'AWS::Lambda::Function', Properties: { Code: CODE, Handler: 'index.handler' } };
const FLOW = { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString: '{}', RoleArn: 'role' } };
const QUEUE = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } };
const BEFORE = { Api: API, Flow: FLOW, Queue: QUEUE };

const template = (Resources: object, rest: object = {}) => JSON.stringify({ ...rest, Resources });
const withCode = (code: object) => ({ ...API, Properties: { ...API.Properties, Code: code } });
const difference = (after: object, rest: object = {}) => differenceOf(template(BEFORE), template(after, rest));

describe('how a template differs from the one that is deployed', () => {
  test('not at all', () => {
    expect(difference(BEFORE)).toEqual({ kind: 'none' });
  });

  test('in what can be swapped: functions, and the rest', () => {
    const Flow = { ...FLOW, Properties: { ...FLOW.Properties, DefinitionString: '{"StartAt":"x"}' } };
    expect(difference({ ...BEFORE, Api: withCode({ ...CODE, S3Key: 'bbb.zip' }), Flow })).toEqual({
      kind: 'swappable',
      functions: ['Api'],
      others: ['Flow'],
    });
  });

  test('in metadata, which changes nothing', () => {
    const Api = { ...API, Metadata: { 'aws:asset:path': 'asset.bbb' } };
    expect(difference({ ...BEFORE, Api })).toEqual({ kind: 'swappable', functions: [], others: [] });
  });

  const Version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Api' } } };
  const Api = withCode({ ...CODE, S3Key: 'bbb.zip' });
  test.each<[string, object]>([
    ['a property besides the code', { ...BEFORE, Api: { ...API, Properties: { Code: CODE, Handler: 'other' } } }],
    ['the role of a state machine', { ...BEFORE, Flow: { ...FLOW, Properties: { ...FLOW.Properties, RoleArn: 'x' } } }],
    ['another kind of resource', { ...BEFORE, Queue: { ...QUEUE, Properties: { VisibilityTimeout: 60 } } }],
    ['code, and another kind of resource', { ...BEFORE, Api, Queue: { ...QUEUE, Properties: {} } }],
    ['a resource more', { ...BEFORE, More: QUEUE }],
    ['a resource less', { Api: API, Flow: FLOW }],
    ['the code of a function with a version', { ...BEFORE, Api, Version }],
    ['an attribute of a resource', { ...BEFORE, Api: { ...Api, DependsOn: ['Queue'] } }],
  ])('in what only CloudFormation may change: %s', (_, after) => {
    expect(difference(after)).toEqual({ kind: 'deployment' });
  });

  test('in an output, which only CloudFormation may change', () => {
    expect(difference(BEFORE, { Outputs: { Url: { Value: 'x' } } })).toEqual({ kind: 'deployment' });
  });

  test('in the code of a function whose version was there before', () => {
    const before = template({ Api: API, Version });
    expect(differenceOf(before, template({ Api, Version }))).toEqual({ kind: 'deployment' });
  });
});

describe('the functions whose code can be swapped', () => {
  const file = { key: 'aaa.zip', source: {} };
  const image = { tag: 'ttt', source: {} };
  const stack = { files: [file], images: [image] } as unknown as AssemblyStack;

  test('are those whose code is an asset of the stack: a file, or an image', () => {
    const Image = withCode({ ImageUri: { 'Fn::Sub': '1.dkr.ecr.eu-west-1.${AWS::URLSuffix}/assets:ttt' } });
    expect(functionsOf(stack, template({ Api: API, Image, Queue: QUEUE }))).toEqual([
      { logicalId: 'Api', code: file },
      { logicalId: 'Image', code: image },
    ]);
  });

  test.each<[string, object]>([
    ['code in the template', { Api: withCode({ ZipFile: 'exports.handler = 1' }) }],
    ['code of another bucket', { Api: withCode({ S3Bucket: 'x', S3Key: 'other.zip' }) }],
    ['a key that only CloudFormation knows', { Api: withCode({ S3Bucket: 'x', S3Key: { Ref: 'Key' } }) }],
    [
      'a version',
      { Api: API, Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Api' } } } },
    ],
  ])('are none with %s', (_, resources) => {
    expect(functionsOf(stack, template(resources))).toEqual([]);
  });

  test('are none whose code a command makes', () => {
    const made = { ...stack, files: [{ ...file, source: { executable: ['make'] } }] } as unknown as AssemblyStack;
    expect(functionsOf(made, template({ Api: API }))).toEqual([]);
  });
});
