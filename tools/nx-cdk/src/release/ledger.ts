import pLimit from 'p-limit';
import type { AwsClients } from '../aws/index.ts';
import { type BucketObject, bucketOf, explainObjectError } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { bundleKey } from './bundle.ts';
import { parseEnvelope } from './envelope.ts';
import { RELEASE_FORMAT } from './model.ts';
import { fetchObject } from './read-records.ts';
import { CLAIMS, isOwner, objectPlace, parseRecord, placeOf, RECORDS, RETIRED } from './record.ts';

/** Objects that are read at a time. */
const AT_ONCE = 20;

/** More than ten thousand destinations take; see `readRecords`. In bytes. */
const LARGEST = 16 * 1024 * 1024;

/** `record`: of a published release. `claim`: of a publishing run. `retired`: a record that counts no more. */
type EntryKind = 'record' | 'claim' | 'retired';

/** What one object in a bucket says of a release. */
export interface LedgerEntry {
  readonly kind: EntryKind;
  readonly key: string;
  readonly bytes: number;
  /** When it was written, in milliseconds since the epoch, on the clock of S3. */
  readonly modifiedAt: number;
  /** Digest of the release. */
  readonly release: string;
  /** Id of the app; undefined if the record names none. */
  readonly owner: string | undefined;
  /** What was published, as `placeOf` calls it, and the bundle in the same bucket. */
  readonly places: readonly string[];
}

const KINDS: readonly (readonly [EntryKind, string])[] = [
  ['record', RECORDS],
  ['claim', CLAIMS],
  ['retired', `${RETIRED}${RECORDS}`],
];

/**
 * Everything that is said of releases in one bucket: by records of all apps, claims, and retired records. What was read
 * once is not read again, unless it was written anew.
 *
 * Signatures are not verified: whoever may write here may delete files as well.
 */
export class Ledger {
  readonly #aws: AwsClients;
  readonly #bucket: Omit<BucketObject, 'key'>;
  readonly #known = new Map<string, LedgerEntry>();
  /** Most releases name most of the same places: each is kept once. */
  readonly #places = new Map<string, string>();

  constructor(aws: AwsClients, bucket: Omit<BucketObject, 'key'>) {
    this.#aws = aws;
    this.#bucket = bucket;
  }

  /**
   * @throws Failure `BrokenRecord` or `MisplacedRecord` naming an object that cannot be understood: what it protects is
   * not known. `NotBootstrapped`, `BucketRefused`, ...
   */
  async read(): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    const limit = pLimit(AT_ONCE);
    for (const [kind, prefix] of KINDS) {
      for await (const page of this.#pages(prefix)) {
        entries.push(...(await limit.map(page, (found) => this.#entry(kind, prefix, found))));
      }
    }
    return entries.filter(({ key }) => this.#known.has(key));
  }

  async #entry(kind: EntryKind, prefix: string, found: Found): Promise<LedgerEntry> {
    const known = this.#known.get(found.key);
    if (known?.modifiedAt === found.modifiedAt && known.bytes === found.bytes) return known;
    const where = objectPlace(this.#bucket.bucket, found.key);
    if (found.bytes > LARGEST) throw broken(where, 'it is too large');
    const { text } = await fetchObject(this.#aws, { ...this.#bucket, key: found.key }).catch((error: unknown) => {
      // Its app has deleted it since, or another collector.
      if ((error as Error).name === 'NoSuchKey') return { text: undefined };
      throw error;
    });
    const release = found.key.slice(prefix.length).split('/')[0]!;
    this.#known.delete(found.key);
    if (text === undefined) return { ...found, kind, release, owner: undefined, places: [] };
    const { owner, places: named } = this.#said(kind, text, where, release);
    const places = [...named, objectPlace(this.#bucket.bucket, bundleKey(release))];
    const entry = { ...found, kind, release, owner, places: places.map((place) => this.#once(place)) };
    this.#known.set(found.key, entry);
    return entry;
  }

  /** What an object says. A claim is written like a record that has no content yet. */
  #said(kind: EntryKind, text: string, where: string, release: string): Pick<LedgerEntry, 'owner' | 'places'> {
    const { account, region } = this.#bucket.target;
    const target = `${account}/${region}`;
    if (kind === 'claim') return parseClaim(text, where, { release, target });
    const { owner, destinations } = parseRecord(parseEnvelope(text, where).payload, where, { release, target });
    return { owner, places: destinations.map((each) => placeOf(each, region)) };
  }

  #once(place: string): string {
    const known = this.#places.get(place) ?? place;
    this.#places.set(known, known);
    return known;
  }

  async *#pages(prefix: string): AsyncGenerator<Found[]> {
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const s3 = await this.#aws.s3(this.#bucket.session);
    for (let token: string | undefined; ;) {
      const question = { ...bucketOf(this.#bucket), Prefix: prefix, ContinuationToken: token };
      const page = await s3.send(new ListObjectsV2Command(question)).catch(async (error: unknown) => {
        throw await explainObjectError(this.#aws, { ...this.#bucket, key: prefix }, error);
      });
      yield (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
        key: Key,
        bytes: Size,
        modifiedAt: LastModified?.getTime() ?? 0,
      }));
      token = page.NextContinuationToken;
      if (token === undefined) return;
    }
  }
}

type Found = Pick<LedgerEntry, 'key' | 'bytes' | 'modifiedAt'>;

function parseClaim(text: string, where: string, expected: { readonly release: string; readonly target: string }) {
  let claim: { format: unknown; release: unknown; target: unknown; owner?: unknown; places: unknown };
  try {
    claim = JSON.parse(text);
  } catch (error) {
    throw broken(where, (error as Error).message);
  }
  const { format, release, target, owner, places } = claim;
  const isRight =
    format === RELEASE_FORMAT &&
    release === expected.release &&
    target === expected.target &&
    (owner === undefined || isOwner(owner)) &&
    Array.isArray(places) &&
    places.every((each) => typeof each === 'string');
  if (!isRight) throw broken(where, 'it is not in the form that publish writes');
  return { owner: owner as string | undefined, places: places as string[] };
}

function broken(where: string, why: string): Failure {
  const what = `${where} is no record of a publishing run: ${why}`;
  return new Failure('BrokenRecord', { what, next: 'delete it after finding out who has put it there' });
}
