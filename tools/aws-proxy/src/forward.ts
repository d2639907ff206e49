import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';

/**
 * Headers of one connection, not of the message (RFC 9110, 7.6.1); none of them is ever signed. `Expect` was answered
 * here already.
 */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect']);

export interface Upstream {
  readonly hostname: string;
  readonly port: number;
  readonly agent: Agent;
}

export interface Forwarding {
  /** What of the body has been read already. */
  readonly head: Buffer[];
  /** Told the status when the answer arrives, before the client sees any of it. */
  readonly onAnswer: (status: number) => void;
  /** The answer is read to its end and thrown away. */
  readonly loseAnswer: boolean;
  /** Gets a copy of the answer's body. */
  readonly listen?: (body: string) => void;
}

/**
 * Carries a request to the endpoint and its answer back, both as streams. The headers go as the client wrote them,
 * `Host` included: the signature covers it.
 *
 * @returns when the answer is at its end, or the client gone
 * @throws Error if the endpoint does not answer
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
  forwarding: Forwarding,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest({
      agent: upstream.agent,
      hostname: upstream.hostname,
      port: upstream.port,
      // The name that is verified. Without it, it is taken from the Host header, which may name a deployed API.
      servername: 'localhost',
      method: request.method,
      path: request.url,
      headers: endToEnd(request.rawHeaders),
    });
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      answer.on('error', reject);
      if (forwarding.listen) listenTo(answer, forwarding.listen);
      const status = answer.statusCode ?? 0;
      forwarding.onAnswer(status);
      if (forwarding.loseAnswer) {
        answer.on('end', () => resolve()).resume();
        return;
      }
      response.writeHead(status, answer.statusMessage, endToEnd(answer.rawHeaders, ['transfer-encoding']));
      answer.pipe(response);
      // A client that hung up: the answer still has to be read, or its connection would not be free for the next
      // request.
      response.on('close', () => {
        if (!response.writableFinished) answer.resume();
        resolve();
      });
    });
    // Half a request must not look like a whole one; a whole one is carried out even if nobody waits for the answer any
    // more.
    request.on('close', () => {
      if (!request.complete) outgoing.destroy(new Error('The client hung up.'));
    });
    for (const chunk of forwarding.head) outgoing.write(chunk);
    if (request.readableEnded) outgoing.end();
    else request.pipe(outgoing);
  });
}

function endToEnd(rawHeaders: string[], without: string[] = []): string[] {
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (!HOP_BY_HOP.has(name) && !without.includes(name)) kept.push(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  return kept;
}

function listenTo(answer: IncomingMessage, listen: (body: string) => void): void {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  answer.on('end', () => listen(Buffer.concat(chunks).toString()));
}
