import type { AwsClients } from '../aws/index.ts';
import { explain } from '../aws/index.ts';
import type { Failure } from '../failure/index.ts';
import { type FoundEntry, isUnusable, readIndex, type StagingPlace } from '../release/index.ts';
import type { HistoryPlace } from './places.ts';

/**
 * Asks each staging bucket of a target, by the first role that works there. A file may name more buckets than there
 * are: those that cannot be used count only if none can.
 *
 * @throws Failure why the first one cannot be used, if none can; whatever else asking one throws
 */
export async function askBuckets<Answer>(
  { buckets }: HistoryPlace,
  ask: (bucket: StagingPlace) => Promise<Answer>,
): Promise<Answer[]> {
  const byName = [...Map.groupBy(buckets, ({ bucket }) => bucket).values()];
  const asked = await Promise.all(byName.map((places) => firstAnswer(places, ask)));
  const answers = asked.flatMap((one) => ('answer' in one ? [one.answer] : []));
  const [first] = asked;
  if (answers.length === 0 && first !== undefined && 'failure' in first) throw first.failure;
  return answers;
}

/** The names of the staging buckets of a target, for people. */
export function bucketNames({ buckets }: HistoryPlace): string {
  return [...new Set(buckets.map(({ bucket }) => bucket))].join(', ');
}

/** The newest entries of an index in a target, of all its buckets. @param question as `readIndex` has it */
export async function entriesIn(
  aws: AwsClients,
  place: HistoryPlace,
  question: Parameters<typeof readIndex>[2],
): Promise<FoundEntry[]> {
  const pages = await askBuckets(place, (bucket) => firstPage(readIndex(aws, bucket, question)));
  return pages.flat().sort((one, other) => other.publishedAt - one.publishedAt);
}

/** The first entries of an index. Nothing more is asked for. */
async function firstPage(index: AsyncGenerator<FoundEntry[]>): Promise<FoundEntry[]> {
  for await (const page of index) return page;
  return [];
}

async function firstAnswer<Answer>(
  places: readonly StagingPlace[],
  ask: (bucket: StagingPlace) => Promise<Answer>,
): Promise<{ readonly answer: Answer } | { readonly failure: Failure }> {
  let first: Failure | undefined;
  for (const place of places) {
    try {
      return { answer: await ask(place) };
    } catch (error) {
      const failure = explain(error);
      if (!isUnusable(failure)) throw failure;
      first ??= failure;
    }
  }
  return { failure: first! };
}
