import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { liveContentOf, livePageOf, livePolicy, type ShownRun } from '../report/index.ts';
import { Readers } from './readers.ts';
import { isOurs, isSame } from './request.ts';

/** Only programs of this machine reach it. */
const ADDRESS = '127.0.0.1';

/** Who opens more has no use for them. */
const CONNECTIONS = 32;

/** A report that is served while its run goes on. */
export interface LiveReport {
  /** Holds a secret: who knows it may read. */
  readonly address: string;
  /** Something has happened. */
  changed(): void;
  /** The run has ended: readers are told, and nobody is served any more. Never rejects. */
  end(): Promise<void>;
}

/**
 * Serves the page of a run, to be read and for nothing else. It does not keep the process alive, and what goes wrong
 * with it is nothing to the run.
 *
 * @param run what there is to show at the moment
 * @throws Error of Node if nothing can listen on this machine
 */
export async function serveReport(run: () => ShownRun): Promise<LiveReport> {
  const readers = new Readers(async () => liveContentOf(run()));
  const path = `/${randomBytes(24).toString('base64url')}/`;
  let host = '';

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    response.on('error', () => undefined);
    const { url = '' } = request;
    const asks = (wanted: string) => isSame(url, wanted);
    const [page, events] = [asks(path), asks(`${path}events`)];
    if (!isOurs(request, host) || (!page && !events)) return refuse(response);
    if (events) {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
      return readers.add(response);
    }
    const markup = await livePageOf(run());
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `${livePolicy()}; frame-ancestors 'none'`,
    });
    response.end(markup);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.maxConnections = CONNECTIONS;
  server.on('connection', (socket) => socket.unref());
  server.listen(0, ADDRESS);
  await once(server, 'listening');
  server.unref();
  server.on('error', () => undefined);
  host = `${ADDRESS}:${(server.address() as AddressInfo).port}`;

  return {
    address: `http://${host}${path}`,
    changed: () => readers.changed(),
    end: async () => {
      server.close();
      await readers.end().catch(() => undefined);
      server.closeAllConnections();
    },
  };
}

/** Nothing is kept, told to others, taken for something else, or shown in the page of another site. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
} as const;

function refuse(response: ServerResponse): void {
  response.writeHead(404, { ...HEADERS, Connection: 'close' });
  response.end();
}
