import { formatTable } from '../progress/index.ts';
import { shortRelease } from '../release/index.ts';
import type { History, ListedRelease, RunsThere } from './list.ts';

/** Digits of a commit that people read. */
const COMMIT = 12;

/**
 * What people read of releases: a table, newest first, and below what is not known.
 *
 * @param width columns that the terminal has. @default - no limit
 */
export function historyAsText({ releases, unknown }: History, width?: number): string {
  const targets = targetsOf(releases);
  const rows = releases.map((one) => ({
    release: shortRelease(one.release),
    published: momentOf(one),
    commit: commitOf(one),
    runs: runsAsText(one.runs, targets),
  }));
  const whole = (key: string) => ({ key, whole: true });
  const columns = [whole('release'), whole('published'), whole('commit'), { key: 'runs', title: 'runs in' }];
  const table = rows.length === 0 ? 'No release is known.' : formatTable(rows, columns, width ? { width } : {});
  const notes = Object.entries(unknown).map(
    ([where, stacks]) =>
      `${where}: nobody knows which release ${stacks.join(', ')} ${stacks.length > 1 ? 'have' : 'has'}.`,
  );
  return [table, ...notes].join('\n');
}

/** What programs read of one release that read event by event: `published ..., from commit ..., runs in staging`. */
export function releaseAsText(release: ListedRelease, all: readonly ListedRelease[]): string {
  const runs = runsAsText(release.runs, targetsOf(all));
  return `published ${momentOf(release)}, from commit ${commitOf(release)}, runs in ${runs}`;
}

/** `2026-11-20 14:03 UTC` */
export function momentOf({ publishedAt }: Pick<ListedRelease, 'publishedAt'>): string {
  return publishedAt === undefined ? '-' : `${publishedAt.slice(0, 16).replace('T', ' ')} UTC`;
}

export function commitOf({ commit, edited }: Pick<ListedRelease, 'commit' | 'edited'>): string {
  return commit === undefined ? '-' : `${commit.slice(0, COMMIT)}${edited ? ' and edits' : ''}`;
}

/**
 * `staging, prod 333333333333/us-east-1 (not finished)`, or `staging (2 of 3 stacks)` where others have another
 * release. In brackets is where a later release runs, which left some stacks unchanged.
 *
 * @param targets how many targets of each environment hold something
 */
function runsAsText(runs: readonly RunsThere[], targets: ReadonlyMap<string, number>): string {
  const texts = [...Map.groupBy(runs, ({ environment }) => environment)].flatMap(([environment, all]) => {
    const isEverywhere = all.length === targets.get(environment) && all.every(({ isLast }) => isLast);
    if (isEverywhere) return [placeAsText(environment, all.reduce(sum))];
    const nameOf = ({ target }: RunsThere) =>
      targets.get(environment) === 1 ? environment : `${environment} ${target}`;
    return all.map((one) => placeAsText(nameOf(one), one));
  });
  return texts.join(', ') || '-';
}

function placeAsText(name: string, { stacks, of, isLast, isUnfinished }: RunsThere): string {
  const notes = [...(stacks < of ? [`${stacks} of ${of} stacks`] : []), ...(isUnfinished ? ['not finished'] : [])];
  if (!isLast) return `(${name}: ${notes.join(', ')})`;
  return notes.length === 0 ? name : `${name} (${notes.join(', ')})`;
}

function sum(one: RunsThere, other: RunsThere): RunsThere {
  const isUnfinished = one.isUnfinished || other.isUnfinished;
  return { ...one, stacks: one.stacks + other.stacks, of: one.of + other.of, isUnfinished };
}

/** How many targets of each environment hold something. */
function targetsOf(releases: readonly ListedRelease[]): Map<string, number> {
  const runs = Map.groupBy(
    releases.flatMap((one) => one.runs),
    ({ environment }) => environment,
  );
  return new Map([...runs].map(([name, all]) => [name, new Set(all.map(({ target }) => target)).size]));
}
