import { open } from 'node:fs/promises';
import { request, type Agent } from 'node:https';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Blob } from './local-image.ts';

/** After so long without a byte in or out, the other side counts as gone. In milliseconds. */
const IDLE = 120_000;

/** How much of a file is read, and sent, at a time. In bytes. */
const CHUNK = 256 * 1024;

/** A part of a file. */
type FilePart = Pick<Blob, 'file' | 'offset' | 'size'>;

/** One HTTP request. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** @default none */
  readonly body?: Buffer | FilePart;
  /** Takes the body of a good answer as it comes. @default the answer holds it */
  readonly receive?: (body: IncomingMessage) => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends one request, once. Throws what the connection throws, and `AbortError` if the signal ends it. */
export async function exchange(
  url: URL,
  { method, headers, body, receive }: Exchange,
  options: { readonly agent: Agent; readonly signal: AbortSignal | undefined },
): Promise<Answer> {
  const length = Buffer.isBuffer(body) ? body.length : (body?.size ?? (method === 'GET' ? undefined : 0));
  const outgoing = request(url, {
    ...options,
    method,
    headers: { ...headers, ...(length !== undefined && { 'Content-Length': String(length) }) },
    timeout: IDLE,
  });
  outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })));
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
  });
  answered.catch(() => undefined);
  if (body === undefined || Buffer.isBuffer(body)) {
    outgoing.end(body);
    return read(await answered, receive);
  }
  // A registry may answer before it has read all of the body: its answer says more than a broken pipe, and ends the
  // upload.
  let isSent = false;
  const sent = sendPart(body, outgoing).then(
    () => (isSent = true),
    () => undefined,
  );
  const answer = await read(await answered, receive);
  if (!isSent) outgoing.destroy();
  await sent;
  return answer;
}

/**
 * Sends a part of a file through one buffer, which is filled again once it is sent. A stream would allocate a new one
 * for each chunk; with many uploads at a time, collecting those takes more time than encrypting them.
 */
async function sendPart({ file, offset, size }: FilePart, outgoing: ClientRequest): Promise<void> {
  await using handle = await open(file);
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size));
    for (let sent = 0; sent < size;) {
      const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - sent), offset + sent);
      if (bytesRead === 0) throw new Error(`${file} ends early`);
      await new Promise<void>((resolve, reject) => {
        outgoing.write(chunk.subarray(0, bytesRead), (error) => (error ? reject(error) : resolve()));
      });
      sent += bytesRead;
    }
    outgoing.end();
  } catch (error) {
    outgoing.destroy(error as Error);
    throw error;
  }
}

async function read(response: IncomingMessage, receive: Exchange['receive']): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  if (status !== 200 || !receive) return { status, headers, body: await buffer(response) };
  await receive(response);
  return { status, headers, body: Buffer.alloc(0) };
}
