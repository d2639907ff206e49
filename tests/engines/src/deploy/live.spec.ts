import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { openTestBed, rootClients, STAGING, type StartedProcess, startExecutors, type TestBed } from 'test-bed';
import { gatedApp, openGate } from '../bed/apps.ts';

let bed: TestBed;
let client: CloudFormationClient;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  client = rootClients(bed.local, STAGING).cloudFormation();
});

afterAll(() => bed?.close());

/** Publishes an app whose stack `Slow` waits for a gate, and begins to deploy it. */
async function begin(name: string, environment = {}): Promise<StartedProcess> {
  const { directory } = gatedApp(bed.folder, name, { env: STAGING });
  const steps = [
    ['publish', { assembly: directory, allowUnreleased: true }],
    ['deploy', { assembly: directory, allowUnreleased: true, ui: true }],
  ] as const;
  return startExecutors(bed.folder, steps, { ...bed.environment(), ...environment });
}

/** Until CloudFormation waits for the gate. */
async function isWaiting(name: string): Promise<void> {
  const look = () => client.send(new DescribeStacksCommand({ StackName: `${name}-Slow` })).catch(() => undefined);
  while ((await look())?.Stacks?.[0]?.StackStatus !== 'CREATE_IN_PROGRESS') await wait(50);
}

async function addressOf(run: StartedProcess): Promise<string> {
  await run.wrote(/Live report: \S+\n/);
  return /Live report: (\S+)\n/.exec(run.output())![1]!;
}

/** Reads along. */
class Reader {
  readonly #parts: AsyncIterator<string>;
  #text = '';

  private constructor(parts: AsyncIterable<string>) {
    this.#parts = parts[Symbol.asyncIterator]();
  }

  static async open(address: string): Promise<Reader> {
    const { body } = await fetch(`${address}events`);
    return new Reader(body!.pipeThrough(new TextDecoderStream()));
  }

  /** What is told with the next event of a name whose content is such. */
  async until(name: string, content: RegExp): Promise<string> {
    for (;;) {
      const events = [...this.#text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)];
      const found = events.find(([, event, data]) => event === name && content.test(data!));
      if (found !== undefined) return (JSON.parse(found[2]!) as { body: string }).body;
      const { done, value } = await this.#parts.next();
      if (done === true) throw new Error(`No event ${name} has told ${content}: ${this.#text.slice(-2000)}`);
      this.#text += value;
    }
  }
}

/** How an item ended, as its row says. */
function endOf(body: string, id: string): string | undefined {
  const row = new RegExp(`id="item-\\d+-${id}"[^]*?<span class="end">[^]*?</span>([^<]*)</span>`);
  return row.exec(body)?.[1];
}

test('a deployment is followed from its beginning to its end, and does not wait for its readers', async () => {
  // given a deployment that waits
  const run = await begin('followed');
  const address = await addressOf(run);
  const page = await (await fetch(address)).text();
  expect(page).toContain('<title>Deploy shop: running</title>');
  const [reader, other] = await Promise.all([Reader.open(address), Reader.open(address)]);
  const during = await reader.until('page', /item-0-Slow/);
  expect(endOf(during, 'Slow')).toBe('running');
  expect(await (await fetch(address)).text()).toContain('item-0-Slow');

  // when it goes on
  await isWaiting('followed');
  await openGate(client, 'followed');
  const atTheEnd = await reader.until('ended', /./);

  // then
  expect(endOf(atTheEnd, 'Slow')).toBe('created');
  expect(endOf(atTheEnd, 'After')).toBe('created');
  expect(atTheEnd).toContain('2 stacks: 2 created');
  const { code, output } = await run.ended;
  expect({ code, output }).toEndWith(0);
  expect(await other.until('ended', /./)).toBe(atTheEnd);
  await expect(fetch(address)).rejects.toThrow('fetch failed');
  expect(output.match(/Live report/g)).toHaveLength(1);

  // and the address, which is a secret, is in no file
  const folder = join(bed.folder, 'dist/reports/shop');
  const files = readdirSync(folder);
  expect(files).toContainEqual(expect.stringMatching(/deploy\.html$/));
  const secret = new URL(address).pathname;
  expect(files.filter((file) => readFileSync(join(folder, file), 'utf8').includes(secret))).toEqual([]);
});

test('Ctrl-C means the same while somebody reads along, who sees how it ends', async () => {
  const run = await begin('interrupted-live');
  const reader = await Reader.open(await addressOf(run));
  await reader.until('page', /item-0-Slow/);
  await isWaiting('interrupted-live');

  run.kill('SIGINT');
  await run.wrote('Interrupted: nothing new is started');
  await openGate(client, 'interrupted-live');

  const body = await reader.until('ended', /./);
  expect([endOf(body, 'Slow'), endOf(body, 'After')]).toEqual(['created', 'skipped']);
  expect(await run.ended).toEndWith(1);
});

test('in a CI nothing is served, and the deployment goes on', async () => {
  const run = await begin('in-a-ci', { CI: 'true' });
  await run.wrote('--ui is for a person at work, and this is a CI: nothing is served.');
  await isWaiting('in-a-ci');
  await openGate(client, 'in-a-ci');
  const { code, output } = await run.ended;
  expect({ code, output }).toEndWith(0);
  expect(output).not.toContain('Live report');
});
