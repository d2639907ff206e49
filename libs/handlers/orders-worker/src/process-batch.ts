import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';

/** Marks one order as processed; rejects if it cannot. */
export type ProcessOrder = (orderId: string) => Promise<void>;

/**
 * Processes a batch of the queue, and reports the messages that failed instead of failing as a whole: only those are
 * delivered again, and after the queue's `maxReceiveCount` they become dead letters.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 * @param report called with every failure, because Lambda takes a partial failure for a success and logs nothing.
 */
export async function processBatch(
  records: readonly Pick<SQSRecord, 'messageId' | 'body'>[],
  process: ProcessOrder,
  report: (messageId: string, error: unknown) => void,
): Promise<SQSBatchResponse> {
  const outcomes = await Promise.allSettled(records.map(async ({ body }) => process(orderIdOf(body))));
  const batchItemFailures = outcomes.flatMap((outcome, index) => {
    const record = records[index];
    if (outcome.status === 'fulfilled' || record === undefined) return [];
    report(record.messageId, outcome.reason);
    return [{ itemIdentifier: record.messageId }];
  });
  return { batchItemFailures };
}

function orderIdOf(body: string): string {
  const { orderId } = JSON.parse(body) as { orderId?: unknown };
  if (typeof orderId !== 'string' || orderId === '') throw new Error('The message names no order.');
  return orderId;
}
