import { Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/** Props of {@link AlarmTopic}. */
export interface AlarmTopicProps {
  /**
   * Shown as the sender of e-mails.
   * @default - the name of the topic
   */
  readonly displayName?: string;
}

/** A topic for alarms, over TLS only. Subscribe the people on call to it. */
export class AlarmTopic extends Construct {
  /** The topic itself, for subscriptions. */
  readonly topic: ITopic;
  /** What an alarm does: `alarm.addAlarmAction(topic.action)`. */
  readonly action: SnsAction;

  constructor(scope: Construct, id: string, props: AlarmTopicProps = {}) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { displayName: props.displayName, enforceSSL: true });
    // A policy of our own replaces the one that SNS gives a new topic, and with it the right of alarms to publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    this.action = new SnsAction(this.topic);
  }
}

/**
 * An alarm as soon as a metric counts one. No data is no alarm.
 *
 * @param action what the alarm does besides changing its state. @default nothing
 */
export function alarmOnFirst(
  scope: Construct,
  id: string,
  metric: IMetric,
  alarmDescription: string,
  action?: IAlarmAction,
): void {
  const alarm = new Alarm(scope, id, {
    metric,
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription,
  });
  if (action !== undefined) alarm.addAlarmAction(action);
}
