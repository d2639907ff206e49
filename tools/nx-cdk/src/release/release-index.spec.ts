import { VirtualClock } from '../cloudformation/testing/virtual-clock.ts';
import { claimPlaces } from './claims.ts';
import { recordPublished } from './put-records.ts';
import { type FoundEntry, indexKey, parseIndexKey, readIndex } from './release-index.ts';
import { ACCOUNT, FakeAccount, REGION, stackOf, uploaded } from './testing/fake-account.ts';

const OWNER = '0123456789ab';
const COMMIT = 'c0'.repeat(20);
const NOW = Date.parse('2026-11-20T14:03:00Z');
const target = { account: ACCOUNT, region: REGION };
const bucket = { bucket: 'assets', target, session: target };

let cloud: FakeAccount;
beforeEach(() => {
  cloud = new FakeAccount();
});

const digest = (number: number) => number.toString(16).padStart(64, '0');

/** Releases that were published one each second. */
function published(count: number, owner = OWNER): void {
  for (let number = 0; number < count; number += 1) {
    cloud.put('assets', indexKey(owner, { release: digest(number), publishedAt: NOW + number * 1000 }), '');
  }
}

async function newest(question: { before?: number; pageSize?: number } = {}): Promise<FoundEntry[]> {
  for await (const page of readIndex(cloud.aws, bucket, { owner: OWNER, ...question })) return page;
  return [];
}

describe('a key of the index', () => {
  test.each([
    ['without a commit', {}],
    ['with a commit', { commit: COMMIT, edited: false }],
    ['with files that differ from the commit', { commit: COMMIT, edited: true }],
  ])('says all of an entry, %s', (_, source) => {
    const entry = { release: digest(7), publishedAt: NOW, ...source };
    expect(parseIndexKey(indexKey(OWNER, entry))).toEqual({ owner: OWNER, ...entry });
  });

  test('of a SHA-256 repository has the beginning of the commit', () => {
    const key = indexKey(OWNER, { release: digest(7), publishedAt: NOW, commit: 'ab'.repeat(32), edited: false });
    expect(parseIndexKey(key)).toMatchObject({ commit: 'ab'.repeat(20) });
  });

  test.each([
    `releases/${digest(1)}/0123456789abcdef.json`,
    `released/${OWNER}/1-${digest(1)}/none`,
    `released/${OWNER}/8204646580000-${digest(1)}/none/more`,
    `released/../8204646580000-${digest(1)}/none`,
    `released/${OWNER}/8204646580000-${digest(1)}/$(reboot)`,
  ])('is not %s', (key) => {
    expect(parseIndexKey(key)).toBeUndefined();
  });
});

describe('the index', () => {
  test.each([10, 1000, 2500])('shows the newest of %i releases with one request', async (count) => {
    published(count);
    published(count, 'ffffffffffff');
    const found = await newest({ pageSize: 5 });
    expect(found.map(({ release }) => release)).toEqual([1, 2, 3, 4, 5].map((place) => digest(count - place)));
    expect(cloud.asked).toEqual([`ListObjectsV2 released/${OWNER}/`]);
  });

  test('shows what was published before a moment with one request', async () => {
    published(1000);
    const found = await newest({ before: NOW + 500_000, pageSize: 2 });
    expect(found.map(({ release }) => release)).toEqual([digest(499), digest(498)]);
    expect(cloud.asked).toHaveLength(1);
  });

  test('has page after page, and nothing that is no entry', async () => {
    published(5);
    cloud.put('assets', `released/${OWNER}/notes.txt`, '');
    const pages: number[] = [];
    for await (const page of readIndex(cloud.aws, bucket, { owner: OWNER, pageSize: 2 })) pages.push(page.length);
    expect(pages).toEqual([2, 2, 1]);
  });
});

describe('a publishing run', () => {
  const release = digest(1);
  const stacks = [stackOf('Data')];
  const listener = () => undefined;
  let asked: number;
  const source = async () => {
    asked += 1;
    return { commit: COMMIT, edited: false };
  };

  beforeEach(() => {
    asked = 0;
  });

  async function publish(options: { force?: boolean; owner?: string; claiming?: boolean } = { owner: OWNER }) {
    const { claiming = true, owner, force } = options;
    const dependencies = { aws: cloud.aws, listener, clock: new VirtualClock() };
    const about = { release, stacks, owner, force };
    const claims = claiming ? await claimPlaces({ ...about, isPart: () => true }, dependencies) : undefined;
    cloud.asked.length = 0;
    const destinations = [uploaded('Data.json', cloud.put('assets', 'Data.json', 'Data'), { outcome: 'uploaded' })];
    return recordPublished({ ...about, destinations, claims, source }, dependencies);
  }
  const entries = () => [...cloud.objects.keys()].filter((key) => key.startsWith('assets/released/'));
  const puts = () => cloud.asked.filter((each) => each.startsWith('PutObject'));

  test('notes a new release once, before its record, with one request more', async () => {
    await publish();
    expect(puts()).toEqual([
      expect.stringMatching(`^PutObject released/${OWNER}/[0-9]{13}-${release}/${COMMIT}$`),
      expect.stringMatching(`^PutObject releases/${release}/`),
    ]);
    // and the same again, though something was uploaded once more
    await publish();
    expect(puts()).toHaveLength(1);
    expect(entries()).toHaveLength(1);
    expect(asked).toBe(1);
  });

  test('that was killed before it wrote the record is made up for by the next one', async () => {
    const { objects } = cloud;
    await publish();
    for (const key of objects.keys()) if (key.startsWith('assets/releases/')) objects.delete(key);
    await publish();
    expect(new Set(entries().map((key) => parseIndexKey(key.replace('assets/', ''))?.release))).toEqual(
      new Set([release]),
    );
    expect(puts()).toHaveLength(2);
  });

  test('of a workspace without a name is in no index', async () => {
    expect(await publish({})).toMatchObject([{ outcome: 'recorded' }]);
    expect(entries()).toEqual([]);
  });

  test('that may not write there fails', async () => {
    const { s3 } = cloud.aws;
    const denied = {
      ...cloud.aws,
      s3: async (session: never) => ({
        send: async (command: never) => {
          const { Key = '' } = (command as { input: { Key?: string } }).input;
          if (Key.startsWith('released/')) throw new Error('no space left');
          return (await s3(session)).send(command);
        },
      }),
    } as unknown as typeof cloud.aws;
    const destinations = [uploaded('Data.json', cloud.put('assets', 'Data.json', 'Data'))];
    const report = await recordPublished(
      { release, stacks, owner: OWNER, destinations, source },
      { aws: denied, listener },
    );
    expect(report).toMatchObject([{ outcome: 'failed', failure: { message: expect.stringContaining('no space') } }]);
    expect([...cloud.objects.keys()].filter((key) => key.includes('releases/'))).toEqual([]);
  });
});
