import { type BucketObject, bucketOf, explainObjectError, type S3Clients } from '../destinations/index.ts';
import { isAccessDenied } from '../aws/index.ts';
import type { Clock } from '../cloudformation/index.ts';

/** Where garbage collection says that it is deleting, in every bucket of an account: one object for each run. */
export const NOTICES = 'garbage/collecting/';

/** How long a notice holds after it was written, in milliseconds. A collector that needs longer writes it again. */
export const NOTICE_HOLDS = 120_000;

/** A notice older than this is left over from a run that was killed: clocks differ by less, or AWS refuses requests. */
export const NOTICE_IS_OLD = 20 * 60_000;

/** How often somebody who waits looks, in milliseconds. */
const LOOK_EVERY = 2_000;

type Bucket = Omit<BucketObject, 'key'>;

/** A notice that is in a bucket. */
export interface Notice {
  readonly key: string;
  /** Milliseconds since the epoch, on the clock of S3. */
  readonly writtenAt: number;
}

/** The notices in a bucket. None for a role that may not list it. */
export async function readNotices(aws: S3Clients, bucket: Bucket): Promise<Notice[]> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(bucket.session);
  try {
    // More than a page of them would be left-overs.
    const { Contents: found = [] } = await s3.send(new ListObjectsV2Command({ ...bucketOf(bucket), Prefix: NOTICES }));
    return found.map(({ Key = '', LastModified }) => ({ key: Key, writtenAt: LastModified?.getTime() ?? 0 }));
  } catch (error) {
    if ((error as Error).name === 'NoSuchBucket' || isAccessDenied(error)) return [];
    throw await explainObjectError(aws, { ...bucket, key: NOTICES }, error);
  }
}

/**
 * Waits until nobody deletes from a bucket: until each notice is gone, or was not written again for as long as it
 * holds. That is measured on the clock here, since that of S3 may go differently.
 *
 * @param seen since when which notices are known, if somebody waits more than once
 * @returns whether there was anything to wait for
 */
export async function awaitCollectors(
  aws: S3Clients,
  bucket: Bucket,
  clock: Clock,
  {
    seen = new Map(),
    signal,
    onWait,
  }: { readonly seen?: Map<string, number>; readonly signal?: AbortSignal; readonly onWait?: () => void },
): Promise<boolean> {
  for (let waited = false; ; waited = true) {
    const now = clock.now();
    const holding = (await readNotices(aws, bucket)).filter(({ key, writtenAt }) => {
      const name = `${key} ${writtenAt}`;
      const since = seen.get(name) ?? now;
      seen.set(name, since);
      return now - writtenAt < NOTICE_IS_OLD && now - since <= NOTICE_HOLDS;
    });
    if (holding.length === 0 || signal?.aborted) return waited;
    if (!waited) onWait?.();
    await clock.sleep(LOOK_EVERY, signal);
  }
}
