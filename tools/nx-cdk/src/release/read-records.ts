import { targetName } from '@nx-cdk/environments';
import type { AwsClients } from '../aws/index.ts';
import { type BucketObject, bucketOf, explainObjectError, type S3Clients } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';
import type { PublishedDestination, PublishRecord } from './model.ts';
import { objectPlace, parseRecord, placeOf, recordPrefix } from './record.ts';
import type { ReleaseSigner } from './signing.ts';

/** More than ten thousand destinations take. A planted object must not fill the memory of a deployment. In bytes. */
const LARGEST_RECORD = 16 * 1024 * 1024;

interface ReadOptions {
  readonly aws: AwsClients;
  /** Without one, records need not be signed. */
  readonly signer?: ReleaseSigner;
  /** Makes a request when its turn has come. */
  readonly limit: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What the records of a release in one bucket say, taken together. */
export interface Records {
  /** How many are believed. */
  readonly count: number;
  /** What was published to each place: several answers if it got other bytes of the same content in between. */
  readonly said: ReadonlyMap<string, readonly PublishedDestination[]>;
  /** Why a record is not believed that is not signed as it has to be. Told if what it may say is missing. */
  readonly disbelieved?: Failure;
}

/**
 * Reads all records of a release in a bucket. If there is a key, a record that it did not sign counts as none: anybody
 * may have written it. A record with a false signature of the key ends the run, and so does what is no record.
 *
 * @throws Failure `BrokenRecord`, `MisplacedRecord`, `ForgedRecord`, `SigningDenied`, `BucketRefused`, ... naming the
 * object
 */
export async function readRecords(
  release: string,
  place: Omit<BucketObject, 'key'>,
  { aws, signer, limit }: ReadOptions,
): Promise<Records> {
  const keys = await limit(() => list(aws, { ...place, key: recordPrefix(release) }));
  const expected = { release, target: targetName(place.target) };
  const read = await allInOrder(
    keys.map((key) =>
      limit(async () => {
        const object = { ...place, key };
        const where = objectPlace(place.bucket, key);
        const { text } = await fetchObject(aws, object).catch(async (error: unknown) => {
          throw await explainObjectError(aws, object, error);
        });
        const envelope = parseEnvelope(text, where);
        const disbelieved = signer && (await disbelief(envelope, signer, where));
        return disbelieved ?? parseRecord(envelope.payload, where, expected);
      }),
    ),
  );
  const records = read.filter((each): each is PublishRecord => !(each instanceof Failure));
  const disbelieved = read.find((each) => each instanceof Failure);
  const destinations = records.flatMap((record) => record.destinations);
  const said = Map.groupBy(destinations, (each) => placeOf(each, place.target.region));
  return { count: records.length, said, ...(disbelieved && { disbelieved }) };
}

/** Why a record is not believed; undefined if it is. @throws Failure `ForgedRecord` if its signature is none */
async function disbelief(envelope: Envelope, signer: ReleaseSigner, where: string): Promise<Failure | undefined> {
  if (signer.claims(envelope)) {
    if (await signer.verify(envelope)) return undefined;
    const what = `The signature of ${where} is not one of ${signer.key} for what the record says`;
    const next =
      'somebody has changed it; publish again with --force (nx publish <project> --force) after finding out who';
    throw new Failure('ForgedRecord', { what, next });
  }
  const others = envelope.signatures.map(({ keyid }) => keyid || 'an unnamed key');
  const how = others.length === 0 ? 'is not signed' : `is signed by ${others.join(', ')} and not`;
  const what = `the record ${where} ${how} by ${signer.key}`;
  return new Failure('UnsignedRecord', { what, next: 'publish again with that key (nx publish <project>)' });
}

/** The keys that begin with the one of an object. */
async function list(aws: AwsClients, object: BucketObject): Promise<string[]> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(object.session);
  const question = { ...bucketOf(object), Prefix: object.key };
  const keys: string[] = [];
  let ContinuationToken: string | undefined;
  try {
    do {
      const page = await s3.send(new ListObjectsV2Command({ ...question, ContinuationToken }));
      for (const { Key: key = '', Size: size = 0 } of page.Contents ?? []) {
        if (size > LARGEST_RECORD) throw tooLarge(objectPlace(object.bucket, key));
        keys.push(key);
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return keys;
  } catch (error) {
    // A missing bucket holds no record. The stack that needs it fails for that.
    if ((error as Error).name === 'NoSuchBucket') return [];
    throw await explainObjectError(aws, object, error);
  }
}

/** @returns the text of an object, and when it was written there. @throws what the call throws */
export async function fetchObject(aws: S3Clients, object: BucketObject): Promise<{ text: string; modifiedAt: number }> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(object.session);
  const answer = await s3.send(new GetObjectCommand({ ...bucketOf(object), Key: object.key }));
  return { text: await answer.Body!.transformToString(), modifiedAt: answer.LastModified?.getTime() ?? 0 };
}

/** Waits for all; of several failures, throws the first in the order that was given. */
export async function allInOrder<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  return (await Promise.allSettled(promises)).map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}

function tooLarge(where: string): Failure {
  const what = `${where} is too large for a record of a publishing run`;
  return new Failure('BrokenRecord', { what, next: 'somebody has put it there; delete it after finding out who' });
}
