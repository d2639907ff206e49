import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { AwsOrders } from './aws-orders.ts';
import type { Order } from './orders.ts';

const order: Order = { id: 'a', item: 'tea', quantity: 2, status: 'PLACED', placedAt: '2026-01-02T03:04:05.000Z' };

interface Sent {
  readonly service: string;
  readonly command: string;
  readonly input: Record<string, unknown>;
}

/** Clients that write down what they are asked, and answer as told. */
function given(answers: { dynamodb?: () => unknown; sqs?: () => unknown } = {}): { orders: AwsOrders; sent: Sent[] } {
  const sent: Sent[] = [];
  const client = (service: 'dynamodb' | 'sqs') => ({
    send: async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
      sent.push({ service, command: command.constructor.name, input: command.input });
      return answers[service]?.() ?? {};
    },
  });
  const orders = new AwsOrders({
    dynamodb: client('dynamodb') as unknown as DynamoDBClient,
    sqs: client('sqs') as unknown as SQSClient,
    tableName: 'orders',
    queueUrl: 'https://queue',
  });
  return { orders, sent };
}

const fails = (): never => {
  throw new Error('refused');
};

describe('placing an order', () => {
  test('writes it first and announces it second', async () => {
    const { orders, sent } = given();

    await orders.place(order);

    expect(sent.map(({ command }) => command)).toEqual(['PutItemCommand', 'SendMessageCommand']);
    expect(sent[1]?.input).toEqual({ QueueUrl: 'https://queue', MessageBody: '{"orderId":"a"}' });
  });

  test('never replaces an order that exists', async () => {
    const { orders, sent } = given();
    await orders.place(order);
    expect(sent[0]?.input).toMatchObject({ TableName: 'orders', ConditionExpression: 'attribute_not_exists(id)' });
  });

  test('given a table that refuses, nothing is announced', async () => {
    const { orders, sent } = given({ dynamodb: fails });
    await expect(orders.place(order)).rejects.toThrow('refused');
    expect(sent.map(({ service }) => service)).toEqual(['dynamodb']);
  });

  test('given a queue that refuses, the caller learns of it', async () => {
    const { orders } = given({ sqs: fails });
    await expect(orders.place(order)).rejects.toThrow('refused');
  });
});

describe('finding an order', () => {
  test('what was written is what is read', async () => {
    const { orders: writer, sent } = given();
    await writer.place(order);
    const { orders: reader } = given({ dynamodb: () => ({ Item: sent[0]?.input.Item }) });

    expect(await reader.find('a')).toEqual(order);
  });

  test('given no such item, there is none', async () => {
    const { orders } = given();
    expect(await orders.find('a')).toBeUndefined();
  });
});
