import { open } from 'node:fs/promises';
import { request, type Agent, type RequestOptions } from 'node:https';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** No byte in or out for so long: the other side is gone. In milliseconds. */
const IDLE = 120_000;

/** How much of a file is read, and sent, at a time. In bytes. */
const CHUNK = 256 * 1024;

/** A part of a file. */
export interface FilePart {
  readonly file: string;
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
}

/** One HTTP exchange. */
export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly agent: Agent;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Its length stands in `Content-Length`. @default none */
  readonly body?: Buffer | FilePart | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Takes the body of a good answer as it comes. @default the answer holds it */
  readonly receive?: ((body: IncomingMessage) => Promise<void>) | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends one request, once. Throws what the connection throws, and `AbortError` if the signal ends it. */
export async function exchange(what: Exchange): Promise<Answer> {
  const { url, body } = what;
  const expectsBody = what.method === 'POST' || what.method === 'PUT';
  const length = Buffer.isBuffer(body) ? body.length : (body?.size ?? (expectsBody ? 0 : undefined));
  const options: RequestOptions = {
    agent: what.agent,
    method: what.method,
    headers: { ...what.headers, ...(length !== undefined && { 'Content-Length': String(length) }) },
    timeout: IDLE,
    signal: what.signal,
  };
  const outgoing = request(url, options);
  outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })));
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
  });
  answered.catch(() => undefined);
  if (body === undefined || Buffer.isBuffer(body)) {
    outgoing.end(body);
    return read(await answered, what);
  }
  // A registry may answer before it has read all of the body: its answer says more than a broken pipe, and ends the
  // upload.
  let isSent = false;
  const sent = sendPart(body, outgoing).then(
    () => (isSent = true),
    () => undefined,
  );
  const answer = await read(await answered, what);
  if (!isSent) outgoing.destroy();
  await sent;
  return answer;
}

/**
 * Sends a part of a file by way of one buffer, which is filled again once it is sent. A stream would allocate a new one
 * for each chunk; with many uploads at a time, collecting those takes more time than encrypting them.
 */
async function sendPart({ file, offset, size }: FilePart, outgoing: ClientRequest): Promise<void> {
  const handle = await open(file);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size));
    for (let sent = 0; sent < size;) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - sent), offset + sent);
      if (bytesRead === 0) throw new Error(`${file} ends early`);
      await new Promise<void>((resolve, reject) => {
        outgoing.write(buffer.subarray(0, bytesRead), (error) => (error ? reject(error) : resolve()));
      });
      sent += bytesRead;
    }
    outgoing.end();
  } catch (error) {
    outgoing.destroy(error as Error);
    throw error;
  } finally {
    await handle.close();
  }
}

async function read(response: IncomingMessage, what: Exchange): Promise<Answer> {
  const status = response.statusCode ?? 0;
  const chunks: Buffer[] = [];
  if (status === 200 && what.receive) await what.receive(response);
  else for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status, headers: response.headers, body: Buffer.concat(chunks) };
}
