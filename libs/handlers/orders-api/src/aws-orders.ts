import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Order, Orders } from './orders.ts';

/** What {@link AwsOrders} needs. */
export interface AwsOrdersProps {
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly tableName: string;
  readonly queueUrl: string;
}

/** Orders in a DynamoDB table, announced on an SQS queue. */
export class AwsOrders implements Orders {
  readonly #props: AwsOrdersProps;

  constructor(props: AwsOrdersProps) {
    this.#props = props;
  }

  /**
   * Writes first and announces second, so that the worker never hears of an order that is not there. Should the
   * announcement fail, the caller gets an error and places the order again.
   */
  async place(order: Order): Promise<void> {
    const { dynamodb, sqs, tableName, queueUrl } = this.#props;
    await dynamodb.send(
      new PutItemCommand({
        TableName: tableName,
        Item: {
          id: { S: order.id },
          item: { S: order.item },
          quantity: { N: String(order.quantity) },
          status: { S: order.status },
          placedAt: { S: order.placedAt },
        },
        // A second order under the same id would silently replace the first.
        ConditionExpression: 'attribute_not_exists(id)',
      }),
    );
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ orderId: order.id }) }));
  }

  async find(id: string): Promise<Order | undefined> {
    const { dynamodb, tableName } = this.#props;
    const { Item: item } = await dynamodb.send(
      new GetItemCommand({ TableName: tableName, Key: { id: { S: id } }, ConsistentRead: true }),
    );
    if (item === undefined) return undefined;
    return {
      id,
      item: item.item?.S ?? '',
      quantity: Number(item.quantity?.N ?? 0),
      status: item.status?.S === 'PROCESSED' ? 'PROCESSED' : 'PLACED',
      placedAt: item.placedAt?.S ?? '',
    };
  }
}
