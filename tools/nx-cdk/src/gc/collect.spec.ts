import { VirtualClock } from '../cloudformation/testing/virtual-clock.ts';
import { formatEnvelope, RECORD_TYPE } from '../release/envelope.ts';
import { claimKey, formatRecord, recordKey, retiredKey } from '../release/record.ts';
import { indexKey, parseIndexKey } from '../release/release-index.ts';
import { collectGarbage } from './collect.ts';
import type { GarbagePlace } from './places.ts';
import type { GarbageDependencies, GarbageRequest } from './request.ts';
import { SharedAccount } from './testing/shared-account.ts';

const DAY = 24 * 60 * 60_000;
const [OURS, THEIRS] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'];
const target = { account: '111111111111', region: 'eu-west-1' };
const place: GarbagePlace = {
  target,
  targetName: '111111111111/eu-west-1',
  bucket: 'assets',
  repository: 'images',
  isChosen: true,
  session: target,
};

let clock: VirtualClock;
let account: SharedAccount;

beforeEach(() => {
  clock = new VirtualClock();
  account = new SharedAccount(clock);
});

/** A hash of 64 digits. */
const hash = (number: number) => number.toString(16).padStart(64, '0');
const file = (number: number) => `${hash(number)}.zip`;

/** Files that were uploaded some days ago. */
function uploaded(days: number, ...numbers: number[]): void {
  for (const number of numbers) account.put(file(number), 'content', clock.now() - days * DAY);
}

interface Recorded {
  readonly owner?: string;
  readonly days: number;
  readonly images?: readonly number[];
  readonly as?: 'record' | 'retired' | 'claim';
}

/** A release that needs some files, by a record that was written some days ago. */
function released(
  release: number,
  numbers: number[],
  { owner = OURS, days, images = [], as = 'record' }: Recorded,
): void {
  const key = recordKey(hash(release), numbers.map(file));
  const at = clock.now() - days * DAY;
  if (as === 'claim') {
    const places = numbers.map((number) => `s3://assets/${file(number)}`);
    const claim = { format: 1, release: hash(release), target: place.targetName, owner, places };
    return account.put(claimKey(key), JSON.stringify(claim), at);
  }
  const destinations = [
    ...numbers.map((number) => {
      return { kind: 'file', asset: hash(number), bucket: 'assets', key: file(number), sha256: hash(number) } as const;
    }),
    ...images.map((number) => {
      const digest = `sha256:${hash(number)}`;
      return { kind: 'image', asset: hash(number), repository: 'images', tag: hash(number), digest } as const;
    }),
  ];
  const payload = formatRecord({ format: 1, release: hash(release), target: place.targetName, owner, destinations });
  const text = formatEnvelope({ payloadType: RECORD_TYPE, payload, signatures: [] });
  account.put(as === 'retired' ? retiredKey(key) : key, text, at);
}

function stack(template: object, status = 'UPDATE_COMPLETE', changeSets: object[] = []): void {
  const texts = changeSets.map((each) => JSON.stringify(each));
  account.stacks.push({
    name: `stack-${account.stacks.length}`,
    template: JSON.stringify(template),
    status,
    changeSets: texts,
  });
}

async function collect(request: Partial<GarbageRequest> = {}, dependencies: Partial<GarbageDependencies> = {}) {
  const actor = account.actor('collector');
  const report = await collectGarbage(
    { owner: OURS, keep: 10, olderThan: 30 * DAY, places: [place], ...request },
    { aws: actor.aws, clock, listener: () => undefined, ...dependencies },
  );
  return { report, requests: actor.requests, items: report.targets[0]!.items.map(({ name }) => name) };
}

const there = () => [...account.objects.keys()].filter((key) => key.endsWith('.zip'));

describe('of what only retired releases name', () => {
  beforeEach(() => {
    uploaded(90, 1, 2, 3, 4, 5, 6);
    released(99, [1, 2, 3, 4, 5, 6], { days: 5, as: 'retired' });
  });

  test('what nothing needs is deleted, and then the note that named it', async () => {
    const { report, items } = await collect();
    expect(items).toEqual([1, 2, 3, 4, 5, 6].map(file));
    expect(report).toMatchObject({
      success: true,
      targets: [{ outcome: 'deleted', deleted: 6, files: { count: 6, bytes: 42 } }],
    });
    expect([...account.objects.keys()]).toEqual([]);
  });

  test.each<[string, () => void]>([
    ['a stack', () => stack({ Code: { S3Key: file(1) } })],
    ['a change set of a stack', () => stack({}, 'UPDATE_COMPLETE', [{ Url: `https://s3/assets/${file(1)}` }])],
    ['a change set that will create a stack', () => stack({}, 'REVIEW_IN_PROGRESS', [{ Code: file(1) }])],
    ['a name that a template makes of it', () => stack({ Name: `AssetParameters${hash(1)}S3Bucket` })],
    ['a kept release', () => released(7, [1], { days: 90 })],
    ['a record of another app', () => released(7, [1], { days: 900, owner: THEIRS })],
    ['a release that another app has retired', () => released(7, [1], { days: 900, owner: THEIRS, as: 'retired' })],
    ['a release that was retired just now', () => released(7, [1], { days: 0.5, as: 'retired' })],
    ['a publishing run', () => released(7, [1], { days: 0.1, as: 'claim', owner: THEIRS })],
  ])('what %s needs stays', async (_, given) => {
    given();
    const { items } = await collect({ all: true });
    expect(items).toEqual([2, 3, 4, 5, 6].map(file));
    expect(there()).toEqual([file(1)]);
  });

  test('what is young stays', async () => {
    uploaded(29, 1);
    await collect();
    expect(there()).toEqual([file(1)]);
  });

  test.each(['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED', 'UPDATE_FAILED'])(
    'nothing is deleted while a stack is %s, which may go back to what no template says',
    async (status) => {
      stack({}, status);
      const { report } = await collect();
      expect(report).toMatchObject({ success: false, targets: [{ outcome: 'skipped', deleted: 0 }] });
      expect(report.targets[0]!.detail).toContain(`stack-0 (${status}) in 111111111111/eu-west-1`);
      expect(there()).toHaveLength(6);
    },
  );

  test('nothing is deleted if somebody says no, or of what was not shown', async () => {
    expect((await collect({}, { confirm: async () => false })).report).toMatchObject({
      declined: true,
      success: false,
    });
    expect(there()).toHaveLength(6);

    const confirm = async () => {
      uploaded(90, 7);
      released(98, [7], { days: 5, as: 'retired' });
      released(97, [1], { days: 0 });
      return true;
    };
    await collect({}, { confirm });
    expect(there()).toEqual([file(1), file(7)]);
  });

  test('a dry run changes nothing', async () => {
    const { report, requests } = await collect({ dryRun: true });
    expect(report).toMatchObject({ success: true, targets: [{ outcome: 'planned', deleted: 0 }] });
    expect(requests.filter((name) => /Put|Copy|Delete/.test(name))).toEqual([]);
  });

  test('a record that nobody understands may protect anything: nothing is deleted', async () => {
    account.put(`releases/${hash(5)}/0000000000000000.json`, '{}');
    const { report } = await collect();
    expect(report).toMatchObject({
      success: false,
      targets: [{ outcome: 'failed', failure: { code: 'BrokenRecord' } }],
    });
    expect(there()).toHaveLength(6);
  });
});

describe('releases', () => {
  test('that are not kept are retired, and nothing of them is deleted on the same day', async () => {
    // given
    for (let release = 1; release <= 14; release += 1) {
      uploaded(90, release);
      released(release, [release], { days: 100 - release });
    }
    released(20, [1], { days: 1 });
    // when
    const { report } = await collect({ keep: 10 });
    // then
    expect(report.targets[0]).toMatchObject({ outcome: 'deleted', retired: 5, deleted: 0 });
    expect(there()).toHaveLength(14);
    // and a day later what only they need is gone, and not what a kept one needs as well
    await clock.sleep(DAY);
    await collect({ keep: 10 });
    expect(there()).toEqual([1, 6, 7, 8, 9, 10, 11, 12, 13, 14].map(file));
  });

  test('that are young are kept, however many there are', async () => {
    for (let release = 1; release <= 14; release += 1) released(release, [release], { days: 29 });
    expect((await collect({ keep: 0 })).report.targets[0]).toMatchObject({ outcome: 'unchanged', retired: 0 });
  });

  test('leave the index when they are retired, and all others stay in it', async () => {
    // given
    const note = (release: number, days: number, owner = OURS) => {
      const at = clock.now() - days * DAY;
      account.put(indexKey(owner, { release: hash(release), publishedAt: at }), '', at);
    };
    const listed = () =>
      [...account.objects.keys()].flatMap((key) => Number.parseInt(parseIndexKey(key)?.release ?? '', 16) || []);
    for (let release = 1; release <= 4; release += 1) {
      released(release, [release], { days: 90 - release });
      note(release, 90 - release);
    }
    note(5, 90, THEIRS);
    // one that is being published, and one whose publisher was killed long ago
    note(6, 1);
    note(7, 90);
    // when
    await collect({ keep: 2, all: true, dryRun: true });
    expect(listed()).toHaveLength(7);
    const { report } = await collect({ keep: 2, all: true });
    // then
    expect(report.targets[0]).toMatchObject({ retired: 2, deleted: 0 });
    expect(listed()).toEqual([3, 4, 5, 6]);
  });

  test('of another app are nobody’s business', async () => {
    released(1, [1], { days: 900, owner: THEIRS });
    expect((await collect({ keep: 0, all: true })).report.targets[0]).toMatchObject({
      outcome: 'unchanged',
      retired: 0,
    });
  });
});

describe('what no release names', () => {
  beforeEach(() => {
    uploaded(90, 1);
    account.put('uploads/report.csv', 'not an asset', clock.now() - 90 * DAY);
    account.images.set(hash(2), clock.now() - 90 * DAY);
    account.images.set('latest', clock.now() - 90 * DAY);
  });

  test('stays: another tool may have put it there', async () => {
    expect((await collect()).items).toEqual([]);
  });

  test('goes where all is asked for, if it is named as assets are', async () => {
    expect((await collect({ all: true })).items).toEqual([file(1), hash(2)]);
    expect([...account.objects.keys()]).toEqual(['uploads/report.csv']);
    expect([...account.images.keys()]).toEqual(['latest']);
  });
});

test('images are deleted like files', async () => {
  for (const number of [1, 2, 3]) account.images.set(hash(number), clock.now() - 90 * DAY);
  released(9, [], { days: 5, as: 'retired', images: [1, 2] });
  stack({ ImageUri: { 'Fn::Sub': `\${AWS::AccountId}.dkr.ecr/images:${hash(2)}` } });
  expect((await collect()).report.targets[0]).toMatchObject({ deleted: 1, images: { count: 1, bytes: 7 } });
  expect([...account.images.keys()]).toEqual([hash(2), hash(3)]);
});

test('of 100,000 objects, a page at a time is read, and a thousand are deleted at a time', async () => {
  // given
  for (let number = 0; number < 100_000; number += 1) account.put(file(number), '', clock.now() - 90 * DAY);
  const kept = Array.from({ length: 400 }, (_, number) => number);
  released(1, kept, { days: 1 });
  // when
  const { report, requests } = await collect({ all: true });
  // then
  const of = (name: string) => requests.filter((each) => each === name).length;
  expect(report.targets[0]).toMatchObject({ outcome: 'deleted', deleted: 99_600 });
  expect(of('DeleteObjects')).toBe(100);
  expect(of('ListObjectsV2')).toBeLessThan(120);
  expect(requests.length).toBeLessThan(250);
});

test('olderThan is at least a day', async () => {
  await expect(collect({ olderThan: DAY - 1 })).rejects.toMatchObject({ code: 'BadOption' });
});
