import { region } from './clients.ts';

/** The account of the stack. */
export const account = '123456789012';
export const artifactBucket = 'ship-artifacts';
export const cacheBucket = 'ship-cache';
export const logGroup = '/ship/synth';
export const parameter = '/ship/releases/prod';

const get = (id: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });
const statement = (effect: string, rest: object) => ({ Effect: effect, ...rest });
const secure = (bucket: string) =>
  statement('Deny', {
    Principal: { AWS: '*' },
    Action: 's3:*',
    Resource: [get(bucket), { 'Fn::Sub': `\${${bucket}.Arn}/*` }],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });

const stepRole = (name: string, more: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    AssumeRolePolicyDocument: {
      Statement: [statement('Allow', { Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' })],
    },
    ...more,
  },
});

/**
 * What the CDK makes around a pipeline: its key, buckets, roles, logs, secret, deployment record and alarm, in two
 * versions.
 */
export const deliveryTemplate = (version: 1 | 2) => ({
  Resources: {
    Key: {
      Type: 'AWS::KMS::Key',
      Properties: {
        Description: `version ${version}`,
        EnableKeyRotation: true,
        KeyPolicy: {
          Statement: [
            statement('Allow', {
              Principal: { AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' } },
              Action: 'kms:*',
              Resource: '*',
            }),
          ],
        },
      },
    },
    Alias: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/ship', TargetKeyId: get('Key') } },
    AccessLogs: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'ship-access-logs' } },
    Artifacts: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: artifactBucket,
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: get('Key') },
            },
          ],
        },
        LoggingConfiguration: { DestinationBucketName: { Ref: 'AccessLogs' }, LogFilePrefix: 'artifacts/' },
        LifecycleConfiguration: {
          Rules: [
            {
              Status: 'Enabled',
              ExpirationInDays: 29 + version,
              NoncurrentVersionExpiration: { NoncurrentDays: 7 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
          ],
        },
        VersioningConfiguration: { Status: 'Enabled' },
      },
    },
    ArtifactsPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: 'Artifacts' }, PolicyDocument: { Statement: [secure('Artifacts')] } },
    },
    Cache: { Type: 'AWS::S3::Bucket', Properties: { BucketName: cacheBucket } },
    CachePolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: 'Cache' },
        PolicyDocument: {
          Statement: [
            secure('Cache'),
            // One role fills the cache, whatever the policies of others say.
            statement('Deny', {
              Principal: '*',
              Action: 's3:PutObject',
              Resource: { 'Fn::Sub': '${Cache.Arn}/*' },
              Condition: { ArnNotEquals: { 'aws:PrincipalArn': get('Synth') } },
            }),
          ],
        },
      },
    },
    Synth: stepRole('ship-synth', { Path: '/steps/' }),
    Publish: stepRole('ship-publish'),
    Publishing: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        ManagedPolicyName: 'ship-publishing',
        Roles: [{ Ref: 'Publish' }],
        PolicyDocument: {
          Statement: [
            statement('Allow', { Action: 's3:*', Resource: ['Cache', 'Artifacts'].map((id) => get(id)) }),
            statement('Allow', {
              Action: 's3:*',
              Resource: ['Cache', 'Artifacts'].map((id) => ({ 'Fn::Sub': `\${${id}.Arn}/*` })),
            }),
          ],
        },
      },
    },
    SynthCache: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'cache',
        Roles: [{ Ref: 'Synth' }],
        PolicyDocument: {
          Statement: [statement('Allow', { Action: 's3:PutObject', Resource: { 'Fn::Sub': '${Cache.Arn}/*' } })],
        },
      },
    },
    Logs: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: logGroup, RetentionInDays: version === 1 ? 30 : 90 },
    },
    Token: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { Name: 'ship/token', Description: `version ${version}`, SecretString: 'hidden' },
    },
    Record: { Type: 'AWS::SSM::Parameter', Properties: { Name: parameter, Type: 'String', Value: `${version}` } },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'ship-failures', DisplayName: `version ${version}` } },
    TopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'Topic' }],
        PolicyDocument: {
          Statement: [
            statement('Allow', {
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sns:Publish',
              Resource: { Ref: 'Topic' },
            }),
          ],
        },
      },
    },
    Mail: {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'team@example.com' },
    },
    Failed: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'ship-failed',
        EventPattern: {
          source: ['aws.codepipeline'],
          'detail-type': ['CodePipeline Pipeline Execution State Change'],
          detail: { pipeline: ['ship'], state: version === 1 ? ['FAILED'] : ['FAILED', 'STOPPED'] },
        },
        Targets: [{ Id: 'topic', Arn: { Ref: 'Topic' } }],
      },
    },
  },
  Outputs: {
    Key: { Value: get('Key') },
    Secret: { Value: { Ref: 'Token' } },
    Synth: { Value: get('Synth') },
    Record: { Value: `arn:aws:ssm:${region}:${account}:parameter${parameter}` },
  },
});
