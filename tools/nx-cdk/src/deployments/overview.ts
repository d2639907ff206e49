import type { Environments } from '@libs/environments';
import { shortCommit } from './base.ts';
import type { Git } from './git.ts';
import { type ReleaseGroup, releaseGroups } from './groups.ts';
import type { RecordStore } from './record-store.ts';
import { type ReleaseRecord, commonDigest, targetsDigest } from './record.ts';

/**
 * How the release of a group relates to the checked-out commit: `current`: it is that commit; `behind`, `ahead`: by so
 * many commits; `elsewhere`: it is not in the history that is here; `never`: nothing was released.
 */
export type ReleaseState = 'current' | 'behind' | 'ahead' | 'elsewhere' | 'never';

/** What is known of one group. Plain data: can be written as JSON. */
export interface GroupRelease {
  readonly environment: string;
  readonly group: string;
  /** `111111111111/eu-west-1`, in the order of the file. */
  readonly targets: readonly string[];
  readonly state: ReleaseState;
  /** How many commits `behind` or `ahead`. */
  readonly commits?: number;
  readonly commit?: string;
  /** ISO 8601 in UTC. */
  readonly time?: string;
  /** Digest of each assembly by project; of very many one for all, under `*`. */
  readonly assemblies?: Readonly<Record<string, string>>;
  /** True where the group had other targets then: the next release counts everything as affected. */
  readonly targetsChanged?: boolean;
  /** A commit whose release has begun since and was not recorded as done: it runs, or it failed. */
  readonly attempt?: string;
}

/** What was released to every group of every environment, in promotion order. Reads only. */
export async function releaseOverview(
  environments: Environments,
  records: RecordStore,
  git: Git,
): Promise<GroupRelease[]> {
  const groups = releaseGroups(environments);
  const found = await records.read(groups.map(({ parameter }) => parameter));
  const history = new History(git);
  const rows: GroupRelease[] = [];
  // One after the other: groups that were released together share an answer of git's.
  for (const group of groups) rows.push(await describe(group, found.get(group.parameter), history));
  return rows;
}

async function describe(
  group: ReleaseGroup,
  record: ReleaseRecord | undefined,
  history: History,
): Promise<GroupRelease> {
  const { environment, name } = group;
  const known = { environment, group: name, targets: group.targetNames };
  if (record === undefined) return { ...known, state: 'never' };
  const { commit, time, assemblies, targets, attempt } = record;
  return {
    ...known,
    ...(await history.relationOf(commit)),
    commit,
    time,
    assemblies,
    ...(targets === targetsDigest(group) ? {} : { targetsChanged: true }),
    ...(attempt === undefined ? {} : { attempt }),
  };
}

/** Where commits stand to HEAD; each is looked up once. */
class History {
  readonly #git: Git;
  readonly #known = new Map<string, Promise<Pick<GroupRelease, 'state' | 'commits'>>>();

  constructor(git: Git) {
    this.#git = git;
  }

  relationOf(commit: string): Promise<Pick<GroupRelease, 'state' | 'commits'>> {
    const known = this.#known.get(commit) ?? this.#lookUp(commit);
    this.#known.set(commit, known);
    return known;
  }

  async #lookUp(commit: string): Promise<Pick<GroupRelease, 'state' | 'commits'>> {
    const git = this.#git;
    if (!(await git.hasHistory()) || !(await git.has(commit))) return { state: 'elsewhere' };
    const head = await git.commitOf('HEAD');
    if (commit === head) return { state: 'current' };
    if (await git.isAncestor(commit, head)) return { state: 'behind', commits: await git.commitsBetween(commit, head) };
    if (await git.isAncestor(head, commit)) return { state: 'ahead', commits: await git.commitsBetween(head, commit) };
    return { state: 'elsewhere' };
  }
}

/** One row of the table that people read. */
export function overviewRow(release: GroupRelease, now: number): Record<string, string> {
  const { environment, group, commit, time, assemblies } = release;
  return {
    environment,
    group,
    commit: commit === undefined ? '-' : shortCommit(commit),
    assemblies: assemblies === undefined ? '-' : shortDigests(assemblies),
    released: time === undefined ? 'never released' : `${moment(time)}, ${ago(time, now)}`,
    state: stateInWords(release),
  };
}

/** `3 commits behind` */
export function stateInWords({ state, commits = 0, targetsChanged, attempt }: GroupRelease): string {
  const count = `${commits} commit${commits === 1 ? '' : 's'}`;
  const words: Record<ReleaseState, string> = {
    current: 'up to date',
    behind: `${count} behind`,
    ahead: `${count} ahead`,
    elsewhere: 'not in this history',
    never: '-',
  };
  return [
    words[state],
    ...(targetsChanged ? ['other targets'] : []),
    ...(attempt === undefined ? [] : [`${shortCommit(attempt)} not done`]),
  ].join(', ');
}

/** `infra 1a2b3c4`; of more than two, how many there are and one digest for all. */
function shortDigests(assemblies: Readonly<Record<string, string>>): string {
  const entries = Object.entries(assemblies);
  if (assemblies['*'] !== undefined) return `all ${short(assemblies['*'])}`;
  if (entries.length > 2) return `${entries.length} apps ${short(commonDigest(assemblies))}`;
  return entries.map(([project, digest]) => `${project} ${short(digest)}`).join(', ') || '-';
}

function short(digest: string): string {
  return digest.slice(0, 7);
}

/** `2026-11-20 14:03 UTC` */
export function moment(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, milliseconds: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `2 hours ago` */
function ago(time: string, now: number): string {
  // A clock that is a little slow must not tell of the future.
  const passed = Math.max(0, now - Date.parse(time));
  const [unit, length] = UNITS.find(([, milliseconds]) => passed >= milliseconds) ?? [];
  if (unit === undefined || length === undefined) return 'just now';
  return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(-Math.floor(passed / length), unit);
}
