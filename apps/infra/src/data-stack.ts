import { AlarmTopic, QueueWithDeadLetters } from '@nx-cdk/constructs';
import { type RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, type ITableV2, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** Props of {@link DataStack}. */
export interface DataStackProps extends StackProps {
  /** What happens to table and queue when they are no longer part of the stack. */
  readonly removalPolicy: RemovalPolicy;
}

/** What must not get lost: the table of orders and the queue of those not yet processed. */
export class DataStack extends Stack {
  /** Orders, by `id`. */
  readonly orders: ITableV2;
  /** Ids of orders that wait for the worker. */
  readonly placed: IQueue;
  /** The topic of all alarms. Subscribe the people on call to it. */
  readonly alarms: AlarmTopic;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { removalPolicy } = props;

    this.alarms = new AlarmTopic(this, 'Alarms', { displayName: 'Orders' });

    this.orders = new TableV2(this, 'Orders', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // No deletion protection: CloudFormation could not roll back a first deployment that fails. With point-in-time
      // recovery, DynamoDB keeps a backup of a deleted table for 35 days.
      removalPolicy,
    });

    this.placed = new QueueWithDeadLetters(this, 'Placed', { removalPolicy, alarmAction: this.alarms.action }).queue;
  }
}
