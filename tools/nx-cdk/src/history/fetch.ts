import type { AwsClients } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { type FetchedBundle, fetchBundle, shortRelease } from '../release/index.ts';
import { askBuckets } from './buckets.ts';
import type { HistoryPlace } from './places.ts';

/**
 * The assembly of a release, from the first bucket that has it: one request for each bucket that is asked.
 *
 * @throws Failure `UnknownRelease` if none has it, `BrokenBundle`, ...
 */
export async function fetchRelease(
  digest: string,
  places: readonly HistoryPlace[],
  aws: (environment: string) => Promise<AwsClients>,
): Promise<FetchedBundle> {
  for (const place of places) {
    const clients = await aws(place.environment);
    const found = await askBuckets(place, (bucket) => fetchBundle(clients, bucket, digest));
    const first = found.find((one) => one !== undefined);
    if (first !== undefined) return first;
  }
  const what = `The assembly of release ${shortRelease(digest)} is in no bucket of the app`;
  throw new Failure('UnknownRelease', {
    what,
    next: 'check out what it was made of and publish it (nx publish <project>)',
  });
}
