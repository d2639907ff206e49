import { setTimeout as wait } from 'node:timers/promises';
import { createHash, createHmac } from 'node:crypto';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { fetchDeployed, type LocalAws } from 'local-aws';
import type { DeployReport } from './reports.ts';

/** An order as the API answers with it. */
export interface Order {
  readonly id: string;
  readonly item: string;
  readonly quantity: number;
  readonly status: string;
}

/** The deployed orders API of one stack, called as a root user of its account. */
export class DeployedApi {
  readonly #aws: LocalAws;
  readonly #url: string;
  readonly #signer: SignatureV4;

  /** @throws Error where the report has no such stack or the stack no output `ApiUrl` */
  constructor(aws: LocalAws, report: DeployReport, stackId: string) {
    const stack = report.stacks.find(({ id }) => id === stackId);
    const url = stack?.outputs['ApiUrl'];
    if (stack === undefined || url === undefined) throw new Error(`The report has no ApiUrl of ${stackId}`);
    this.#aws = aws;
    this.#url = url;
    this.#signer = new SignatureV4({
      service: 'execute-api',
      region: stack.region,
      credentials: aws.credentialsFor(stack.account),
      sha256: Sha256,
    });
  }

  /** A signed request. */
  async send(method: 'GET' | 'POST', path: string, body?: string): Promise<Response> {
    const { hostname } = new URL(this.#url);
    const headers = { host: hostname, 'content-type': 'application/json' };
    const request = new HttpRequest({ method, protocol: 'https:', hostname, path, headers, body });
    const signed = await this.#signer.sign(request);
    return this.#fetch(method, path, signed.headers, body);
  }

  /** A request that nobody has signed. */
  async sendUnsigned(method: 'GET' | 'POST', path: string, body?: string): Promise<Response> {
    return this.#fetch(method, path, { 'content-type': 'application/json' }, body);
  }

  /** Asks for an order until the worker behind the queue has processed it, for at most 20 seconds; returns its last state. */
  async processed(id: string): Promise<Order> {
    for (const deadline = Date.now() + 20_000; ; await wait(200)) {
      const order = (await (await this.send('GET', `/orders/${id}`)).json()) as Order;
      if (order.status === 'PROCESSED' || Date.now() > deadline) return order;
    }
  }

  #fetch(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Response> {
    return fetchDeployed(`${this.#url}${path}`, { method, headers, body }, this.#aws);
  }
}

/** Node's SHA-256 in the shape that the signer asks for. */
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
