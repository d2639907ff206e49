import { parse } from 'yaml';
import { templatesToDeploy } from './heal.ts';
import type { Part } from './parts.ts';

const TEMPLATE = `
Resources:
  StagingBucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: { Fn::Sub: 'cdk-\${Qualifier}-assets' }
      PublicAccessBlockConfiguration: { BlockPublicAcls: true }
      VersioningConfiguration: { Status: Enabled }
  StagingBucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties: { Bucket: { Ref: StagingBucket } }
  OtherPolicy:
    Type: AWS::S3::BucketPolicy
    Properties: { Bucket: { Ref: Other } }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: { Statement: [{ Effect: Allow }] }
Outputs:
  BootstrapVersion: { Value: '32' }
`;
const bucket: Part = { kind: 'bucket', logicalId: 'StagingBucket', name: 'cdk-x-assets' };
const nothing = { lost: [], leftOver: [], trust: [] };
const first = (renewal: Partial<Parameters<typeof templatesToDeploy>[1]>) =>
  parse(templatesToDeploy(TEMPLATE, { ...nothing, ...renewal })[0]!, { logLevel: 'silent' });

test('nothing to renew is one template', () => {
  expect(templatesToDeploy(TEMPLATE, nothing)).toEqual([TEMPLATE]);
  const parameter: Part = { kind: 'parameter', logicalId: 'Version', name: '/cdk-bootstrap/x/version' };
  expect(templatesToDeploy(TEMPLATE, { ...nothing, lost: [parameter] })).toEqual([TEMPLATE]);
});

test('a lost bucket comes without settings and its policy, by the name that it has in the template, and then with all', () => {
  expect(templatesToDeploy(TEMPLATE, { ...nothing, lost: [bucket] })[1]).toBe(TEMPLATE);
  const { Resources, Outputs } = first({ lost: [bucket] });
  expect(Resources.StagingBucket).toEqual({
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: { 'Fn::Sub': 'cdk-${Qualifier}-assets' },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    },
  });
  expect(Object.keys(Resources)).toEqual(['StagingBucket', 'OtherPolicy', 'Role']);
  expect(Outputs.BootstrapVersion.Value).toBe('1');
});

test('a bucket that is left over is imported, so it has a literal name and is kept', () => {
  const { StagingBucket } = first({ leftOver: [bucket] }).Resources;
  expect(StagingBucket).toMatchObject({ DeletionPolicy: 'Retain', Properties: { BucketName: 'cdk-x-assets' } });
});

test('a role whose trust is restored has one more statement, which admits nobody', () => {
  const { Role } = first({ trust: ['Role'] }).Resources;
  expect(Role.Properties.AssumeRolePolicyDocument.Statement).toEqual([
    { Effect: 'Allow' },
    expect.objectContaining({ Effect: 'Deny' }),
  ]);
});
