import type { S3Client } from '@aws-sdk/client-s3';
import { Absences } from './absences.ts';
import type { Destination } from './work-list.ts';

/*
 * A bucket of many pages and a role that may not list, as S3 answers
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html). The rest is tested with the local AWS.
 */

const destinations = Array.from({ length: 120 }, (_, index) => destinationOf(`key-${String(index).padStart(3, '0')}`));

test('a bucket is listed once some of its objects are missing, and no sooner', async () => {
  // given
  const { s3, listed } = bucketHolding(['key-050']);
  const absences = new Absences([{ source: {} as never, destinations }]);

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
    return absences.show(s3, destinationOf(key));
  }
});

test('few objects are looked at one by one', async () => {
  const { s3, listed } = bucketHolding([]);
  const few = destinations.slice(0, 19);
  const absences = new Absences([{ source: {} as never, destinations: few }]);
  for (const destination of few) {
    expect(await absences.show(s3, destination)).toBe(false);
    absences.missed(destination);
  }
  expect(listed).toHaveLength(0);
});

test('of a bucket with more pages than are worth asking for, the rest is not known', async () => {
  // given: 117 objects are left, for which two pages are asked for
  const { s3, listed } = bucketHolding(['key-010', 'key-020', 'key-030'], 1);
  const absences = await missing3(s3);

  // when / then
  expect(await absences.show(s3, destinationOf('key-015'))).toBe(true);
  expect(await absences.show(s3, destinationOf('key-025'))).toBe(false);
  expect(listed).toHaveLength(2);
});

test('a role that may not list looks at each object, and is refused once', async () => {
  // given
  let asked = 0;
  const s3 = {
    send: async () => {
      asked += 1;
      throw Object.assign(new Error('Access Denied'), { name: 'AccessDenied' });
    },
  } as unknown as S3Client;
  const absences = await missing3(s3);

  // when / then
  expect(await absences.show(s3, destinationOf('key-015'))).toBe(false);
  expect(await absences.show(s3, destinationOf('key-016'))).toBe(false);
  expect(asked).toBe(1);
});

/** Three of all objects were looked at, and were not there. */
async function missing3(s3: S3Client): Promise<Absences> {
  const absences = new Absences([{ source: {} as never, destinations }]);
  for (const destination of destinations.slice(0, 3)) {
    await absences.show(s3, destination);
    absences.missed(destination);
  }
  return absences;
}

/** Lists so many keys a page. */
function bucketHolding(keys: readonly string[], pageSize = 1000): { s3: S3Client; listed: object[] } {
  const listed: object[] = [];
  const s3 = {
    send: async ({ input }: { input: { ContinuationToken?: string } }) => {
      listed.push(JSON.parse(JSON.stringify(input)) as object);
      const from = Number(input.ContinuationToken ?? 0);
      const IsTruncated = from + pageSize < keys.length;
      return {
        Contents: keys.slice(from, from + pageSize).map((Key) => ({ Key })),
        IsTruncated,
        ...(IsTruncated ? { NextContinuationToken: String(from + pageSize) } : {}),
      };
    },
  } as unknown as S3Client;
  return { s3, listed };
}

function destinationOf(key: string): Destination {
  return {
    id: key,
    label: key,
    assetId: key,
    target: { account: '111111111111', region: 'eu-west-1' },
    bucket: 'assets',
    key,
    session: { account: '111111111111', region: 'eu-west-1' },
    stacks: [],
  };
}
