import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';

/**
 * Headers of one connection, not of the message (RFC 9110, 7.6.1); none of them is ever signed. `Expect` was answered
 * here already.
 */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect']);

/**
 * Carries a request to the endpoint, as a stream. The headers go as the client wrote them, `Host` included: the
 * signature covers it.
 *
 * @param body what has been read of it already: all or nothing
 * @returns the beginning of the answer
 * @throws Error if the endpoint does not answer
 */
export function forward(
  request: IncomingMessage,
  body: Buffer | undefined,
  upstream: { readonly hostname: string; readonly port: string; readonly agent: Agent },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest({
      ...upstream,
      // The name that is verified. Without it, it is taken from the Host header, which may name a deployed API.
      servername: 'localhost',
      method: request.method,
      path: request.url,
      headers: endToEnd(request.rawHeaders),
    });
    outgoing.on('error', reject).on('response', resolve);
    if (body) outgoing.end(body);
    // Half a request must not look like a whole one: if the client hangs up, this one is cut as well. A whole one is
    // carried out even if nobody waits for the answer any more.
    else pipeline(request, outgoing).catch(reject);
  });
}

/** Carries the answer back; without a body, as a stream. */
export async function answerWith(answer: IncomingMessage, body: Buffer | undefined, response: ServerResponse) {
  response.writeHead(answer.statusCode!, answer.statusMessage, endToEnd(answer.rawHeaders, 'transfer-encoding'));
  if (body) response.end(body);
  else await pipeline(answer, response);
}

function endToEnd(rawHeaders: readonly string[], without = ''): string[] {
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)]!.toLowerCase();
    return !HOP_BY_HOP.has(name) && name !== without;
  });
}
