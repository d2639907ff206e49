import type { AwsClients } from '../aws/index.ts';
import type { FileDestination } from '../destinations/index.ts';
import { Absences } from './absences.ts';

/*
 * A bucket of many pages and a role that may not list, as S3 answers
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html). The rest is tested with the local AWS.
 */

const destinations = Array.from({ length: 120 }, (_, index) => destinationOf(`key-${String(index).padStart(3, '0')}`));

test('a bucket is listed once some of its objects are missing, and no sooner', async () => {
  // given
  const { aws, listed } = bucketHolding(['key-050']);
  const absences = new Absences(destinations);

  // when
  const before = [await show('key-000'), await show('key-001'), await show('key-002')];

  // then
  expect(before).toEqual([false, false, false]);
  expect(listed).toHaveLength(0);

  // when
  for (const key of ['key-000', 'key-001', 'key-002']) absences.missed(destinationOf(key));

  // then
  expect([await show('key-003'), await show('key-050'), await show('key-119')]).toEqual([true, false, true]);
  expect(listed).toEqual([{ Bucket: 'assets', ExpectedBucketOwner: '111111111111' }]);

  function show(key: string): Promise<boolean> {
    return absences.show(aws, destinationOf(key));
  }
});

test('few objects are looked at one by one', async () => {
  const { aws, listed } = bucketHolding([]);
  const few = destinations.slice(0, 19);
  const absences = new Absences(few);
  for (const destination of few) {
    expect(await absences.show(aws, destination)).toBe(false);
    absences.missed(destination);
  }
  expect(listed).toHaveLength(0);
});

test('of a bucket with more pages than are worth asking for, the rest is not known', async () => {
  // given: 117 objects are left, for which two pages are asked for
  const { aws, listed } = bucketHolding(['key-010', 'key-020', 'key-030'], 1);
  const absences = await missing3(aws);

  // when / then
  expect(await absences.show(aws, destinationOf('key-015'))).toBe(true);
  expect(await absences.show(aws, destinationOf('key-025'))).toBe(false);
  expect(listed).toHaveLength(2);
});

test('a role that may not list looks at each object, and is refused once', async () => {
  // given
  let asked = 0;
  const send = async () => {
    asked += 1;
    throw Object.assign(new Error('Access Denied'), { name: 'AccessDenied' });
  };
  const aws = { s3: async () => ({ send }) } as unknown as AwsClients;
  const absences = await missing3(aws);

  // when / then
  expect(await absences.show(aws, destinationOf('key-015'))).toBe(false);
  expect(await absences.show(aws, destinationOf('key-016'))).toBe(false);
  expect(asked).toBe(1);
});

/** Three of all objects were looked at, and were not there. */
async function missing3(aws: AwsClients): Promise<Absences> {
  const absences = new Absences(destinations);
  for (const destination of destinations.slice(0, 3)) {
    await absences.show(aws, destination);
    absences.missed(destination);
  }
  return absences;
}

/** Lists so many keys a page. */
function bucketHolding(keys: readonly string[], pageSize = 1000): { aws: AwsClients; listed: object[] } {
  const listed: object[] = [];
  const send = async ({ input }: { input: { ContinuationToken?: string } }) => {
    listed.push(JSON.parse(JSON.stringify(input)) as object);
    const from = Number(input.ContinuationToken ?? 0);
    const IsTruncated = from + pageSize < keys.length;
    return {
      Contents: keys.slice(from, from + pageSize).map((Key) => ({ Key })),
      IsTruncated,
      ...(IsTruncated ? { NextContinuationToken: String(from + pageSize) } : {}),
    };
  };
  return { aws: { s3: async () => ({ send }) } as unknown as AwsClients, listed };
}

function destinationOf(key: string): FileDestination {
  const target = { account: '111111111111', region: 'eu-west-1' };
  const session = target;
  return { id: key, bucket: 'assets', key, target, targetName: '111111111111/eu-west-1', session } as FileDestination;
}
