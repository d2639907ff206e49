import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Recorder, registerSecret } from '../progress/index.ts';
import type { ShownRun } from '../report/index.ts';
import { type LiveReport, serveReport } from './serve-report.ts';

let recorder: Recorder;
let success: boolean | undefined;
let live: LiveReport;

const shown = (): ShownRun => ({
  format: 1,
  command: 'deploy',
  project: 'shop',
  success: success ?? true,
  ...(success === undefined && { goesOn: true as const }),
  recording: recorder.recording(),
});

beforeEach(async () => {
  recorder = new Recorder();
  recorder.listener({ type: 'run-started', action: 'deploy', items: 2, subject: '2 stacks in 1 target' });
  success = undefined;
  live = await serveReport(shown);
});
afterEach(() => live.end());

function begin(id: string): void {
  recorder.listener({ type: 'item-started', id, label: id });
  live.changed();
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request as it is, unlike `fetch`, which forbids some headers. @param path after the secret */
async function ask(path = '', { method = 'GET', headers = {} }: Asked = {}): Promise<IncomingMessage> {
  const sent = request(new URL(path, live.address), { method, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8');
}

async function textOf(response: IncomingMessage): Promise<string> {
  return (await response.toArray()).join('');
}

/** Reads events until one of a name has come. */
async function eventOf(response: IncomingMessage, name: string): Promise<{ title: string; body: string }> {
  let text = '';
  for await (const part of response.iterator({ destroyOnReturn: false })) {
    text += String(part);
    const found = new RegExp(`event: ${name}\ndata: (.*)\n\n`).exec(text);
    if (found !== null) return JSON.parse(found[1]!) as { title: string; body: string };
  }
  throw new Error(`There was no event ${name}: ${text}`);
}

test('it listens on this machine only, at an address that cannot be guessed', async () => {
  const other = await serveReport(shown);
  const form = /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/;
  expect(live.address).toMatch(form);
  expect(other.address).toMatch(form);
  expect(new URL(other.address).pathname).not.toBe(new URL(live.address).pathname);
  await other.end();
});

test('its page shows what has happened, and may ask nobody else', async () => {
  begin('Data');
  const response = await ask();
  const page = await textOf(response);
  expect(response.statusCode).toBe(200);
  expect(page).toContain('<title>Deploy shop: running</title>');
  expect(page).toContain('0 done, 1 under way');
  const policy = response.headers['content-security-policy']!;
  expect(policy).toMatch(/^default-src 'none'; .*; connect-src 'self'; .*; frame-ancestors 'none'$/);
  const inPage = / http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
  expect(policy).toBe(`${inPage}; frame-ancestors 'none'`);
});

test.each([
  ['the page', ''],
  ['events', 'events'],
])('%s are kept nowhere, and told to nobody', async (_, path) => {
  const { headers, statusCode } = await ask(path);
  expect({ statusCode, ...headers }).toMatchObject({
    statusCode: 200,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
  });
});

test.each<[string, string, Asked]>([
  ['the root', '/', {}],
  ['another secret', '/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/', {}],
  ['events of another secret', '/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/events', {}],
  ['a path below', 'other', {}],
  ['a query', '?x', {}],
  ['a path that leads back', 'x/..%2f', {}],
  ['another method', '', { method: 'POST' }],
  ['another method', '', { method: 'HEAD' }],
  ['another method for events', 'events', { method: 'OPTIONS' }],
  ['another name of this machine', '', { headers: { host: 'example.com' } }],
  ['a name that leads here', 'events', { headers: { host: 'localhost:80' } }],
  ['another port', '', { headers: { host: '127.0.0.1' } }],
  ['another site', 'events', { headers: { origin: 'http://example.com' } }],
  ['no site', 'events', { headers: { origin: 'null' } }],
  ['a page of another site', '', { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['another program of this machine', '', { headers: { 'sec-fetch-site': 'same-site' } }],
])('there is nothing for %s', async (_, path, asked) => {
  const response = await ask(path, asked);
  expect(response.statusCode).toBe(404);
  expect(response.headers).toMatchObject({ 'cache-control': 'no-store' });
  expect(await textOf(response)).toBe('');
});

test.each([
  ['a person who opens the address', { 'sec-fetch-site': 'none' }],
  ['its own page', { 'sec-fetch-site': 'same-origin' }],
])('it answers %s', async (_, headers) => {
  const origin = new URL(live.address).origin;
  expect((await ask('', { headers })).statusCode).toBe(200);
  expect((await ask('events', { headers: { ...headers, origin } })).statusCode).toBe(200);
});

test('readers are told what happens, and what has happened by then', async () => {
  const reader = await ask('events');
  expect((await eventOf(reader, 'page')).body).toContain('0 done, 0 under way');
  begin('Data');
  begin('Service');
  const { title, body } = await eventOf(reader, 'page');
  expect(title).toBe('Deploy shop: running');
  expect(body).toContain('0 done, 2 under way');
});

test('at the end, readers get all of it, and nobody is served any more', async () => {
  const reader = await ask('events');
  begin('Data');
  recorder.listener({ type: 'item-finished', id: 'Data', outcome: 'failed', detail: 'No room', milliseconds: 5 });
  recorder.listener({ type: 'run-finished', success: false, summary: '1 stack: 1 failed', milliseconds: 5 });
  success = false;
  const [{ title, body }] = await Promise.all([eventOf(reader, 'ended'), live.end()]);
  expect(title).toBe('Deploy shop: failed');
  expect(body).toContain('No room');
  await expect(ask()).rejects.toThrow(/ECONNREFUSED/);
});

test('a reader who does not read is not waited for', async () => {
  const text = 'x'.repeat(20_000_000);
  recorder.listener({ type: 'message', level: 'info', text });
  const reader = await ask('events');
  reader.pause();
  await live.end();
  expect(reader.readableEnded).toBe(false);
});

test('what cannot be shown ends a connection, and nothing else', async () => {
  const broken = await serveReport(() => {
    throw new Error('broken');
  });
  await expect(fetch(broken.address)).rejects.toThrow('fetch failed');
  const events = await fetch(`${broken.address}events`);
  await expect(events.text()).rejects.toThrow('terminated');
  await broken.end();
});

test('secrets are masked, also those that were told before they were known', async () => {
  recorder.listener({ type: 'message', level: 'info', text: 'the word is hunter2-hunter2' });
  const forget = registerSecret('hunter2-hunter2');
  const reader = await ask('events');
  const { body } = await eventOf(reader, 'page');
  forget();
  expect(body).toContain('the word is ****');
  expect(body).not.toContain('hunter2');
});
