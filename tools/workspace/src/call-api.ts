import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { fetchDeployed } from 'local-aws';
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

/** Places an order through a deployed API, as a signed request of the account it is in, and waits until the worker behind the queue has processed it. */
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
  const signer = new SignatureV4({
    service: 'execute-api',
    region,
    // On the local AWS a 12-digit key id is the root of that account.
    credentials: { accessKeyId: account, secretAccessKey: local['AWS_SECRET_ACCESS_KEY'] ?? '' },
    sha256: Sha256,
  });
  return async (method: 'GET' | 'POST', path: string, body?: string) => {
    const { hostname } = new URL(url);
    const request = new HttpRequest({
      method,
      protocol: 'https:',
      hostname,
      path,
      headers: { host: hostname, 'content-type': 'application/json' },
      body,
    });
    const signed = await signer.sign(request);
    return fetchDeployed(`${url}${path}`, { method, headers: signed.headers, body }, target);
  };
}

/** Node's SHA-256 in the shape that the SDK's signer asks for. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
