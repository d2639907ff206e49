import { processBatch } from './process-batch.ts';

const message = (messageId: string, body: string) => ({ messageId, body });
const order = (id: string) => message(`message-${id}`, JSON.stringify({ orderId: id }));

function given(broken: string[] = []) {
  const processed: string[] = [];
  const reported: string[] = [];
  return {
    processed,
    reported,
    process: async (id: string) => {
      if (broken.includes(id)) throw new Error(`${id} is broken`);
      processed.push(id);
    },
    report: (messageId: string, error: unknown) => void reported.push(`${messageId}: ${(error as Error).message}`),
  };
}

describe('a batch of the queue', () => {
  test('is processed, and no message comes back', async () => {
    const { process, report, processed, reported } = given();

    expect(await processBatch([order('a'), order('b')], process, report)).toEqual({ batchItemFailures: [] });

    expect(processed).toEqual(['a', 'b']);
    expect(reported).toEqual([]);
  });

  test('given one order that fails, only its message comes back, and the failure is reported', async () => {
    const { process, report, processed, reported } = given(['b']);

    const response = await processBatch([order('a'), order('b'), order('c')], process, report);

    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-b' }] });
    expect(processed).toEqual(['a', 'c']);
    expect(reported).toEqual(['message-b: b is broken']);
  });

  test.each([
    ['no JSON', 'tea'],
    ['no order', '{}'],
    ['an order that is no text', '{"orderId":7}'],
  ])(
    'given a message with %s, it comes back, so that it ends as a dead letter that somebody can read',
    async (_c, body) => {
      const { process, report, processed } = given();

      const response = await processBatch([message('odd', body), order('a')], process, report);

      expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'odd' }]);
      expect(processed).toEqual(['a']);
    },
  );
});
