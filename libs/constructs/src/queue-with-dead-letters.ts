import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmOnFirst } from './alarms.ts';

/** Props of {@link QueueWithDeadLetters}. */
export interface QueueWithDeadLettersProps {
  /**
   * How long a message is hidden while it is processed. For a Lambda function, AWS recommends at least six times its
   * timeout.
   * @default Duration.minutes(1)
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
   */
  readonly visibilityTimeout?: Duration;

  /**
   * How often a message is delivered before it is a dead letter.
   * @default 3
   */
  readonly maxReceiveCount?: number;

  /**
   * What happens to both queues and their messages when they are removed from the stack.
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * What the alarm on dead letters does.
   * @default - nothing
   */
  readonly alarmAction?: IAlarmAction;
}

/**
 * A queue whose messages are encrypted at rest and on the way. Messages that cannot be processed are kept for 14 days,
 * and the first one raises an alarm.
 */
export class QueueWithDeadLetters extends Construct {
  /** Where messages go. */
  readonly queue: Queue;
  /** Where messages end that failed too often. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: QueueWithDeadLettersProps = {}) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.DESTROY;
    const secured = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, removalPolicy };

    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...secured,
      // The longest that SQS offers.
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      ...secured,
      visibilityTimeout: props.visibilityTimeout ?? Duration.minutes(1),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount ?? 3 },
    });

    const waiting = this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) });
    alarmOnFirst(this, 'DeadLettersAlarm', waiting, `${this.node.path} has dead letters.`, props.alarmAction);
  }
}
