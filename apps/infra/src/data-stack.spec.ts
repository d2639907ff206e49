import { Match } from 'aws-cdk-lib/assertions';
import { templatesOf, testStage } from './testing/test-app.ts';

describe('the table of orders', () => {
  test('costs what is used, can be restored to any second, and is encrypted', () => {
    const { data } = templatesOf(testStage());
    data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [
        Match.objectLike({
          Region: 'eu-west-1',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
    });
  });

  test('given an environment that keeps its data, only the rollback of a failed first deployment deletes it', () => {
    const { data } = templatesOf(testStage({ keepData: true }));
    data.hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('given an environment that may go, nothing of it stays behind', () => {
    const { data, service } = templatesOf(testStage({ keepData: false }));
    for (const template of [data, service]) {
      const kept = Object.entries(template.toJSON().Resources as Record<string, { DeletionPolicy?: string }>).filter(
        ([, { DeletionPolicy: policy }]) => policy !== undefined && policy !== 'Delete',
      );
      expect(kept).toEqual([]);
    }
  });
});

describe('the queue of placed orders', () => {
  test('puts aside what failed three times, and an alarm says so', () => {
    const { data } = templatesOf(testStage());
    const [[deadLetters]] = Object.entries(
      data.findResources('AWS::SQS::Queue', { Properties: { RedrivePolicy: Match.absent() } }),
    ) as [[string, unknown]];

    data.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters, 'Arn'] }, maxReceiveCount: 3 },
    });
    data.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [deadLetters, 'QueueName'] } }],
      Threshold: 1,
      AlarmActions: [Match.anyValue()],
    });
  });
});

test('alarms may publish to the topic, over TLS, and only those of this account', () => {
  const { data } = templatesOf(testStage());
  data.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        Match.objectLike({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
        }),
      ]),
    },
  });
});
