import type { AwsClients } from '../aws/index.ts';
import {
  type BucketObject,
  type Buckets,
  bucketOf,
  explainObjectError,
  type S3Clients,
} from '../destinations/index.ts';

/** Where the index of the releases of all apps lies in a bucket. */
export const RELEASE_INDEX = 'released/';

/** The largest time that an index can hold, in milliseconds since the epoch: in the year 2286. */
const LAST_TIME = 9_999_999_999_999;

/** The most that S3 lists at once (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html). */
export const LARGEST_PAGE = 1000;

/** Stands for a commit that nobody knows. */
const NO_COMMIT = 'none';

/** How many digits of a commit a key has: all of them in a SHA-1 repository. */
const COMMIT_DIGITS = 40;

/** Without a length, the SDK warns of a stream. */
const EMPTY = { Body: '', ContentLength: 0 };

const KEY = /^released\/([0-9a-f]{12})\/([0-9]{13})-([0-9a-f]{64})\/(?:none|([0-9a-f]{40})(-edited)?)$/;

/** The state of the files that a release was published from. */
export interface SourceState {
  /** The first 40 hexadecimal digits of the commit that was checked out. */
  readonly commit: string;
  /** Whether files differed from it. */
  readonly edited: boolean;
}

/** That a release was published. For people: what may be deployed, its digest and the publish records say. */
export interface IndexEntry extends Partial<SourceState> {
  /** Digest of the release. */
  readonly release: string;
  /** When it was published, in milliseconds since the epoch, on the clock of who did it. */
  readonly publishedAt: number;
}

/** An entry as it lies in a bucket. */
export interface FoundEntry extends IndexEntry {
  readonly key: string;
  /** When it was written, in milliseconds since the epoch, on the clock of S3. */
  readonly writtenAt: number;
}

/**
 * Where the entry of a release lies. S3 lists keys in the order of their bytes, so the newest release comes first, and
 * one request for a page shows the newest ones, however many there are. The key says all: nobody has to read an object.
 *
 * The last part of it is no hash as assets have it, so no entry is taken for one.
 *
 * @param owner id of the app
 */
export function indexKey(owner: string, { release, publishedAt, commit, edited }: IndexEntry): string {
  const source = commit === undefined ? NO_COMMIT : commit.slice(0, COMMIT_DIGITS) + (edited ? '-edited' : '');
  return `${RELEASE_INDEX}${owner}/${inverted(publishedAt)}-${release}/${source}`;
}

/** What the key of an entry says; undefined for any other object. */
export function parseIndexKey(key: string): (IndexEntry & { readonly owner: string }) | undefined {
  const [, owner, time, release, commit, edited] = KEY.exec(key) ?? [];
  if (owner === undefined) return undefined;
  const publishedAt = LAST_TIME - Number(time);
  return { owner, release: release!, publishedAt, ...(commit && { commit, edited: edited !== undefined }) };
}

/** Adds a release to the index of a bucket. @throws Failure `BucketRefused`, `NotBootstrapped`, ... */
export async function addToIndex(
  aws: AwsClients,
  object: BucketObject,
  { owner, ...entry }: IndexEntry & { readonly owner: string },
  buckets: Buckets,
): Promise<void> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(object.session);
  const place = { ...object, key: indexKey(owner, entry) };
  const input = { ...bucketOf(place), Key: place.key, ...EMPTY, ...(await buckets.encryption(aws, place)) };
  await s3.send(new PutObjectCommand(input)).catch(async (error: unknown) => {
    throw await explainObjectError(aws, place, error);
  });
}

/** What of an index is read. */
interface IndexQuestion {
  /** Id of the app. */
  readonly owner: string;
  /** Only what was published before that, in milliseconds since the epoch. @default - all */
  readonly before?: number;
  /** How many are listed at once. @default 1000 */
  readonly pageSize?: number;
}

/**
 * The index of an app in one bucket, newest first, one request for each page that somebody takes. What is no entry is
 * left out. A release is in it twice if somebody published it with `--force`.
 *
 * @throws Failure `BucketRefused`, `NotBootstrapped`, ...
 */
export async function* readIndex(
  aws: S3Clients,
  bucket: Omit<BucketObject, 'key'>,
  { owner, before, pageSize = LARGEST_PAGE }: IndexQuestion,
): AsyncGenerator<FoundEntry[]> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const prefix = `${RELEASE_INDEX}${owner}/`;
  // `.` comes right after `-`: what was published at that very moment is left out too.
  const start = before === undefined ? {} : { StartAfter: `${prefix}${inverted(before)}.` };
  const question = { ...bucketOf(bucket), Prefix: prefix, ...start, MaxKeys: Math.min(pageSize, LARGEST_PAGE) };
  const s3 = await aws.s3(bucket.session);
  for (let token: string | undefined; ;) {
    const page = await s3
      .send(new ListObjectsV2Command({ ...question, ContinuationToken: token }))
      .catch(async (error: unknown) => {
        throw await explainObjectError(aws, { ...bucket, key: prefix }, error);
      });
    yield (page.Contents ?? []).flatMap(({ Key: key = '', LastModified }) => {
      const entry = parseIndexKey(key);
      return entry === undefined ? [] : [{ ...entry, key, writtenAt: LastModified?.getTime() ?? 0 }];
    });
    token = page.NextContinuationToken;
    if (token === undefined) return;
  }
}

function inverted(time: number): string {
  return String(LAST_TIME - Math.round(time)).padStart(13, '0');
}
