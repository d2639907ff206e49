import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSHandler } from 'aws-lambda';
import { markProcessed } from './mark-processed.ts';
import { processBatch } from './process-batch.ts';

// Made once an execution environment, not once a batch.
const mark = markProcessed({
  dynamodb: new DynamoDBClient({}),
  tableName: process.env.TABLE_NAME ?? '',
  now: () => new Date(),
});

export const handler: SQSHandler = ({ Records }) =>
  processBatch(Records, mark, (messageId, error) => console.error('A message failed', { messageId, error }));
