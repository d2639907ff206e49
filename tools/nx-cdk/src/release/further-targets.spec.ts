import { VirtualClock } from '../cloudformation/testing/virtual-clock.ts';
import { Failure } from '../failure/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { claimPlaces } from './claims.ts';
import { parseEnvelope } from './envelope.ts';
import { recordPublished } from './put-records.ts';
import type { StagingPlace } from './record-places.ts';
import { ACCOUNT, ELSEWHERE, FakeAccount, REGION, stackOf, uploaded } from './testing/fake-account.ts';

const release = 'c0'.repeat(32);
const targetName = `${ACCOUNT}/${ELSEWHERE}`;
const placeOf = (bucket: string, region = ELSEWHERE): StagingPlace => {
  const target = { account: ACCOUNT, region };
  return { bucket, target, session: target };
};

let cloud: FakeAccount;
let warnings: string[];

beforeEach(() => {
  cloud = new FakeAccount();
  warnings = [];
});

interface Run {
  readonly places?: readonly StagingPlace[];
  readonly bundle?: boolean;
  /** What a request to a bucket fails with. */
  readonly failing?: Readonly<Record<string, Error>>;
  readonly outcome?: 'uploaded' | 'failed';
}

/** Publishes a stack to the bucket `assets`, with one further target. */
async function publish({ places = [placeOf('there')], bundle = true, failing = {}, outcome = 'uploaded' }: Run = {}) {
  const { s3 } = cloud.aws;
  const aws = {
    ...cloud.aws,
    s3: async (session: never) => ({
      send: async (command: { readonly input: { readonly Bucket: string } }) => {
        const failure = failing[command.input.Bucket];
        if (failure !== undefined) throw failure;
        return (await s3(session)).send(command as never);
      },
    }),
  } as unknown as FakeAccount['aws'];
  const listener = (event: ProgressEvent) => {
    if (event.type === 'message' && event.level === 'warning') warnings.push(event.text);
  };
  const dependencies = { aws, listener, clock: new VirtualClock() };
  const about = { release, stacks: [stackOf('Data')], further: [{ targetName, places }] };
  const claims = await claimPlaces({ ...about, isPart: () => true }, dependencies);
  const destinations = [uploaded('Data.json', cloud.put('assets', 'Data.json', 'Data'), { outcome })];
  const packed = bundle ? { release, bytes: Buffer.from('bundle') } : undefined;
  const reports = await recordPublished({ ...about, destinations, bundle: packed, claims }, dependencies);
  return reports.map(({ bucket, outcome: ended }) => `${bucket}: ${ended}`);
}

const recordedIn = (bucket: string) =>
  [...cloud.objects].filter(([name]) => name.startsWith(`${bucket}/releases/${release}/`));

test('a further target gets the assembly, and a record of nothing', async () => {
  expect(await publish()).toEqual(['assets: recorded', 'there: recorded']);
  expect(cloud.objects.has(`there/assemblies/${release}.json.gz`)).toBe(true);
  const [[, content]] = recordedIn('there') as [[string, Buffer]];
  const record = JSON.parse(parseEnvelope(content.toString(), '').payload.toString()) as object;
  expect(record).toEqual({ format: 1, release, target: targetName, destinations: [] });
  expect(warnings).toEqual([]);
});

test('one that has a record anyway gets no other one', async () => {
  const places = [placeOf('other', REGION), placeOf('assets', REGION)];
  const further = [{ targetName: `${ACCOUNT}/${REGION}`, places }];
  const about = { release, stacks: [stackOf('Data')], further, isPart: () => true };
  const { empty } = await claimPlaces(about, { aws: cloud.aws, listener: () => undefined, clock: new VirtualClock() });
  expect(empty).toEqual([]);
});

test('it is put into the first bucket that can be used', async () => {
  const missing = new Failure('NotBootstrapped', { what: 'There is no bucket first', next: 'bootstrap it' });
  const places = [placeOf('first'), placeOf('second'), placeOf('third')];
  expect(await publish({ places, failing: { first: missing } })).toEqual(['assets: recorded', 'second: recorded']);
  expect(recordedIn('third')).toEqual([]);
  expect(warnings).toEqual([]);
});

test('one without such a bucket is told once, with the reason of the first', async () => {
  const failing = {
    first: new Failure('AssumeRoleDenied', { what: 'You may not be that role', next: 'bootstrap it' }),
    second: new Failure('NotBootstrapped', { what: 'There is no bucket', next: 'bootstrap it' }),
  };
  expect(await publish({ places: [placeOf('first'), placeOf('second')], failing })).toEqual(['assets: recorded']);
  expect(warnings).toEqual([
    expect.stringMatching(
      /is not stored in 111111111111\/us-east-1 where .* \(--targets\)\. You may not be that role: bootstrap it\./,
    ),
  ]);
});

test.each([
  ['somebody else owns the bucket', new Failure('WrongBucketOwner', { what: 'The bucket is not ours' })],
  ['AWS cannot be reached', new Failure('Unreachable', { what: 'no answer in time' })],
])('if %s, the run fails', async (_, failure) => {
  const places = [placeOf('first'), placeOf('second')];
  expect(await publish({ places, failing: { first: failure } })).toEqual(['assets: recorded', 'first: failed']);
  expect(recordedIn('second')).toEqual([]);
});

test('nothing is said of a release that is not where its stacks need it, or has no assembly to store', async () => {
  expect(await publish({ outcome: 'failed' })).toEqual(['assets: left-out', 'there: left-out']);
  expect(await publish({ bundle: false })).toEqual(['assets: recorded']);
  expect(recordedIn('there')).toEqual([]);
});
