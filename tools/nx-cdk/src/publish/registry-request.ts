import { request, type Agent, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** No byte in or out for so long: the other side is gone. In milliseconds. */
const IDLE = 120_000;

/** One HTTP exchange. */
export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly agent: Agent;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Of known length, which stands in `Content-Length`. */
  readonly body?: Buffer | (() => Readable) | undefined;
  readonly length?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Takes the body of a good answer as it comes. @default the answer holds it */
  readonly receive?: ((body: IncomingMessage) => Promise<void>) | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends one request, once. Throws what the connection throws, and `AbortError` where the signal ends it. */
export async function exchange(what: Exchange): Promise<Answer> {
  const { url, body } = what;
  const length = Buffer.isBuffer(body) ? body.length : what.length;
  const options: RequestOptions = {
    agent: what.agent,
    method: what.method,
    headers: { ...what.headers, ...(length === undefined ? {} : { 'Content-Length': String(length) }) },
    timeout: IDLE,
    ...(what.signal ? { signal: what.signal } : {}),
  };
  const outgoing = request(url, options);
  outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })));
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
  });
  answered.catch(() => undefined);
  if (typeof body === 'function') {
    // A registry may answer, and close, before it has read all of the body: its answer says more than the broken pipe.
    const sent = pipeline(body(), outgoing);
    await Promise.race([answered, sent]).catch(() => undefined);
    const response = await answered;
    await sent.catch(() => undefined);
    return read(response, what);
  }
  outgoing.end(body);
  return read(await answered, what);
}

async function read(response: IncomingMessage, what: Exchange): Promise<Answer> {
  const status = response.statusCode ?? 0;
  const chunks: Buffer[] = [];
  if (status === 200 && what.receive) await what.receive(response);
  else for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status, headers: response.headers, body: Buffer.concat(chunks) };
}
