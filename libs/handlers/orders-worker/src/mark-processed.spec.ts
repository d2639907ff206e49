import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { markProcessed } from './mark-processed.ts';

function given(send: (command: { input: Record<string, unknown> }) => Promise<unknown>) {
  const dynamodb = { send } as unknown as DynamoDBClient;
  return markProcessed({ dynamodb, tableName: 'orders', now: () => new Date('2026-01-02T03:04:05Z') });
}

describe('marking an order', () => {
  test('sets its status and keeps the first time of processing', async () => {
    const inputs: Record<string, unknown>[] = [];
    const mark = given(async ({ input }) => inputs.push(input));

    await mark('a');

    expect(inputs).toHaveLength(1);
    expect(inputs[0]).toMatchObject({
      TableName: 'orders',
      Key: { id: { S: 'a' } },
      ExpressionAttributeValues: { ':processed': { S: 'PROCESSED' }, ':now': { S: '2026-01-02T03:04:05.000Z' } },
    });
    expect(inputs[0]?.UpdateExpression).toContain('if_not_exists(processedAt, :now)');
  });

  test('never creates an order: the table is asked to refuse an unknown one, and the refusal is passed on', async () => {
    const inputs: Record<string, unknown>[] = [];
    const mark = given(async ({ input }) => {
      inputs.push(input);
      throw Object.assign(new Error('The conditional request failed'), { name: 'ConditionalCheckFailedException' });
    });

    await expect(mark('unknown')).rejects.toThrow('The conditional request failed');
    expect(inputs[0]?.ConditionExpression).toBe('attribute_exists(id)');
  });
});
