import { Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/** What an {@link AlarmTopic} can be told. */
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
