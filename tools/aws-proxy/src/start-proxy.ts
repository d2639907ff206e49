import { readFile } from 'node:fs/promises';
import { createServer as createDoor, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { faultAnswer } from './fault-answer.ts';
import { type Fault, Faults, type InjectedFault, matches } from './faults.ts';
import { answerWith, forward } from './forward.ts';
import { identify, isForm, isRegistry, type KeyOwner, type RequestIdentity, sessionIn } from './identify.ts';

/** One request and what became of it. */
export interface RequestRecord extends RequestIdentity {
  /** From its arrival to the beginning of its answer, the added delay included. */
  readonly milliseconds: number;
  /** The HTTP status that the client got, or 0 if it got none: its connection was cut, or it hung up. */
  readonly status: number;
  /** Set if a fault was injected. */
  readonly fault?: string;
}

/** A running proxy. */
export interface AwsProxy {
  /** `https://127.0.0.1:<port>`, for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /**
   * `http://127.0.0.1:<port>`: the way to the registries under their own names, by CONNECT, as
   * `LocalAws.registryProxy`.
   */
  readonly registryProxy: string;
  /** The variables of both; they replace those of the target in a client's environment. */
  readonly environment: Record<'AWS_ENDPOINT_URL' | 'NX_CDK_REGISTRY_PROXY', string>;
  /** What clients must trust; the target's. */
  readonly caFile: string;
  /** Every request that got its answer, or lost it, in that order, since the start or the last {@link reset}. */
  readonly requests: readonly RequestRecord[];
  /** How many of {@link requests} match; all of them without an argument. */
  count(match?: Fault['match']): number;
  /** Milliseconds that are added to every request before it is forwarded, as distance would. 0 at the start. */
  setDelay(milliseconds: number): void;
  /** Lets requests fail from now on. */
  fail(fault: Fault): InjectedFault;
  /** Forgets the requests and the faults; the delay stays. */
  reset(): void;
  /** Closes every connection. */
  close(): Promise<void>;
}

/**
 * Starts an HTTPS proxy on a free port of 127.0.0.1, and a door to it for those who know registries by name.
 *
 * @param target what it stands in front of; a started local AWS is one. Its certificate, `server.pem` and `server.key`
 *   next to its `caFile`, is the proxy's too, so that clients trust one authority for both.
 * @throws Error if a certificate file cannot be read
 */
export async function startProxy(target: { readonly endpoint: string; readonly caFile: string }): Promise<AwsProxy> {
  const { hostname, port } = new URL(target.endpoint);
  const folder = dirname(target.caFile);
  const files = [target.caFile, join(folder, 'server.pem'), join(folder, 'server.key')];
  const [ca, cert, key] = await Promise.all(files.map((file) => readFile(file)));
  // Idle connections are given up before the local AWS gives them up (after 75 s): no request meets a closing one.
  const agent = new Agent({ keepAlive: true, ca, maxFreeSockets: 256, timeout: 60_000 });
  const faults = new Faults();
  // Whose the session keys are that were handed out. Only the id of a key is kept.
  const owners = new Map<string, KeyOwner>();
  let requests: RequestRecord[] = [];
  let delay = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const arrived = performance.now();
    const delayed = delay > 0 ? wait(delay) : undefined;
    const form = isForm(request) ? await buffer(request) : undefined;
    const identity = identify(request, form?.toString() ?? '', (id) => owners.get(id));
    const fault = faults.next(identity)?.with;
    await delayed;
    const record = (status: number): void => {
      const milliseconds = Math.round((performance.now() - arrived) * 10) / 10;
      const kind = typeof fault === 'object' ? fault.code : fault;
      requests.push({ milliseconds, ...identity, status, ...(kind ? { fault: kind } : {}) });
    };

    // Recorded before the client sees its answer, so a client that has an answer finds its request recorded.
    if (fault === 'cut-before') return cut(request, record);
    const failure = fault && faultAnswer(fault, identity);
    if (failure) {
      // The whole request is read first: an answer in the middle of an upload is a broken connection to most clients.
      if (!form) await finished(request.resume()).catch(() => undefined);
      record(failure.status);
      response.writeHead(failure.status, failure.headers).end(failure.body);
      return;
    }
    const answer = await forward(request, form, { hostname, port, agent }).catch(() => undefined);
    // What the client would see of an endpoint that is gone: no answer at all.
    if (!answer) return cut(request, record);
    const handsOutKeys = identity.service === 'sts' && identity.action.startsWith('AssumeRole');
    const body = fault || handsOutKeys ? await buffer(answer) : undefined;
    if (fault) return cut(request, record);
    const session = body && sessionIn(body.toString());
    if (session) owners.set(...session);
    record(response.destroyed ? 0 : answer.statusCode!);
    await answerWith(answer, body, response);
  };

  // Connections of clients outlive any pause between two steps: nobody but the client closes them.
  const server = createServer({ cert, key, keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  const door = createDoor().on('connect', ({ url = '' }, socket) => {
    socket.on('error', () => socket.destroy());
    if (!isRegistry(url)) return socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    // From here on it is like any other connection to the proxy.
    return server.emit('connection', socket);
  });
  const [endpoint, registryProxy] = [`https://${await listen(server)}`, `http://${await listen(door)}`];
  return {
    endpoint,
    registryProxy,
    environment: { AWS_ENDPOINT_URL: endpoint, NX_CDK_REGISTRY_PROXY: registryProxy },
    caFile: target.caFile,
    get requests() {
      return requests;
    },
    count: (match) => requests.filter((request) => matches(match, request)).length,
    setDelay: (milliseconds) => void (delay = milliseconds),
    fail: (fault) => faults.add(fault),
    reset: () => {
      requests = [];
      faults.clear();
    },
    close: async () => {
      const closed = [server, door].map((each) => new Promise((resolve) => each.close(resolve)));
      server.closeAllConnections();
      door.closeAllConnections();
      agent.destroy();
      await Promise.all(closed);
    },
  };
}

/** @returns address and port */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The client gets no answer. */
function cut(request: IncomingMessage, record: (status: number) => void): void {
  record(0);
  request.socket.destroy();
}
