import { RemovalPolicy } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/** A topic that says when an execution of a pipeline has failed. */
export class FailureNotifications extends Construct {
  readonly topic: ITopic;

  /** @param pipelineName name of a pipeline in the same account and region */
  constructor(scope: Construct, id: string, pipelineName: string) {
    super(scope, id);
    // EventBridge cannot publish with the key that AWS manages, whose policy cannot be changed.
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
