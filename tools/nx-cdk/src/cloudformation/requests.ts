import type * as Sdk from '@aws-sdk/client-cloudformation';
import type { AwsClients, Session } from '../aws/index.ts';
import type { Clock } from './clock.ts';
import { persistently } from './transient.ts';

/** Makes a request; the SDK is handed in, since it is loaded late. */
type Request<I extends Sdk.ServiceInputTypes, O extends Sdk.ServiceOutputTypes> = (
  sdk: typeof Sdk,
) => Sdk.$Command<I, O, Sdk.CloudFormationClientResolvedConfig, Sdk.ServiceInputTypes, Sdk.ServiceOutputTypes>;

/** Sends requests to CloudFormation, in one session. */
export class Requests {
  readonly #aws: AwsClients;
  readonly #session: Session;
  readonly #clock: Clock;

  constructor(aws: AwsClients, session: Session, clock: Clock) {
    this.#aws = aws;
    this.#session = session;
    this.#clock = clock;
  }

  /** Sends a request that changes nothing, again and again if need be. */
  read<I extends Sdk.ServiceInputTypes, O extends Sdk.ServiceOutputTypes>(request: Request<I, O>) {
    return persistently(this.#clock, () => this.send(request));
  }

  /** Reads all pages of an answer. @param itemsOf the items of one page */
  async readAll<I extends Sdk.ServiceInputTypes, O extends Sdk.ServiceOutputTypes & { NextToken?: string }, Item>(
    request: (sdk: typeof Sdk, token: string | undefined) => ReturnType<Request<I, O>>,
    itemsOf: (page: O) => readonly Item[] | undefined,
  ): Promise<Item[]> {
    const items: Item[] = [];
    for (let token: string | undefined; ;) {
      const next = token;
      const page = await this.read<I, O>((sdk) => request(sdk, next));
      items.push(...(itemsOf(page) ?? []));
      token = page.NextToken || undefined;
      if (token === undefined) return items;
    }
  }

  // Imported on first use: a run that has nothing to ask does not pay for the SDK.
  async send<I extends Sdk.ServiceInputTypes, O extends Sdk.ServiceOutputTypes>(
    request: Request<I, O>,
    abortSignal?: AbortSignal,
  ): Promise<O> {
    const [client, sdk] = await Promise.all([
      this.#aws.cloudFormation(this.#session),
      import('@aws-sdk/client-cloudformation'),
    ]);
    return client.send(request(sdk), { abortSignal });
  }
}
