import pLimit from 'p-limit';
import { type EngineDependencies, explain } from '../aws/index.ts';
import { type Clock, systemClock } from '../cloudformation/index.ts';
import type { ReportedFailure } from '../failure/index.ts';
import { failedItem } from '../progress/index.ts';
import type { FoundEntry, SourceState } from '../release/index.ts';
import { entriesIn } from './buckets.ts';
import { type DeployedStack, lastDeployed, readDeployed } from './deployed.ts';
import type { HistoryPlace } from './places.ts';

/** Targets that are asked at a time. */
export const AT_ONCE = 20;

/** How far the clock of a publisher may be ahead of that of a deployer, in milliseconds. */
export const CLOCKS_DIFFER = 10 * 60_000;

/** How far before a deployment its release is looked for in an index: that many entries. */
const SEARCHED = 100;

/** Which releases somebody wants to know of. */
export interface HistoryRequest {
  /** Id of the app. */
  readonly owner: string;
  readonly places: readonly HistoryPlace[];
  /** How many of the newest releases are listed; those that run somewhere are listed anyway. */
  readonly limit: number;
}

export interface HistoryDependencies extends EngineDependencies {
  /** @default - the clock of the system */
  readonly clock?: Clock;
}

/** Where a release runs. Plain data. */
export interface RunsThere {
  readonly environment: string;
  /** `111111111111/eu-west-1` */
  readonly target: string;
  /** How many stacks it has changed last, and how many there are of the app. */
  readonly stacks: number;
  readonly of: number;
  /** Whether it was deployed there last. An older one only has stacks that later ones left unchanged. */
  readonly isLast: boolean;
  /** Whether that deployment is running, has failed, or was rolled back. */
  readonly isUnfinished: boolean;
}

/** A release that was published, or that runs somewhere. Plain data. */
export interface ListedRelease extends Partial<SourceState> {
  /** Its digest, or the first 16 digits of one that is in no index. */
  readonly release: string;
  /** ISO 8601 in UTC; absent for one that is in no index. */
  readonly publishedAt?: string;
  /** In promotion order. */
  readonly runs: readonly RunsThere[];
}

/** What is known of the releases of an app. Plain data. */
export interface History {
  /** Newest first. */
  readonly releases: readonly ListedRelease[];
  /** Stacks whose release nobody knows, by `environment 111111111111/eu-west-1`. */
  readonly unknown: Readonly<Record<string, readonly string[]>>;
  /** Targets that could not be looked at. */
  readonly failures: readonly { readonly target: string; readonly failure: ReportedFailure }[];
}

interface Look {
  readonly place: HistoryPlace;
  readonly entries: readonly FoundEntry[];
  readonly stacks: readonly DeployedStack[];
}

/**
 * What was released when, and where it runs. Reads one page of the index of each bucket and the stacks of each target,
 * and one page more for each release that runs there and is older: the number of releases costs nothing.
 *
 * A target that cannot be looked at does not stop the others.
 */
export async function readHistory(
  { owner, places, limit }: HistoryRequest,
  { aws, clock = systemClock }: HistoryDependencies,
): Promise<History> {
  const failures: { target: string; failure: ReportedFailure }[] = [];
  const looks = await pLimit(AT_ONCE).map(places, async (place): Promise<Look[]> => {
    try {
      const [newest, { stacks }] = await Promise.all([
        entriesIn(aws, place, { owner, pageSize: 2 * limit }),
        readDeployed(place, owner, { aws, clock }),
      ]);
      const older = await Promise.all(
        missingIn(newest, stacks).map((stack) => {
          const before = stack.deployedAt + CLOCKS_DIFFER;
          return entriesIn(aws, place, { owner, before, pageSize: SEARCHED });
        }),
      );
      const isRunning = ({ release }: FoundEntry) => stacks.some((one) => startsWith(release, one.release));
      return [{ place, entries: [...newest, ...older.flat().filter(isRunning)], stacks }];
    } catch (error) {
      failures.push({
        target: `${place.environment} ${place.targetName}`,
        failure: failedItem(explain(error)).failure!,
      });
      return [];
    }
  });
  return { ...joined(looks.flat(), limit), failures };
}

/** The newest stack of each release that the newest entries do not name. */
function missingIn(entries: readonly FoundEntry[], stacks: readonly DeployedStack[]): DeployedStack[] {
  const missing = stacks.filter(
    ({ release }) => release !== undefined && !entries.some((entry) => startsWith(entry.release, release)),
  );
  return [...Map.groupBy(missing, ({ release }) => release).values()].map((group) => lastDeployed(group)!);
}

function joined(looks: readonly Look[], limit: number): Omit<History, 'failures'> {
  const known = new Map<string, FoundEntry>();
  for (const entry of looks.flatMap(({ entries }) => entries)) {
    const before = known.get(entry.release);
    // What was published several times counts from the first time.
    if (before === undefined || entry.publishedAt < before.publishedAt) known.set(entry.release, entry);
  }
  const runs = Map.groupBy(looks.flatMap(runsOf), ({ release }) => release);
  const fullOf = (release: string) => [...known.keys()].find((one) => startsWith(one, release)) ?? release;
  const runsByDigest = new Map([...runs].map(([release, all]) => [fullOf(release), all.map(({ there }) => there)]));
  const sorted = [...known.values()].sort((one, other) => other.publishedAt - one.publishedAt);
  const listed = sorted
    .filter(({ release }, index) => index < limit || runsByDigest.has(release))
    .map(({ release, publishedAt, commit, edited }): ListedRelease => ({
      ...{ release, publishedAt: new Date(publishedAt).toISOString() },
      ...(commit !== undefined && { commit, edited: edited === true }),
      runs: runsByDigest.get(release) ?? [],
    }));
  const unlisted = [...runsByDigest].filter(([release]) => !known.has(release));
  const unknown = looks.flatMap(({ place, stacks }) => {
    const names = stacks.filter(({ state }) => state === 'unknown').map(({ stackName }) => stackName);
    return names.length === 0 ? [] : [[`${place.environment} ${place.targetName}`, names] as const];
  });
  return {
    releases: [...listed, ...unlisted.map(([release, all]) => ({ release, runs: all }))],
    unknown: Object.fromEntries(unknown),
  };
}

function runsOf({ place, stacks }: Look): { readonly release: string; readonly there: RunsThere }[] {
  const { environment, targetName: target } = place;
  const last = lastDeployed(stacks.filter(({ state }) => state !== 'unknown'));
  const of = stacks.length;
  const known = stacks.filter(({ state, release }) => state !== 'unknown' && release !== undefined);
  return [...Map.groupBy(known, ({ release }) => release!)].map(([release, own]) => {
    const isUnfinished = own.some(({ state }) => state === 'unfinished');
    const there = { environment, target, stacks: own.length, of, isLast: last?.release === release, isUnfinished };
    return { release, there };
  });
}

/** Whether a digest begins with what the name of a change set holds of it. */
export function startsWith(digest: string, beginning: string | undefined): boolean {
  return beginning !== undefined && digest.startsWith(beginning);
}
