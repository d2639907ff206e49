import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { fetchDeployed } from '@nx-cdk/local-aws';
import { WORKSPACE_ROOT } from './nx.ts';

/** What a deployed API said. */
export interface Answer {
  readonly ok: boolean;
  /** `201 order 5f0c… PROCESSED` */
  readonly text: string;
}

interface Order {
  readonly id?: string;
  readonly status?: string;
}

/** How long the worker may take to see an order, in milliseconds. */
const PATIENCE = 15_000;

/**
 * Places an order through a deployed API, as a signed request of the account it is in, and waits until the worker
 * behind the queue has processed it.
 */
export async function callApi(
  url: string,
  where: { readonly account: string; readonly region: string },
): Promise<Answer> {
  const send = await caller(url, where);
  const placed = await send('POST', '/orders', JSON.stringify({ item: 'tea', quantity: 2 }));
  const order = (await placed.json().catch(() => ({}))) as Order;
  if (placed.status !== 201 || order.id === undefined) {
    return { ok: false, text: `${placed.status} ${JSON.stringify(order)}` };
  }
  for (const deadline = Date.now() + PATIENCE; ; await wait(250)) {
    const found = (await (await send('GET', `/orders/${order.id}`)).json().catch(() => ({}))) as Order;
    if (found.status === 'PROCESSED') return { ok: true, text: `201 order ${order.id.slice(0, 8)} PROCESSED` };
    if (Date.now() > deadline)
      return { ok: false, text: `201 order ${order.id.slice(0, 8)} ${found.status ?? 'lost'}` };
  }
}

async function caller(url: string, { account, region }: { readonly account: string; readonly region: string }) {
  const local = parseEnv(await readFile(join(WORKSPACE_ROOT, '.env.local-aws'), 'utf8'));
  const target = { endpoint: local['AWS_ENDPOINT_URL'] ?? '', caFile: local['NX_CDK_CA_FILE'] ?? '' };
  // On the local AWS a 12-digit key id is the root of that account.
  const credentials = { accessKeyId: account, secretAccessKey: local['AWS_SECRET_ACCESS_KEY'] ?? '' };
  const headers = { 'content-type': 'application/json' };
  return (method: 'GET' | 'POST', path: string, body?: string) =>
    fetchDeployed(`${url}${path}`, { method, headers, body }, target, { credentials, region });
}
