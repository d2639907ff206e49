import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The comments of one pull request, with the API of GitHub and that of GitLab. */
export interface CodeHost {
  readonly url: string;
  readonly comments: readonly string[];
  close(): void;
}

export async function codeHost(): Promise<CodeHost> {
  const comments: string[] = [];
  const server = createServer((incoming, response) => {
    void answer(incoming, comments).then(([status, body]) => response.writeHead(status).end(JSON.stringify(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, comments, close: () => void server.close().closeAllConnections() };
}

async function answer(incoming: IncomingMessage, comments: string[]): Promise<[status: number, body: unknown]> {
  if (!incoming.headers['authorization'] && !incoming.headers['private-token']) return [401, {}];
  const id = /\/(?:comments|notes)\/(\d+)$/.exec(incoming.url ?? '')?.[1];
  if (incoming.method === 'GET') return [200, comments.map((body, index) => ({ id: index, body }))];
  const { body } = JSON.parse(Buffer.concat(await incoming.toArray()).toString()) as { body: string };
  if (id === undefined) comments.push(body);
  else comments[Number(id)] = body;
  return [200, {}];
}
