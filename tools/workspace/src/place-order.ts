import { setTimeout as wait } from 'node:timers/promises';
import type { Answer, DeployedApi } from '@nx-cdk/local-aws';

interface Order {
  readonly id?: string;
  readonly status?: string;
}

/** How long the worker may take to see an order, in milliseconds. */
const PATIENCE = 15_000;

/**
 * Places an order through the API of the example, as a signed request of the account it is in, and waits until the
 * worker behind the queue has processed it.
 */
export async function placeOrder(api: DeployedApi): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const send = (method: 'GET' | 'POST', path: string, body?: string) =>
    api.fetch(path, { method, headers, body, signed: true });
  const placed = await send('POST', '/orders', JSON.stringify({ item: 'tea', quantity: 2 }));
  const order = (await placed.json().catch(() => ({}))) as Order;
  if (placed.status !== 201 || order.id === undefined) {
    return { ok: false, text: `${placed.status} ${JSON.stringify(order)}` };
  }
  const name = `201 order ${order.id.slice(0, 8)}`;
  for (const deadline = Date.now() + PATIENCE; ; await wait(250)) {
    const found = (await (await send('GET', `/orders/${order.id}`)).json().catch(() => ({}))) as Order;
    if (found.status === 'PROCESSED') return { ok: true, text: `${name} PROCESSED` };
    if (Date.now() > deadline) return { ok: false, text: `${name} ${found.status ?? 'lost'}` };
  }
}
