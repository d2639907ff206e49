import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { RunningInstance } from './running-instance.ts';

/** A request to the emulator itself, which asks for its secret (shim/local_aws/control_calls.py). */
export function controlRequest(
  target: Pick<RunningInstance, 'endpoint' | 'caFile' | 'secret'>,
  path: string,
  options: { method?: string; timeoutMilliseconds?: number } = {},
): Promise<Response> {
  return localRequest(target, path, { ...options, headers: { 'x-local-aws-secret': target.secret } });
}

/**
 * One HTTPS request to an instance. The certificate is verified against the instance's own authority and nothing else;
 * proxies, the default agent and NODE_EXTRA_CA_CERTS of the machine do not matter.
 */
export async function localRequest(
  target: { endpoint: string; caFile: string },
  path: string,
  options: {
    method?: string;
    headers?: Record<string, string>;
    body?: Uint8Array | string;
    timeoutMilliseconds?: number;
  } = {},
): Promise<Response> {
  const { hostname: host, port } = new URL(target.endpoint);
  const { method, headers, body, timeoutMilliseconds: timeout = 60_000 } = options;
  const ca = await readFile(target.caFile);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // The name is verified even if the Host header names a deployed API, which the certificate does not.
    const settings = { host, port, servername: 'localhost', ca, agent: false, path, method, headers, timeout };
    const outgoing = request(settings, resolve);
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${target.endpoint} did not answer in time`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const content = await buffer(response);
  const { statusCode: status = 0, statusMessage: statusText } = response;
  // The constructor refuses a body, even an empty one, if HTTP has none.
  return new Response([204, 205, 304].includes(status) ? null : new Uint8Array(content), {
    status,
    statusText,
    headers: Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  });
}
