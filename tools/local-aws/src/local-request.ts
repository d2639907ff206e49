import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { readFile } from 'node:fs/promises';

/** What an instance answered. */
export interface LocalResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * One HTTPS request to an instance. The certificate is verified against the instance's own authority and nothing else,
 * and no proxy, no default agent and no NODE_EXTRA_CA_CERTS of the machine has a say.
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
): Promise<LocalResponse> {
  const endpoint = new URL(target.endpoint);
  const ca = await readFile(target.caFile);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: endpoint.hostname,
        port: endpoint.port,
        // The name that is verified: also where the Host header names a deployed API, which the certificate does not.
        servername: 'localhost',
        ca,
        agent: false,
        path,
        method: options.method ?? 'GET',
        headers: options.headers,
        timeout: options.timeoutMilliseconds ?? 60_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            statusText: response.statusMessage ?? '',
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${target.endpoint} did not answer in time`)));
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}
