import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AlarmTopic, QueueWithDeadLetters, type QueueWithDeadLettersProps } from './index.ts';
import { testStack } from './testing/test-stack.ts';

function given(props?: QueueWithDeadLettersProps): { template: Template; deadLetters: string; queue: string } {
  const stack = testStack();
  const { queue, deadLetters } = new QueueWithDeadLetters(stack, 'Jobs', props);
  const id = (of: typeof queue) => stack.getLogicalId(of.node.defaultChild as never);
  return { template: Template.fromStack(stack), deadLetters: id(deadLetters), queue: id(queue) };
}

describe('a queue with dead letters', () => {
  test('hides a message for a minute and gives up after three times', () => {
    const { template, deadLetters } = given();
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 60,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters, 'Arn'] }, maxReceiveCount: 3 },
    });
  });

  test('takes both from its props', () => {
    const { template } = given({ visibilityTimeout: Duration.minutes(6), maxReceiveCount: 5 });
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 360,
      RedrivePolicy: Match.objectLike({ maxReceiveCount: 5 }),
    });
  });

  test('keeps dead letters as long as SQS can', () => {
    const { template, deadLetters } = given();
    expect(template.findResources('AWS::SQS::Queue')[deadLetters]?.Properties.MessageRetentionPeriod).toBe(1_209_600);
  });

  test('encrypts both queues and refuses plain HTTP to both', () => {
    const { template, deadLetters, queue } = given();
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
    for (const refused of [deadLetters, queue]) {
      template.hasResourceProperties('AWS::SQS::QueuePolicy', {
        Queues: [{ Ref: refused }],
        PolicyDocument: {
          Statement: [
            Match.objectLike({
              Effect: 'Deny',
              Action: 'sqs:*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            }),
          ],
        },
      });
    }
  });

  test('keeps both queues where the removal policy says so', () => {
    given({ removalPolicy: RemovalPolicy.RETAIN }).template.allResources('AWS::SQS::Queue', {
      DeletionPolicy: 'Retain',
    });
  });

  test('alarms from the first dead letter on', () => {
    const stack = testStack();
    const { action, topic } = new AlarmTopic(stack, 'Alarms');
    new QueueWithDeadLetters(stack, 'Jobs', { alarmAction: action });

    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmActions: [stack.resolve(topic.topicArn)],
    });
  });
});
