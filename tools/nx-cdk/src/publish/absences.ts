import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import { bucketOf } from '../aws/index.ts';
import type { Destination, Work } from './work-list.ts';

/**
 * So many objects of a bucket have to be missing before the bucket is listed: where nothing has changed, that never
 * happens.
 */
const MISSES = 3;

/** Objects still to be looked at for which a page of a listing is asked for. */
const OBJECTS_A_PAGE = 100;

/** Fewer objects than that are looked at one by one. */
const WORTH = 20;

/** Tells of an object, by its key, that it is not in the bucket. */
type Lacks = (key: string) => boolean;

interface Bucket {
  /** Destinations that were not looked at yet. */
  left: number;
  misses: number;
  listing?: Promise<Lacks>;
}

/**
 * What buckets do not hold. To look at an object that is not there costs as much as to look at one that is, and then it
 * is uploaded. Of a bucket that lacks some, a listing tells a thousand keys in one request.
 *
 * A listing says nothing of contents: an object that is there is looked at as ever. S3 lists what was written before
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel).
 */
export class Absences {
  readonly #buckets = new Map<string, Bucket>();

  constructor(work: readonly Work[]) {
    for (const { destinations } of work) for (const destination of destinations) this.#of(destination).left += 1;
  }

  /**
   * Whether a listing shows that the object is not there. False where nobody knows: look at it. To be asked once for
   * each.
   */
  async show(s3: S3Client, destination: Destination): Promise<boolean> {
    const bucket = this.#of(destination);
    bucket.left -= 1;
    if (bucket.misses >= MISSES && bucket.left >= WORTH)
      bucket.listing ??= list(s3, destination, Math.ceil(bucket.left / OBJECTS_A_PAGE));
    return (await bucket.listing)?.(destination.key) ?? false;
  }

  /** An object was looked at, and was not there. */
  missed(destination: Destination): void {
    this.#of(destination).misses += 1;
  }

  #of({ target, bucket }: Destination): Bucket {
    const key = `${target.account}/${target.region}/${bucket}`;
    const known = this.#buckets.get(key) ?? { left: 0, misses: 0 };
    this.#buckets.set(key, known);
    return known;
  }
}

async function list(s3: S3Client, destination: Destination, pages: number): Promise<Lacks> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
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
    // The role may not list, or there is no such bucket: whoever looks at the object is told, and tells.
  }
  // Keys come in the order of their bytes. Of those behind the last one, nothing is known.
  return (key) => !keys.has(key) && Buffer.compare(Buffer.from(key), Buffer.from(listed)) < 0;
}
