import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, Agent, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsClients } from '../aws/index.ts';
import { selfSigned } from '../aws/testing/certificate.ts';
import type { ImageDestination } from '../destinations/index.ts';
import { type ProgressEvent, redact } from '../progress/index.ts';
import { Registries, type RepositoryRequest } from './registry.ts';

const ACCOUNT = '111111111111';
const LOOK: RepositoryRequest = { action: 'Look', method: 'GET', path: 'blobs/x' };

interface Seen {
  readonly host: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly length: string | undefined;
  readonly body: Buffer;
}

let server: Server;
let port: number;
let seen: Seen[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
/** Answers before the request is read. */
let early: typeof answer | undefined;
let folder: string;
const agent = new Agent({
  keepAlive: false,
  rejectUnauthorized: false,
  // Every name is this machine.
  lookup: (_host, options, done) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-'));
  server = createServer(selfSigned(), (request, response) => {
    if (early) return early(request, response);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { host = '', authorization, 'content-length': length } = request.headers;
      seen.push({ host, path: request.url!, authorization, length, body: Buffer.concat(chunks) });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  seen = [];
  early = undefined;
  answer = (_request, response) => response.end('good');
});

describe('a registry', () => {
  test('is asked with the token of the role, at the registry of the account, one token for all requests', async () => {
    const { registries, tokens } = registry();
    await Promise.all([registries.send(destination(), LOOK), registries.send(destination(), LOOK)]);
    expect(seen[0]).toMatchObject({
      host: `${ACCOUNT}.registry.test:${port}`,
      path: '/v2/images/blobs/x',
      authorization: `Basic ${tokens[0]}`,
    });
    expect(tokens).toHaveLength(1);
  });

  test('never sees its token shown: neither in an event nor where somebody else would print it', async () => {
    const { registries, events, tokens } = registry();
    await registries.send(destination(), LOOK);
    expect(JSON.stringify(events)).not.toContain(tokens[0]);
    const secret = Buffer.from(tokens[0]!, 'base64').toString().slice('AWS:'.length);
    expect(redact(`${tokens[0]} and ${secret}`)).toBe('**** and ****');
  });

  test('that sends on to another host does not get the token carried there', async () => {
    // given
    answer = (request, response) =>
      request.headers.host!.startsWith('layers')
        ? response.end('the layer')
        : response.writeHead(307, { location: `https://layers.test:${port}/signed?ticket=1` }).end();

    // when
    const { body } = await registry().registries.send(destination(), LOOK);

    // then
    expect(body.toString()).toBe('the layer');
    expect(seen[1]).toMatchObject({ host: `layers.test:${port}`, path: '/signed?ticket=1', authorization: undefined });

    // when it gives a place to upload to on another host
    answer = (_request, response) => response.end();
    const upload = { ...LOOK, method: 'PUT', path: `https://uploads.test:${port}/x` } as const;
    await registry().registries.send(destination(), upload);

    // then
    expect(seen.at(-1)).toMatchObject({ host: `uploads.test:${port}`, authorization: undefined });
  });

  test('is asked again after 429, 5xx and a broken connection, and gets a new token after a 401', async () => {
    // given
    const troubles = [429, 503, 0, 401];
    answer = (request, response) => {
      const status = troubles.shift();
      if (status === 0) request.socket.destroy();
      else response.writeHead(status ?? 200).end();
    };
    const first = registry();

    // when
    await first.registries.send(destination(), LOOK).catch(() => undefined);

    // then a 401 that is not the first answer is final
    expect(seen).toHaveLength(4);
    expect(first.events.at(-1)).toMatchObject({ type: 'aws-call', service: 'ecr', action: 'Look', attempts: 4 });

    // when
    troubles.push(401);
    const second = registry();
    await second.registries.send(destination(), LOOK);

    // then
    expect(second.tokens).toHaveLength(2);
    expect(seen.at(-1)!.authorization).toBe(`Basic ${second.tokens[1]}`);
  });

  test.each([
    [403, 'DENIED', 'AccessDenied', 'The role images may not ecr:Look in 111111111111/eu-west-1: because.'],
    [
      404,
      'NAME_UNKNOWN',
      'NotBootstrapped',
      /no repository images in 111111111111\/eu-west-1: nx bootstrap does not make it/,
    ],
    [400, 'TAG_INVALID', 'RegistryRefused', 'ecr:Look of images failed in 111111111111/eu-west-1: because.'],
    [418, undefined, 'RegistryRefused', /the registry answered 418\./],
  ])('that answers %s %s is told in one sentence', async (status, code, expected, message) => {
    answer = (_request, response) =>
      response.writeHead(status).end(code ? JSON.stringify({ errors: [{ code, message: 'because' }] }) : 'no JSON');
    await expect(registry().registries.send(destination(), LOOK)).rejects.toMatchObject({
      code: expected,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
    expect(seen).toHaveLength(1);
  });

  test('gets a part of a file as it is, with its length', async () => {
    // given a part of more chunks than one, and not of whole ones
    const content = randomBytes(700_000);
    await writeFile(join(folder, 'blobs'), content);
    const part = { file: join(folder, 'blobs'), offset: 1000, size: 600_001 };

    // when
    await registry().registries.send(destination(), { ...LOOK, method: 'PUT', body: part });

    // then
    expect(seen[0]!.length).toBe('600001');
    expect(seen[0]!.body.equals(content.subarray(1000, 601_001))).toBe(true);
  });

  test('that refuses before it has read a file is heard, and gets no more of it', async () => {
    await writeFile(join(folder, 'large'), Buffer.alloc(32 * 1024 * 1024));
    early = (_request, response) => {
      // Else the server closes the connection at once, and what it has not read resets it before the answer is heard.
      response.shouldKeepAlive = true;
      response.writeHead(403).end('{"errors":[{"code":"DENIED","message":"no"}]}');
    };
    const body = { file: join(folder, 'large'), offset: 0, size: 32 * 1024 * 1024 };
    await expect(registry().registries.send(destination(), { ...LOOK, method: 'PUT', body })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });

  test('is not sent half a file: one that has become shorter is an error', async () => {
    await writeFile(join(folder, 'short'), 'short');
    const body = { file: join(folder, 'short'), offset: 0, size: 10 };
    const controller = new AbortController();
    const sent = registry(controller.signal).registries.send(destination(), { ...LOOK, method: 'PUT', body });
    setTimeout(() => controller.abort(), 200);
    await expect(sent).rejects.toMatchObject({ code: 'Interrupted' });
    expect(seen).toHaveLength(0);
  });

  test('is left at once where the run is interrupted', async () => {
    const controller = new AbortController();
    answer = () => controller.abort();
    const { registries } = registry(controller.signal);
    await expect(registries.send(destination(), LOOK)).rejects.toMatchObject({ code: 'Interrupted' });
  });
});

function registry(signal?: AbortSignal) {
  const events: ProgressEvent[] = [];
  const tokens: string[] = [];
  const send = async () => {
    const secret = `secret-${Math.random()}-${'x'.repeat(40)}`;
    tokens.push(Buffer.from(`AWS:${secret}`).toString('base64'));
    const proxyEndpoint = `https://999999999999.registry.test:${port}`;
    return { authorizationData: [{ authorizationToken: tokens.at(-1), proxyEndpoint }] };
  };
  const aws = { ecr: async () => ({ send }), agents: { https: agent, registry: agent } } as unknown as AwsClients;
  const listener = (event: ProgressEvent) => void events.push(event);
  return { registries: new Registries({ aws, listener, ...(signal ? { signal } : {}) }), events, tokens };
}

function destination(): ImageDestination {
  const target = { account: ACCOUNT, region: 'eu-west-1' };
  const session = {
    ...target,
    role: { kind: 'image-publishing', region: target.region, arn: `arn:aws:iam::${ACCOUNT}:role/images` },
  } as const;
  const targetName = `${ACCOUNT}/eu-west-1`;
  return { kind: 'image', target, targetName, repository: 'images', tag: 'tag', session } as ImageDestination;
}
