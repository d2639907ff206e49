import { RemovalPolicy } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/** What {@link FailureNotifications} are told. */
export interface FailureNotificationsProps {
  /** Name of a pipeline in the same account and region. */
  readonly pipelineName: string;
}

/** A topic that says when an execution of a pipeline has failed. Subscribe the people who mend it. */
export class FailureNotifications extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, { pipelineName }: FailureNotificationsProps) {
    super(scope, id);
    // A key of its own: events could not be published with the one that AWS manages, whose policy nobody can change.
    const key = new Key(this, 'Key', {
      description: `Notifications of ${pipelineName}`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.topic = new Topic(this, 'Topic', {
      displayName: `Failures of ${pipelineName}`,
      masterKey: key,
      enforceSSL: true,
    });
    new Rule(this, 'Rule', {
      description: `Executions of ${pipelineName} that failed`,
      eventPattern: {
        source: ['aws.codepipeline'],
        detailType: ['CodePipeline Pipeline Execution State Change'],
        detail: { pipeline: [pipelineName], state: ['FAILED'] },
      },
      targets: [
        new SnsTopic(this.topic, {
          message: RuleTargetInput.fromText(
            `The pipeline ${pipelineName} failed: execution ${EventField.fromPath('$.detail.execution-id')} at ${EventField.time}.`,
          ),
        }),
      ],
    });
  }
}
