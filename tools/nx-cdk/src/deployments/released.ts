import { type Environments, targetName } from '@nx-cdk/environments';
import type { EngineDependencies } from '../aws/index.ts';
import { count, formatTable, Run } from '../progress/index.ts';
import { shortCommit } from './base.ts';
import { Git } from './git.ts';
import { recordedGroups } from './groups.ts';
import { RecordStore } from './record-store.ts';
import { commonDigest, type DeploymentRecord, targetsDigest } from './record.ts';

/** What a report of `released` holds. Plain data. */
interface ReleasedReport {
  readonly success: boolean;
  /** The checked-out commit that deployments are compared with; absent if there is no history. */
  readonly head?: string;
  /** In promotion order. */
  readonly groups: readonly GroupDeployment[];
}

/** What is known of one deploy group. */
interface GroupDeployment extends Relation, Partial<Omit<DeploymentRecord, 'targets'>> {
  readonly environment: string;
  readonly group: string;
  /** `111111111111/eu-west-1`, in the order of the file. */
  readonly targets: readonly string[];
  /** True if the group had other targets then: the next deployment counts everything as affected. */
  readonly targetsChanged?: boolean;
}

/** How a deployment relates to the checked-out commit. */
interface Relation {
  /** `elsewhere`: it is not in the history that is here. */
  readonly state: 'current' | 'behind' | 'ahead' | 'elsewhere' | 'never';
  /** How many commits `behind` or `ahead`. */
  readonly commits?: number;
}

interface ReleasedOptions {
  readonly environments: Environments;
  /** A folder of the repository. */
  readonly folder: string;
  /** One event a group instead of a table. */
  readonly events: boolean;
  /** Milliseconds since 1970. @default - the clock */
  readonly now?: number;
}

/** What each state is called. */
const WORDS: Readonly<Record<Relation['state'], string>> = {
  current: 'up to date',
  behind: 'behind',
  ahead: 'ahead',
  elsewhere: 'not in this history',
  never: 'never deployed',
};

/**
 * Shows what was deployed to every deploy group, and how far that is from the checked-out commit. Reads only.
 *
 * @throws Failure if the records may not be read
 */
export async function showReleased(
  { environments, folder, events, now = Date.now() }: ReleasedOptions,
  { aws, listener }: EngineDependencies,
): Promise<ReleasedReport> {
  const { ci, pipeline } = environments;
  const startedAt = performance.now();
  const { head, groups } = await lookAtGroups(environments, new RecordStore(aws, ci, listener), new Git(folder));
  const run = new Run({
    listener,
    startedAt,
    action: 'released',
    items: groups.length,
    noun: 'group',
    subject: `what ${pipeline.name} in ${targetName(ci)} deployed`,
  });
  if (events) for (const group of groups) await tell(group, run);
  else listener({ type: 'message', level: 'info', text: tableOf(groups, now) });
  const { success } = run.finish(summaryOf(groups));
  return { success, ...(head !== undefined && { head }), groups };
}

async function lookAtGroups(environments: Environments, records: RecordStore, git: Git) {
  const groups = recordedGroups(environments);
  const found = await records.read(groups.map(({ parameter }) => parameter));
  const head = await git.head();
  // Groups that were deployed together share an answer of git.
  const relations = new Map<string, Relation>();
  for (const { commit } of found.values()) {
    if (!relations.has(commit)) relations.set(commit, await relationOf(commit, head, git));
  }
  const rows = groups.map((group): GroupDeployment => {
    const { environment, name, parameter } = group;
    const known = { environment, group: name, targets: group.targets.map(targetName) };
    const record = found.get(parameter);
    if (record === undefined) return { ...known, state: 'never' };
    const { targets, ...facts } = record;
    const changed = targets === targetsDigest(group) ? {} : { targetsChanged: true };
    return { ...known, ...relations.get(record.commit)!, ...facts, ...changed };
  });
  return { head, groups: rows };
}

async function relationOf(commit: string, head: string | undefined, git: Git): Promise<Relation> {
  if (head === undefined || !(await git.has(commit))) return { state: 'elsewhere' };
  if (commit === head) return { state: 'current' };
  if (await git.isAncestor(commit, head)) return { state: 'behind', commits: await git.commitsBetween(commit, head) };
  if (await git.isAncestor(head, commit)) return { state: 'ahead', commits: await git.commitsBetween(head, commit) };
  return { state: 'elsewhere' };
}

/** A group as other commands tell of a stack, for programs that read event by event. */
async function tell(group: GroupDeployment, run: Run): Promise<void> {
  const { environment, targets, commit, time, state } = group;
  const outcome = state === 'current' ? 'unchanged' : state;
  const detail =
    commit === undefined ? WORDS[state] : `${shortCommit(commit)}, deployed ${time}, ${stateInWords(group)}`;
  const id = `${environment}/${group.group}`;
  await run.item({ id, where: targets.join(', ') }, async () => ({ outcome, detail }));
}

/** `3 groups: 1 up to date, 1 behind, 1 never deployed` */
function summaryOf(groups: readonly GroupDeployment[]): string {
  const counts = Object.entries(WORDS).flatMap(([state, words]) => {
    const number = groups.filter((group) => group.state === state).length;
    return number === 0 ? [] : [`${number} ${words}`];
  });
  return `${count(groups.length, 'group')}: ${counts.join(', ')}`;
}

function tableOf(groups: readonly GroupDeployment[], now: number): string {
  const rows = groups.map((deployment) => {
    const { environment, group, commit, time, assemblies, state } = deployment;
    return {
      environment,
      group,
      commit: commit === undefined ? '-' : shortCommit(commit),
      assemblies: shortDigests(assemblies),
      deployed: time === undefined ? WORDS.never : `${moment(time)}, ${ago(time, now)}`,
      state: state === 'never' ? '-' : stateInWords(deployment),
    };
  });
  const state = { key: 'state', title: 'compared with HEAD', whole: true };
  return formatTable(rows, ['environment', 'group', { key: 'commit', whole: true }, 'assemblies', 'deployed', state]);
}

/** `3 commits behind, other targets` */
function stateInWords({ state, commits, targetsChanged, attempt }: GroupDeployment): string {
  return [
    commits === undefined ? WORDS[state] : `${count(commits, 'commit')} ${WORDS[state]}`,
    ...(targetsChanged ? ['other targets'] : []),
    ...(attempt === undefined ? [] : [`${shortCommit(attempt)} not done`]),
  ].join(', ');
}

/** `infra 1a2b3c4`; of more than two, how many there are and one digest for all. */
function shortDigests(assemblies: Readonly<Record<string, string>> = {}): string {
  const short = (digest: string) => digest.slice(0, 7);
  const entries = Object.entries(assemblies);
  if (assemblies['*'] !== undefined) return `all ${short(assemblies['*'])}`;
  if (entries.length > 2) return `${entries.length} apps ${short(commonDigest(assemblies))}`;
  return entries.map(([project, digest]) => `${project} ${short(digest)}`).join(', ') || '-';
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
  // The clock here may be slow: the future counts as now.
  const passed = Math.max(0, now - Date.parse(time));
  const unit = UNITS.find(([, milliseconds]) => passed >= milliseconds);
  if (unit === undefined) return 'just now';
  return new Intl.RelativeTimeFormat('en').format(-Math.floor(passed / unit[1]), unit[0]);
}
