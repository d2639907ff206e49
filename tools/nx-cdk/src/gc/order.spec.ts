import { VirtualClock } from '../cloudformation/testing/virtual-clock.ts';
import { lookAtObject } from '../destinations/index.ts';
import { claimPlaces, recordPublished } from '../release/index.ts';
import { formatEnvelope, RECORD_TYPE } from '../release/envelope.ts';
import { formatRecord, recordKey, retiredKey } from '../release/record.ts';
import { ACCOUNT, fileOf, REGION, sha256, stackOf, uploaded } from '../release/testing/fake-account.ts';
import { collectGarbage } from './collect.ts';
import type { GarbagePlace } from './places.ts';
import { type Actor, SharedAccount } from './testing/shared-account.ts';
import { Turns } from './testing/turns.ts';

const DAY = 24 * 60 * 60_000;
const OWNER = 'aaaaaaaaaaaa';
const [OLD, NEW] = ['0a'.repeat(32), '0b'.repeat(32)];
/** What both releases need. */
const SHARED = `${'5e'.repeat(32)}.zip`;
const session = { account: ACCOUNT, region: REGION };
const place: GarbagePlace = {
  target: { account: ACCOUNT, region: REGION },
  targetName: `${ACCOUNT}/${REGION}`,
  bucket: 'assets',
  repository: 'images',
  isChosen: true,
  session,
};
const quiet = () => undefined;

let clock: VirtualClock;
let account: SharedAccount;

beforeEach(() => {
  clock = new VirtualClock();
  account = new SharedAccount(clock);
});

/** Templates are named after their hash. */
const templateOf = (release: string) => `${release}.json`;
const stackOfRelease = (release: string) => stackOf(release, [fileOf(SHARED)]);

/** A release as it was published some time ago, recorded or retired. */
function given(release: string, age: number, isRetired = false): void {
  const files = [templateOf(release), SHARED];
  for (const key of files) account.put(key, key, clock.now() - 100 * DAY);
  const destinations = files.map((key) => {
    return { kind: 'file', asset: key, bucket: 'assets', key, sha256: sha256(key) } as const;
  });
  const payload = formatRecord({ format: 1, release, target: place.targetName, owner: OWNER, destinations });
  const key = recordKey(
    release,
    files.map((name) => `${place.targetName}/assets/${name}`),
  );
  const text = formatEnvelope({ payloadType: RECORD_TYPE, payload, signatures: [] });
  account.put(isRetired ? retiredKey(key) : key, text, clock.now() - age);
}

const collect = ({ aws }: Actor) =>
  collectGarbage({ owner: OWNER, keep: 0, olderThan: 30 * DAY, places: [place] }, { aws, clock, listener: quiet });

/** Publishes as the executor does: claims, looks, uploads what is not there, records. @param claims for the control */
async function publish({ aws }: Actor, release: string, claims = true): Promise<void> {
  const stacks = [stackOfRelease(release)];
  const about = { release, owner: OWNER, stacks };
  const dependencies = { aws, clock, listener: quiet };
  const claimed = claims ? await claimPlaces({ ...about, isPart: () => true }, dependencies) : undefined;
  const destinations = [];
  for (const key of [templateOf(release), SHARED]) {
    const look = await lookAtObject(aws, { ...place, key });
    const isThere = look.state === 'found';
    if (!isThere) {
      const { PutObjectCommand } = await import('@aws-sdk/client-s3');
      await (await aws.s3(session)).send(new PutObjectCommand({ Bucket: 'assets', Key: key, Body: key }));
    }
    destinations.push(uploaded(key, sha256(key), { outcome: isThere ? 'unchanged' : 'uploaded' }));
  }
  const source = async () => undefined;
  const records = await recordPublished({ ...about, source, destinations, claims: claimed }, dependencies);
  expect(records).not.toContainEqual(expect.objectContaining({ outcome: 'failed' }));
}

/** What a deployment of a release finds missing. */
const missing = (release: string) => [templateOf(release), SHARED].filter((key) => !account.objects.has(key));

const ORDERS = 150;

/** The publisher begins at any moment of the collector's run. */
const late = (seed: number) => ({ late: { actor: 'publisher', until: seed % 30 } });

describe.each([
  ['a new release, which shares a file with one that was retired', NEW, () => given(OLD, 2 * DAY, true)],
  ['a release again that was retired', OLD, () => given(OLD, 2 * DAY, true)],
  ['a release again that is about to be retired', OLD, () => given(OLD, 90 * DAY)],
])('who publishes %s while garbage is collected', (_, release, before) => {
  test('finds all of it afterwards, in whatever order the requests arrive', async () => {
    for (let seed = 0; seed < ORDERS; seed += 1) {
      // given
      clock = new VirtualClock();
      account = new SharedAccount(clock);
      before();
      const turns = new Turns(seed, late(seed));
      account.turn = turns.turn;
      // when
      const both = Promise.all([publish(account.actor('publisher'), release), collect(account.actor('collector'))]);
      await turns.until(both);
      // then
      expect({ seed, missing: missing(release) }).toEqual({ seed, missing: [] });
    }
  });

  test('finds all of it afterwards if the collector is killed, at whatever request, and runs again', async () => {
    for (let at = 1; at <= 30; at += 1) {
      clock = new VirtualClock();
      account = new SharedAccount(clock);
      before();
      const turns = new Turns(at, { kill: { actor: 'collector', at }, ...late(at - 2) });
      account.turn = turns.turn;
      void collect(account.actor('collector'));
      await turns.until(publish(account.actor('publisher'), release));
      expect({ at, missing: missing(release) }).toEqual({ at, missing: [] });

      account.turn = async () => undefined;
      await collect(account.actor('second collector'));
      expect({ at, missing: missing(release) }).toEqual({ at, missing: [] });
    }
  });
});

test('without a claim, some order loses a file: the orders are those that matter', async () => {
  const lost: number[] = [];
  for (let seed = 0; seed < ORDERS; seed += 1) {
    clock = new VirtualClock();
    account = new SharedAccount(clock);
    given(OLD, 2 * DAY, true);
    const turns = new Turns(seed, late(seed));
    account.turn = turns.turn;
    await turns.until(
      Promise.all([publish(account.actor('publisher'), NEW, false), collect(account.actor('collector'))]),
    );
    if (missing(NEW).length > 0) lost.push(seed);
  }
  expect(lost).not.toEqual([]);
});

test('a deployment that began before its release was retired finds all of it for a day', async () => {
  // given
  given(OLD, 90 * DAY);
  // when
  const first = await collect(account.actor('collector'));
  const again = await collect(account.actor('collector'));
  // then
  expect(first.targets).toMatchObject([{ outcome: 'deleted', retired: 1, deleted: 0 }]);
  expect(again.targets).toMatchObject([{ outcome: 'unchanged', retired: 0, deleted: 0 }]);
  expect(missing(OLD)).toEqual([]);

  await clock.sleep(DAY);
  expect((await collect(account.actor('collector'))).targets).toMatchObject([{ outcome: 'deleted', deleted: 2 }]);
  expect([...account.objects.keys()]).toEqual([]);
});

test('a run that is killed keeps a publisher waiting for two minutes, and no longer', async () => {
  given(OLD, 2 * DAY, true);
  account.put('garbage/collecting/killed', '{}');
  const startedAt = clock.now();
  await publish(account.actor('publisher'), NEW);
  const waited = clock.now() - startedAt;
  expect(waited).toBeGreaterThanOrEqual(120_000);
  expect(waited).toBeLessThan(130_000);
});
