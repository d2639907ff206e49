import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Orders } from './orders.ts';

/** What {@link answer} needs; time and ids come from outside, so that a test can know them. */
export interface Surroundings {
  readonly orders: Orders;
  /** Makes the id of a new order. */
  readonly newId: () => string;
  /** The current time. */
  readonly now: () => Date;
}

/** Answers one request of the HTTP API (payload format 2.0). */
export async function answer(
  request: Pick<APIGatewayProxyEventV2, 'routeKey' | 'pathParameters' | 'body' | 'isBase64Encoded'>,
  { orders, newId, now }: Surroundings,
): Promise<APIGatewayProxyStructuredResultV2> {
  switch (request.routeKey) {
    case 'GET /':
      return json(200, { status: 'ok' });

    case 'POST /orders': {
      const wish = parseWish(request);
      if (typeof wish === 'string') return json(400, { message: wish });
      const order = { id: newId(), ...wish, status: 'PLACED', placedAt: now().toISOString() } as const;
      await orders.place(order);
      return json(201, order, { location: `/orders/${order.id}` });
    }

    case 'GET /orders/{id}': {
      const id = request.pathParameters?.id ?? '';
      const order = await orders.find(id);
      return order === undefined ? json(404, { message: `There is no order ${id}.` }) : json(200, order);
    }

    default:
      return json(404, { message: `There is no ${request.routeKey}.` });
  }
}

/** The order somebody asks for, or a sentence that says what is wrong with it. */
function parseWish(
  request: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>,
): { item: string; quantity: number } | string {
  // API Gateway encodes a body whose content type it does not take for text.
  const text = request.isBase64Encoded ? Buffer.from(request.body ?? '', 'base64').toString() : (request.body ?? '');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'The body is no JSON: send {"item": "...", "quantity": 1}.';
  }
  const { item, quantity = 1 } = (body ?? {}) as { item?: unknown; quantity?: unknown };
  if (typeof item !== 'string' || item.trim() === '') return '"item" must be a text.';
  if (!Number.isSafeInteger(quantity) || (quantity as number) < 1)
    return '"quantity" must be a whole number from 1 on.';
  return { item, quantity: quantity as number };
}

function json(
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
