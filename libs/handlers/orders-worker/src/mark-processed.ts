import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { ProcessOrder } from './process-batch.ts';

/** What {@link markProcessed} needs. */
export interface MarkProcessedProps {
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly tableName: string;
  /** The current time. */
  readonly now: () => Date;
}

/**
 * Marks an order in the table as processed. SQS delivers at least once: doing it twice changes nothing, the first
 * `processedAt` stays.
 */
export function markProcessed({ dynamodb, tableName, now }: MarkProcessedProps): ProcessOrder {
  return async (orderId) => {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: { id: { S: orderId } },
        UpdateExpression: 'SET #status = :processed, processedAt = if_not_exists(processedAt, :now)',
        // Without it, UpdateItem would create an order that nobody has placed.
        ConditionExpression: 'attribute_exists(id)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':processed': { S: 'PROCESSED' }, ':now': { S: now().toISOString() } },
      }),
    );
  };
}
