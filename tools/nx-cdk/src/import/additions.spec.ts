import type { AssemblyStack } from '../assembly/index.ts';
import { differenceOf, importTemplate, requireOnlyAdditions } from './additions.ts';

const stack = {
  id: 'Data',
  resources: new Map([['Bucket', { constructPath: 'Data/Bucket/Resource' }]]),
} as unknown as AssemblyStack;
const queue = (delay: number) => ({ Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: delay } });
const bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'mine', Tags: [] } };
const metadata = (text: string) => ({ Type: 'AWS::CDK::Metadata', Properties: { Analytics: text } });
const template = (Resources: object, more: object = {}) => JSON.stringify({ ...more, Resources });

test('what the app adds may be imported; what it changes or removes is named, and metadata never counts', () => {
  const deployed = template({ Changed: queue(0), Removed: queue(0), Same: queue(0), CDKMetadata: metadata('a') });
  const wanted = template({ Same: queue(0), Changed: queue(1), Bucket: bucket, CDKMetadata: metadata('b') });

  const found = differenceOf(stack, wanted, deployed);

  expect(found).toEqual({
    additions: [
      {
        logicalId: 'Bucket',
        resourceType: 'AWS::S3::Bucket',
        name: 'Data/Bucket/Resource',
        texts: { BucketName: 'mine' },
      },
    ],
    others: ['Changed', 'Removed'],
  });
  expect(() => requireOnlyAdditions(stack, found)).toThrow(expect.objectContaining({ code: 'NotOnlyImports' }));
});

test('the template of an import is that of the stack with the resource, whatever else the app has', () => {
  const deployed = template({ Queue: queue(0) }, { Outputs: { Old: { Value: '1' } }, Parameters: { P: {} } });
  const wanted = template({ Queue: queue(9), Bucket: bucket, Other: bucket }, { Outputs: { New: { Value: '2' } } });

  expect(JSON.parse(importTemplate(stack, wanted, deployed, ['Bucket']))).toEqual({
    ...JSON.parse(deployed),
    Resources: { Queue: queue(0), Bucket: { ...bucket, DeletionPolicy: 'Retain' } },
  });
});

test('a new stack gets what is imported, without outputs and rules; a policy of the app stays', () => {
  const kept = { ...bucket, DeletionPolicy: 'Delete' };
  const wanted = template({ Bucket: kept, Queue: queue(0) }, { Outputs: {}, Rules: {}, Parameters: { P: {} } });

  expect(JSON.parse(importTemplate(stack, wanted, undefined, ['Bucket']))).toEqual({
    Parameters: { P: {} },
    Resources: { Bucket: kept },
  });
});

test('a template that no CDK app made, and one that needs a bucket, are refused', () => {
  expect(() => differenceOf(stack, '{}', 'Resources:')).toThrow(expect.objectContaining({ code: 'NotImportable' }));
  const large = template({ Bucket: { ...bucket, Metadata: 'x'.repeat(51_200) } });
  expect(() => importTemplate(stack, large, undefined, ['Bucket'])).toThrow(
    expect.objectContaining({
      code: 'TemplateTooLarge',
      message: expect.stringContaining('nx cdk <project> -- import'),
    }),
  );
});
