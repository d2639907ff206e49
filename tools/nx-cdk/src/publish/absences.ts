import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { AwsClients } from '../aws/index.ts';
import { bucketOf, type FileDestination } from '../destinations/index.ts';

/** So many objects of a bucket have to be missing before it is listed: if nothing has changed, that never happens. */
const MISSES = 3;

/** A page of a listing is worth so many objects that were not looked at yet. */
const OBJECTS_A_PAGE = 100;

/** Fewer objects than that are looked at one by one. */
const WORTH = 20;

/** Whether the bucket lacks an object, by its key. */
type Lacks = (key: string) => boolean;

interface Bucket {
  /** Destinations that were not looked at yet. */
  left: number;
  misses: number;
  listing?: Promise<Lacks>;
}

/**
 * What buckets do not hold. Looking at a missing object costs a request, and then it is uploaded. If a bucket lacks
 * some, a listing tells a thousand keys in one request, but nothing about contents: objects that are there are still
 * looked at.
 *
 * S3 lists what was written before
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel).
 */
export class Absences {
  readonly #buckets = new Map<string, Bucket>();

  /** @param destinations all that will be looked at */
  constructor(destinations: readonly FileDestination[]) {
    for (const destination of destinations) this.#of(destination).left += 1;
  }

  /** Whether a listing shows that the object is not there. False if that is not known. Ask once for each. */
  async show(aws: Pick<AwsClients, 's3'>, destination: FileDestination): Promise<boolean> {
    const bucket = this.#of(destination);
    bucket.left -= 1;
    if (bucket.misses >= MISSES && bucket.left >= WORTH)
      bucket.listing ??= list(aws, destination, Math.ceil(bucket.left / OBJECTS_A_PAGE));
    return (await bucket.listing)?.(destination.key) ?? false;
  }

  /** An object was looked at, and was not there. */
  missed(destination: FileDestination): void {
    this.#of(destination).misses += 1;
  }

  #of({ targetName, bucket }: FileDestination): Bucket {
    const key = `${targetName}/${bucket}`;
    const known = this.#buckets.get(key) ?? { left: 0, misses: 0 };
    this.#buckets.set(key, known);
    return known;
  }
}

async function list(aws: Pick<AwsClients, 's3'>, destination: FileDestination, pages: number): Promise<Lacks> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(destination.session);
  const keys = new Set<string>();
  let listed = '';
  let token: string | undefined;
  try {
    for (let page = 0; page < pages; page += 1) {
      const answer: ListObjectsV2CommandOutput = await s3.send(
        new ListObjectsV2Command({ ...bucketOf(destination), ContinuationToken: token }),
      );
      for (const { Key: key = '' } of answer.Contents ?? []) keys.add((listed = key));
      token = answer.NextContinuationToken;
      if (!answer.IsTruncated) return (key) => !keys.has(key);
    }
  } catch {
    // The role may not list, or there is no such bucket: the look at the object will tell.
  }
  // Keys come in the order of their bytes. Nothing is known of those after the last one.
  return (key) => !keys.has(key) && Buffer.compare(Buffer.from(key), Buffer.from(listed)) < 0;
}
