import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { faultAnswer } from './fault-answer.ts';
import { type Fault, Faults, type InjectedFault, matches } from './faults.ts';
import { forward, type Upstream } from './forward.ts';
import { formAction, identify, isForm } from './identify.ts';
import type { RequestIdentity, RequestRecord } from './request-record.ts';
import { RoleSessions } from './role-sessions.ts';

export interface ProxyOptions {
  /** What the proxy stands in front of; a started local AWS is one. Its certificate must name `localhost`. */
  readonly target: {
    /** `https://127.0.0.1:<port>` */
    readonly endpoint: string;
    /** The authority that signed the target's certificate, PEM. */
    readonly caFile: string;
  };
  /**
   * The proxy's own certificate. @default the target's: `server.pem` and `server.key` beside its `caFile`, so clients
   * trust one authority for both
   */
  readonly certificate?: { readonly chainFile: string; readonly keyFile: string };
  /** Added to every request before it is forwarded, as distance would. @default 0 */
  readonly delayMilliseconds?: number;
  /** Called when a request gets its answer, or loses it. */
  readonly onRequest?: (record: RequestRecord) => void;
}

/** A running proxy. */
export interface AwsProxy {
  /** `https://127.0.0.1:<port>`, for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** What clients must trust; the target's. */
  readonly caFile: string;
  /** Every request that got its answer, or lost it, in that order, since the start or the last {@link reset}. */
  readonly requests: readonly RequestRecord[];
  /** How many of {@link requests} match; all of them without an argument. */
  count(match?: Fault['match']): number;
  setDelay(milliseconds: number): void;
  /** Lets requests fail from now on. */
  fail(fault: Fault): InjectedFault;
  /** Forgets the requests and the faults; the delay stays. */
  reset(): void;
  /** Closes every connection. */
  close(): Promise<void>;
}

/**
 * Starts an HTTPS proxy on a free port of 127.0.0.1.
 *
 * @throws Error if a certificate file cannot be read
 */
export async function startProxy(options: ProxyOptions): Promise<AwsProxy> {
  const target = new URL(options.target.endpoint);
  const folder = dirname(options.target.caFile);
  const [ca, cert, key] = await Promise.all([
    readFile(options.target.caFile),
    readFile(options.certificate?.chainFile ?? join(folder, 'server.pem')),
    readFile(options.certificate?.keyFile ?? join(folder, 'server.key')),
  ]);
  const upstream: Upstream = {
    hostname: target.hostname,
    port: Number(target.port),
    // Idle connections are given up before the local AWS gives them up (after 75 s): no request meets a closing one.
    agent: new Agent({ keepAlive: true, ca, maxFreeSockets: 256, timeout: 60_000 }),
  };
  const faults = new Faults();
  const sessions = new RoleSessions();
  let requests: RequestRecord[] = [];
  let delay = options.delayMilliseconds ?? 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const time = Date.now();
    const arrived = performance.now();
    const delayed = delay > 0 ? wait(delay) : undefined;
    const head = isForm(request) ? await readUntilAction(request) : [];
    const identity = identify(request, Buffer.concat(head).toString(), (id) => sessions.ownerOf(id));
    const fault = faults.next(identity);
    await delayed;
    // Recorded before the client sees its answer, so a client that has an answer finds its request recorded.
    let recorded = false;
    const record = (status: number): void => {
      if (recorded) return;
      recorded = true;
      const kind = fault && (typeof fault.with === 'object' ? fault.with.code : fault.with);
      const milliseconds = Math.round((performance.now() - arrived) * 10) / 10;
      const line = { time, milliseconds, ...identity, status, ...(kind ? { fault: kind } : {}) };
      requests.push(line);
      options.onRequest?.(line);
    };
    await answer(request, response, { head, identity, fault, record }, upstream, sessions).catch(() => {
      record(0);
      // What the client would see of an endpoint that is gone: no answer at all.
      request.socket.destroy();
    });
  };

  // Connections of clients outlive any pause between two steps: nobody but the client closes them.
  const server = createServer({ cert, key, keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caFile: options.target.caFile,
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
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      upstream.agent.destroy();
      await closed;
    },
  };
}

interface Incoming {
  readonly head: Buffer[];
  readonly identity: RequestIdentity;
  readonly fault: Fault | undefined;
  /** Told once which status the client is about to get; 0 for none. */
  readonly record: (status: number) => void;
}

/** Answers a request, or does not, as its fault demands. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { head, identity, fault, record }: Incoming,
  upstream: Upstream,
  sessions: RoleSessions,
): Promise<void> {
  if (fault?.with === 'cut-before') {
    record(0);
    request.socket.destroy();
    return;
  }
  const failure = fault && faultAnswer(fault.with, identity);
  if (failure) {
    // The whole request is read first: an answer in the middle of an upload is a broken connection to most clients.
    await readToEnd(request);
    record(failure.status);
    response.writeHead(failure.status, failure.headers).end(failure.body);
    return;
  }
  const loseAnswer = fault?.with === 'lost-answer';
  const handsOutKeys = identity.service === 'sts' && identity.action.startsWith('AssumeRole');
  await forward(request, response, upstream, {
    head,
    loseAnswer,
    onAnswer: (status) => record(loseAnswer || response.destroyed ? 0 : status),
    listen: handsOutKeys ? (body) => sessions.learn(body) : undefined,
  });
  if (loseAnswer) request.socket.destroy();
}

/**
 * Reads of a form body what is needed to find its `Action`, which clients write first; the rest is left in the stream.
 */
function readUntilAction(request: IncomingMessage): Promise<Buffer[]> {
  return new Promise((resolve) => {
    const head: Buffer[] = [];
    const done = () => {
      request.pause().off('data', read).off('end', done).off('close', done);
      resolve(head);
    };
    const read = (chunk: Buffer) => {
      head.push(chunk);
      if (formAction(Buffer.concat(head).toString(), false)) done();
    };
    request.on('data', read).on('end', done).on('close', done);
  });
}

function readToEnd(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) resolve();
    else
      request
        .on('end', () => resolve())
        .on('close', () => resolve())
        .resume();
  });
}
