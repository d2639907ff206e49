import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, type RequestOptions, createServer, get } from 'node:http';
import { type Agent as HttpsAgent, get as getTls } from 'node:https';
import { type AddressInfo, createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { connect } from './http.ts';
import { selfSigned } from './testing/certificate.ts';
import { type QueryServer, queryServer } from './testing/query-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-cdk-http-'));
const authority = join(folder, 'authority.pem');
const another = join(folder, 'another.pem');
let server: QueryServer;

beforeAll(async () => {
  const certificate = selfSigned();
  writeFileSync(authority, certificate.cert);
  writeFileSync(another, selfSigned().cert);
  server = await queryServer(() => [200, 'hello'], certificate);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('trusting certificate authorities', () => {
  test.each([
    ['NX_CDK_CA_FILE', { NX_CDK_CA_FILE: authority }],
    ['AWS_CA_BUNDLE', { AWS_CA_BUNDLE: authority }],
    ['NX_CDK_CA_FILE although AWS_CA_BUNDLE names another one', { NX_CDK_CA_FILE: authority, AWS_CA_BUNDLE: another }],
    ['AWS_CA_BUNDLE although NX_CDK_CA_FILE names another one', { NX_CDK_CA_FILE: another, AWS_CA_BUNDLE: authority }],
  ])('trusts that of %s', async (_, environment) => {
    expect(await ask(environment)).toBe('hello');
  });

  test.each([
    ['nothing', {}],
    ['another authority', { NX_CDK_CA_FILE: another }],
  ])('trusts nobody else: %s', async (_, environment) => {
    expect(await ask(environment)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test.each([
    ['alone', {}],
    ['beside an authority of ours', { NX_CDK_CA_FILE: another }],
  ])('trusts that of NODE_EXTRA_CA_CERTS, which Node reads when it starts: %s', async (_, environment) => {
    // given a process of its own
    const module = pathToFileURL(join(import.meta.dirname, 'http.ts')).href;
    const script = `
      import { get } from 'node:https';
      import { connect } from '${module}';
      const agent = connect(process.env).https;
      get('${server.url}', { agent }, (response) => response.pipe(process.stdout)).on('error', (error) => console.log(error.code)).on('close', () => agent.destroy());`;
    const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: authority, ...environment };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
    expect(stdout).toBe('hello');
  });

  test.each(['NX_CDK_CA_FILE', 'AWS_CA_BUNDLE'])('names the variable and the file where %s points nowhere', (name) => {
    expect(() => connect({ [name]: '/nowhere/ca.pem' })).toThrow(
      expect.objectContaining({ code: 'CaFile', message: expect.stringMatching(`/nowhere/ca.pem that ${name} names`) }),
    );
  });

  test('names the variable and the file where it holds no certificate', () => {
    const file = join(folder, 'broken.pem');
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n');
    expect(() => connect({ AWS_CA_BUNDLE: file })).toThrow(
      expect.objectContaining({ code: 'CaFile', message: expect.stringMatching(`${file} that AWS_CA_BUNDLE names`) }),
    );
  });
});

describe('proxies', () => {
  test.each([
    ['127.0.0.1', {}],
    ['127.0.0.1', { NO_PROXY: 'example.com' }],
    ['127.0.0.1', { no_proxy: 'example.com' }],
    ['localhost', { no_proxy: 'example.com', NO_PROXY: 'example.org' }],
    ['bucket.localhost', {}],
  ])('are never asked for %s, whatever the shell excludes (%j)', async (host, excluded) => {
    const proxied = await throughProxy(host, excluded);
    expect(proxied).not.toBe('proxied');
  });

  test('are asked for everything else, but not for what the shell excludes', async () => {
    expect(await throughProxy('example.invalid', {})).toBe('proxied');
    expect(await throughProxy('example.invalid', { NO_PROXY: 'example.invalid' })).not.toBe('proxied');
    expect(await throughProxy('example.invalid', { no_proxy: 'example.invalid' })).not.toBe('proxied');
  });

  test('registries may have one of their own, which nothing else is sent to', async () => {
    // given a proxy that leads to the TLS server, whatever host it is asked for
    const asked: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url!);
      const upstream = createConnection(Number(new URL(server.url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const NX_CDK_REGISTRY_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const connections = connect({ NX_CDK_REGISTRY_PROXY, NX_CDK_CA_FILE: authority, NO_PROXY: '*' });
    // The certificate is for this name; the host that is asked for is another one.
    const options = { servername: 'localhost', checkServerIdentity: () => undefined };
    const get = (agent: HttpsAgent) =>
      bodyOf((done) => getTls('https://registry.invalid/', { ...options, agent }, done));

    // when / then
    expect(await get(connections.registry)).toBe('hello');
    expect(await get(connections.https)).not.toBe('hello');
    expect(asked).toEqual(['registry.invalid:443']);
    connections.destroy();
    proxy.close();
  });
});

/** What the TLS server answers, or the code of the error. */
async function ask(environment: NodeJS.ProcessEnv): Promise<string> {
  const connections = connect(environment);
  try {
    return await bodyOf((done) => getTls(server.url, { agent: connections.https }, done));
  } finally {
    connections.destroy();
  }
}

/** What comes back for a request to a host's port 1, where nothing listens, with a proxy in the environment. */
async function throughProxy(host: string, excluded: NodeJS.ProcessEnv): Promise<string> {
  const proxy = createServer((_request, response) => response.end('proxied'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const connections = connect({ HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, ...excluded });
  const options: RequestOptions = { host, port: 1, agent: connections.http };
  try {
    return await bodyOf((done) => get(options, done));
  } finally {
    connections.destroy();
    proxy.close();
  }
}

function bodyOf(send: (done: (response: IncomingMessage) => void) => ClientRequest): Promise<string> {
  return new Promise((resolve) => {
    send((response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => resolve(body));
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
