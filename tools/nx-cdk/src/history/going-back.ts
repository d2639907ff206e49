import pLimit from 'p-limit';
import type { AwsClients } from '../aws/index.ts';
import { parseChangeSetName } from '../cloudformation/index.ts';
import { type FoundEntry, shortRelease } from '../release/index.ts';
import { entriesIn } from './buckets.ts';
import { DONE } from './deployed.ts';
import { AT_ONCE, CLOCKS_DIFFER, startsWith } from './list.ts';
import type { HistoryPlace } from './places.ts';

/** A stack that is about to change. */
export interface ChangingStack {
  readonly id: string;
  /** `111111111111/eu-west-1` */
  readonly target: string;
  /** ARN of the change set that was executed last. */
  readonly changeSetId: string | undefined;
  /** What that has led to, such as `UPDATE_ROLLBACK_COMPLETE`: then nothing of it is there. */
  readonly status: string | undefined;
}

interface GoingBackQuestion {
  /** Digest of the release that is deployed. */
  readonly release: string;
  /** Id of the app. */
  readonly owner: string;
  readonly places: readonly HistoryPlace[];
  readonly stacks: readonly ChangingStack[];
}

/**
 * What a person should know if a release was published before the one that a stack has. One request for each target in
 * which a stack has another release. It is a hint, and keeps nobody from anything: what cannot be read is not told.
 */
export async function goingBack(
  { release, owner, places, stacks }: GoingBackQuestion,
  aws: AwsClients,
): Promise<string | undefined> {
  const others = stacks.flatMap(({ changeSetId, status = '', ...stack }) => {
    const executed = DONE.includes(status) ? changeSetId : undefined;
    const { release: theirs, createdAt } = parseChangeSetName(executed) ?? {};
    const isOther = theirs !== undefined && !startsWith(release, theirs);
    return isOther ? [{ ...stack, theirs, createdAt: createdAt! }] : [];
  });
  const byTarget = [...Map.groupBy(others, ({ target }) => target)];
  const found = await pLimit(AT_ONCE).map(byTarget, async ([target, own]) => {
    const place = places.find(({ targetName }) => targetName === target);
    if (place === undefined) return [];
    const before = Math.max(...own.map(({ createdAt }) => createdAt)) + CLOCKS_DIFFER;
    const entries = await entriesIn(aws, place, { owner, before }).catch(() => []);
    const mine = firstPublished(entries, release);
    return own.filter(({ theirs }) => (mine ?? Number.POSITIVE_INFINITY) < (firstPublished(entries, theirs) ?? 0));
  });
  const [first] = found.flat();
  if (first === undefined) return undefined;
  const newer = shortRelease(first.theirs);
  return (
    `This goes back: release ${shortRelease(release)} was published before ${newer}, which ${first.id} has. ` +
    `What came with ${newer} is deleted, or kept as its removal policy says, and data that was deleted or replaced ` +
    'since does not come back: nx plan names the resources.'
  );
}

function firstPublished(entries: readonly FoundEntry[], beginning: string): number | undefined {
  const own = entries.filter(({ release }) => startsWith(release, beginning));
  return own.length === 0 ? undefined : Math.min(...own.map(({ publishedAt }) => publishedAt));
}
