import { setTimeout as wait } from 'node:timers/promises';
import { fetchDeployed, type LocalAws, type Signer } from '@nx-cdk/local-aws';
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
  readonly #signer: Signer;

  /** @throws Error if the report has no such stack or the stack no output `ApiUrl` */
  constructor(aws: LocalAws, report: DeployReport, stackId: string) {
    const stack = report.stacks.find(({ id }) => id === stackId);
    const url = stack?.outputs['ApiUrl'];
    if (stack === undefined || url === undefined) throw new Error(`The report has no ApiUrl of ${stackId}`);
    this.#aws = aws;
    this.#url = url;
    this.#signer = { region: stack.region, credentials: aws.credentialsFor(stack.account) };
  }

  /** A signed request. */
  async send(method: 'GET' | 'POST', path: string, body?: string): Promise<Response> {
    return this.#fetch(method, path, body, this.#signer);
  }

  /** A request that nobody has signed. */
  async sendUnsigned(method: 'GET' | 'POST', path: string, body?: string): Promise<Response> {
    return this.#fetch(method, path, body);
  }

  /**
   * Asks for an order until the worker behind the queue has processed it, for at most 20 minutes; returns its last
   * state.
   */
  async processed(id: string): Promise<Order> {
    for (const deadline = Date.now() + 1_200_000; ; await wait(200)) {
      const order = (await (await this.send('GET', `/orders/${id}`)).json()) as Order;
      if (order.status === 'PROCESSED' || Date.now() > deadline) return order;
    }
  }

  #fetch(method: string, path: string, body?: string, signer?: Signer): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetchDeployed(`${this.#url}${path}`, { method, headers, body }, this.#aws, signer);
  }
}
