import type { Order, Orders } from './orders.ts';
import { type Surroundings, answer } from './routes.ts';

/** Orders in memory: the same promises as the ones in the table. */
function given(...known: Order[]): Surroundings & { placed: Order[] } {
  const placed: Order[] = [];
  const orders: Orders = {
    place: async (order) => void placed.push(order),
    find: async (id) => known.find((order) => order.id === id),
  };
  return { orders, placed, newId: () => 'order-1', now: () => new Date('2026-01-02T03:04:05Z') };
}

const request = (routeKey: string, rest: { body?: string; id?: string; isBase64Encoded?: boolean } = {}) => ({
  routeKey,
  body: rest.body,
  isBase64Encoded: rest.isBase64Encoded ?? false,
  pathParameters: rest.id === undefined ? undefined : { id: rest.id },
});

describe('POST /orders', () => {
  test('stores the order and answers with it and its address', async () => {
    const surroundings = given();

    const response = await answer(request('POST /orders', { body: '{"item":"tea","quantity":2}' }), surroundings);

    const order = { id: 'order-1', item: 'tea', quantity: 2, status: 'PLACED', placedAt: '2026-01-02T03:04:05.000Z' };
    expect(surroundings.placed).toEqual([order]);
    expect(response).toMatchObject({ statusCode: 201, headers: { location: '/orders/order-1' } });
    expect(JSON.parse(response.body ?? '')).toEqual(order);
  });

  test('orders one piece where no quantity is given', async () => {
    const surroundings = given();
    await answer(request('POST /orders', { body: '{"item":"tea"}' }), surroundings);
    expect(surroundings.placed[0]?.quantity).toBe(1);
  });

  test('reads a body that API Gateway has encoded', async () => {
    const surroundings = given();
    const body = Buffer.from('{"item":"tea"}').toString('base64');
    await answer(request('POST /orders', { body, isBase64Encoded: true }), surroundings);
    expect(surroundings.placed[0]?.item).toBe('tea');
  });

  test.each([
    ['no body', undefined, 'no JSON'],
    ['no JSON', 'tea', 'no JSON'],
    ['JSON that is no object', 'null', '"item" must be'],
    ['no item', '{"quantity":1}', '"item" must be'],
    ['an empty item', '{"item":" "}', '"item" must be'],
    ['a quantity of zero', '{"item":"tea","quantity":0}', '"quantity" must be'],
    ['half a piece', '{"item":"tea","quantity":0.5}', '"quantity" must be'],
  ])('given %s, it refuses and stores nothing', async (_case, body, message) => {
    const surroundings = given();

    const response = await answer(request('POST /orders', body === undefined ? {} : { body }), surroundings);

    expect(response.statusCode).toBe(400);
    expect(JSON.parse(response.body ?? '').message).toContain(message);
    expect(surroundings.placed).toEqual([]);
  });

  test('lets a failure of the store through, so that the caller sees a 5xx and not a false success', async () => {
    const orders: Orders = { place: () => Promise.reject(new Error('no table')), find: async () => undefined };
    const placing = answer(request('POST /orders', { body: '{"item":"tea"}' }), { ...given(), orders });
    await expect(placing).rejects.toThrow('no table');
  });
});

describe('GET /orders/{id}', () => {
  const order: Order = { id: 'a', item: 'tea', quantity: 1, status: 'PROCESSED', placedAt: '2026-01-02T03:04:05.000Z' };

  test('answers with the order', async () => {
    const response = await answer(request('GET /orders/{id}', { id: 'a' }), given(order));
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(response.body ?? '')).toEqual(order);
  });

  test('given an unknown id, it says so', async () => {
    const response = await answer(request('GET /orders/{id}', { id: 'b' }), given(order));
    expect(response.statusCode).toBe(404);
    expect(JSON.parse(response.body ?? '').message).toBe('There is no order b.');
  });
});

test('GET / answers without asking the store', async () => {
  const broken = { place: () => Promise.reject(new Error()), find: () => Promise.reject(new Error()) };
  const response = await answer(request('GET /'), { ...given(), orders: broken });
  expect(response).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' });
});

test('an unknown route is not found', async () => {
  expect(await answer(request('DELETE /orders'), given())).toMatchObject({ statusCode: 404 });
});
