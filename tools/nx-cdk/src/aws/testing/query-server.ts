import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SelfSigned } from './certificate.ts';

/** One request of the query protocol that CloudFormation and STS speak. */
export interface QueryRequest {
  readonly action: string;
  readonly parameters: URLSearchParams;
  /** Access key id that signed it. */
  readonly keyId: string;
  /** How many requests of this action came before. */
  readonly earlier: number;
}

/** An HTTP status and a body; `undefined` hangs up. */
export type QueryAnswer = readonly [status: number, body: string] | undefined;

/** A server on a free loopback port that answers in CloudFormation's and STS's XML, and keeps what it was asked. */
export interface QueryServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly QueryRequest[];
  /** How many connections are open right now. */
  openSockets(): number;
  close(): Promise<void>;
}

/** Starts a server; with a certificate it speaks TLS. */
export async function queryServer(
  answer: (request: QueryRequest) => QueryAnswer | Promise<QueryAnswer>,
  tls?: SelfSigned,
): Promise<QueryServer> {
  const requests: QueryRequest[] = [];
  const sockets = new Set<Socket>();
  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const parameters = new URLSearchParams(body);
    const action = parameters.get('Action') ?? '';
    const keyId = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
    const request = { action, parameters, keyId, earlier: requests.filter((one) => one.action === action).length };
    requests.push(request);
    const given = await answer(request);
    if (given === undefined) return void incoming.socket.destroy();
    response.writeHead(given[0], { 'content-type': 'text/xml' }).end(given[1]);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse) => void handle(incoming, response);
  const server: Server =
    tls === undefined ? createServer(listener) : (createTlsServer({ ...tls }, listener) as unknown as Server);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    openSockets: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An error as the query protocol writes it. */
export function refusal(status: number, code: string, message: string): QueryAnswer {
  return [
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  ];
}

/** The answer of an action, its result given as XML. */
export function result(action: string, xml: string): QueryAnswer {
  return [
    200,
    `<${action}Response><${action}Result>${xml}</${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`,
  ];
}

/** A session as `AssumeRole` answers. */
export function session(expiration: Date, secret: string): QueryAnswer {
  return result(
    'AssumeRole',
    `<Credentials><AccessKeyId>ASIASESSION</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey><SessionToken>token-of-${secret}</SessionToken><Expiration>${expiration.toISOString()}</Expiration></Credentials>`,
  );
}
