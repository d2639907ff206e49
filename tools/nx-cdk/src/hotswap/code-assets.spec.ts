import type { AssemblyStack } from '../assembly/index.ts';
import { functionsOf } from './code-assets.ts';

const API = { Type: 'AWS::Lambda::Function', Properties: { Code: { S3Bucket: 'assets', S3Key: 'aaa.zip' } } };
const QUEUE = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } };

const template = (Resources: object) => JSON.stringify({ Resources });
const withCode = (Code: object) => ({ ...API, Properties: { Code } });

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
      'a version that is made by hand',
      { Api: API, Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Api' } } } },
    ],
  ])('are none with %s', (_, resources) => {
    expect(functionsOf(stack, template(resources))).toEqual([]);
  });

  test('are none whose code a command makes', () => {
    const made = { ...stack, files: [{ ...file, source: { executable: ['make'] } }] } as unknown as AssemblyStack;
    expect(functionsOf(made, template({ Api: API }))).toEqual([]);
  });

  test('are told with the version that is made of them, and the aliases that point at it', () => {
    const id = `ApiCurrentVersionABCDEF12${'1'.repeat(32)}`;
    const FunctionName = { Ref: 'Api' };
    const FunctionVersion = { 'Fn::GetAtt': [id, 'Version'] };
    const Live = { Type: 'AWS::Lambda::Alias', Properties: { FunctionName, FunctionVersion, Name: 'live' } };
    const version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName } };
    expect(functionsOf(stack, template({ Api: API, [id]: version, Live }))).toEqual([
      { logicalId: 'Api', code: file, published: { version: id, aliases: ['Live'] } },
    ]);
  });
});
