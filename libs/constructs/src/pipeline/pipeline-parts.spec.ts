import { Match, Template } from 'aws-cdk-lib/assertions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { testStack } from '../testing/test-stack.ts';
import { ArtifactStore, BuildCache } from './artifact-store.ts';
import { ExactRole } from './exact-role.ts';
import { FailureNotifications } from './failure-notifications.ts';

function given() {
  const stack = testStack();
  const store = new ArtifactStore(stack, 'Store', 'a-pipeline-with-a-long-name');
  const cache = new BuildCache(stack, 'Cache', store);
  const { role } = new ExactRole(stack, 'Writer', {
    roleName: 'writer',
    description: 'Writes the cache.',
    assumedBy: new ServicePrincipal('codebuild.amazonaws.com'),
  });
  cache.writtenOnlyBy(role);
  new FailureNotifications(stack, 'Failures', 'shop');
  return stack;
}
const stack = given();
const template = Template.fromStack(stack);

describe('the artifact store', () => {
  test('forgets artifacts after 30 days and keeps the log of who asked for them for a year', () => {
    const days = (prefix: string) =>
      Object.entries(template.findResources('AWS::S3::Bucket'))
        .filter(([id]) => id.startsWith(prefix))
        .flatMap(([, { Properties }]) => Properties.LifecycleConfiguration.Rules)
        .map(({ ExpirationInDays }) => ExpirationInDays as number);
    expect(days('StoreBucket')).toEqual([30]);
    expect(days('StoreAccessLogs')).toEqual([365]);
    expect(days('CacheBucket')).toEqual([30]);
  });

  test('keeps what is overwritten until it would have been forgotten, and the cache does not', () => {
    template.resourcePropertiesCountIs('AWS::S3::Bucket', { VersioningConfiguration: { Status: 'Enabled' } }, 1);
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 30 } })],
      },
    });
  });

  test('gives permissions by artifact, below a folder whose names CodePipeline shortens', () => {
    const store = new ArtifactStore(testStack(), 'Store', 'a-pipeline-with-a-long-name');
    const [, read, write, key] = store.permissions(['Sources', 'DependenciesOfApps'], 'Made');
    const arns = (...keys: string[]) => keys.map((name) => expect.stringMatching(new RegExp(`/${name}/\\*$`)));

    expect(read!.resources).toEqual(arns('a-pipeline-with-a-lo/Sources', 'a-pipeline-with-a-lo/Dependenci'));
    expect(write).toMatchObject({ actions: ['s3:PutObject'], resources: arns('a-pipeline-with-a-lo/Made') });
    expect(key!.actions).toEqual(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']);
    const reading = store.permissions(['Made']).flatMap(({ actions }) => actions);
    expect(reading.filter((action) => /Put|Delete|Encrypt|Generate/.test(action))).toEqual([]);
  });

  test('is kept when its stack goes, but not when its stack never came to be', () => {
    const buckets = Object.values(template.findResources('AWS::S3::Bucket'));
    expect(buckets).toHaveLength(3);
    for (const bucket of buckets) {
      expect(bucket).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    }
  });

  test('encrypts artifacts and cache with its own key', () => {
    const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('^StoreKey'), 'Arn'] };
    template.resourcePropertiesCountIs(
      'AWS::S3::Bucket',
      {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            Match.objectLike({ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } }),
          ],
        },
      },
      2,
    );
  });
});

test('the cache refuses to be changed by everybody but its writer', () => {
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    Bucket: { Ref: Match.stringLikeRegexp('^CacheBucket') },
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Sid: 'OnlyOneWriter',
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Condition: {
            ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [Match.stringLikeRegexp('^Writer'), 'Arn'] } },
          },
        }),
      ]),
    },
  });
});

test('failures are told in a sentence that names the pipeline and the execution', () => {
  template.hasResourceProperties('AWS::Events::Rule', {
    Targets: [
      Match.objectLike({
        InputTransformer: {
          InputPathsMap: { 'detail-execution-id': '$.detail.execution-id', time: '$.time' },
          InputTemplate: '"The pipeline shop failed: execution <detail-execution-id> at <time>."',
        },
      }),
    ],
  });
});

test('the AWS Solutions rules of cdk-nag find nothing', () => {
  expect(new AwsSolutionsChecks(stack.node.root).validateScope(stack).violations).toEqual([]);
});
