import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IAlarmAction, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** What a {@link QueueWithDeadLetters} can be told. */
export interface QueueWithDeadLettersProps {
  /**
   * How long a message is hidden while somebody works on it. For a Lambda consumer AWS asks for at least six times
   * the function's timeout.
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
   * What happens to both queues, and the messages in them, when the stack goes.
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * What the alarm on dead letters does.
   * @default - it changes its state, and nobody is told
   */
  readonly alarmAction?: IAlarmAction;
}

/**
 * A queue whose messages are encrypted at rest and on the way, and that puts aside what nobody can process, for 14
 * days, with an alarm from the first such message on.
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
      // The longest there is: somebody must have the time to look.
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      ...secured,
      visibilityTimeout: props.visibilityTimeout ?? Duration.minutes(1),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount ?? 3 },
    });

    const alarm = new Alarm(this, 'DeadLettersAlarm', {
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `${this.node.path} has dead letters.`,
    });
    if (props.alarmAction !== undefined) alarm.addAlarmAction(props.alarmAction);
  }
}
