import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import { AwsOrders } from './aws-orders.ts';
import { answer } from './routes.ts';

// Made once an execution environment, not once a request: connections are kept alive between requests.
const orders = new AwsOrders({
  dynamodb: new DynamoDBClient({}),
  sqs: new SQSClient({}),
  tableName: process.env.TABLE_NAME ?? '',
  queueUrl: process.env.QUEUE_URL ?? '',
});

export const handler: APIGatewayProxyHandlerV2 = (request) =>
  answer(request, { orders, newId: randomUUID, now: () => new Date() });
