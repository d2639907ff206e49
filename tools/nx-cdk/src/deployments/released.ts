import type { Environments } from '@libs/environments';
import type { AwsClients } from '../aws/index.ts';
import { type Listener, type Outcome, Run, formatTable } from '../progress/index.ts';
import { shortCommit } from './base.ts';
import { Git } from './git.ts';
import { type DeploymentState, type GroupDeployment, deploymentOverview } from './overview.ts';
import { RecordStore } from './record-store.ts';
import { commonDigest } from './record.ts';

/** What a report of `released` holds. */
export interface ReleasedReport {
  readonly success: boolean;
  /** The checked-out commit that deployments are compared with; absent if there is no history. */
  readonly head?: string;
  /** In promotion order. */
  readonly groups: readonly GroupDeployment[];
}

export interface ReleasedOptions {
  readonly environments: Environments;
  /** A folder of the repository. */
  readonly folder: string;
  /** One event a group instead of a table. */
  readonly events: boolean;
  /** Milliseconds since 1970. @default - the clock */
  readonly now?: number;
}

/** What each state is called, and how its group ends in the events. */
const STATES: Readonly<Record<DeploymentState, { readonly words: string; readonly outcome: Outcome }>> = {
  current: { words: 'up to date', outcome: 'unchanged' },
  behind: { words: 'behind', outcome: 'behind' },
  ahead: { words: 'ahead', outcome: 'ahead' },
  elsewhere: { words: 'not in this history', outcome: 'elsewhere' },
  never: { words: 'never deployed', outcome: 'never' },
};

/**
 * Shows what was deployed to every deploy group, and how far that is from the checked-out commit. Reads only.
 *
 * @throws Failure if the records may not be read
 */
export async function showReleased(
  { environments, folder, events, now = Date.now() }: ReleasedOptions,
  { aws, listener }: { readonly aws: AwsClients; readonly listener: Listener },
): Promise<ReleasedReport> {
  const git = new Git(folder);
  const { ci, pipeline } = environments;
  const startedAt = performance.now();
  const groups = await deploymentOverview(environments, new RecordStore(aws, ci, listener), git);
  const run = new Run({
    listener,
    startedAt,
    action: 'released',
    items: groups.length,
    noun: 'group',
    subject: `what ${pipeline.name} in ${ci.account}/${ci.region} deployed`,
  });
  if (events) for (const group of groups) await tell(group, run);
  else listener({ type: 'message', level: 'info', text: tableOf(groups, now) });
  const { success } = run.finish(summaryOf(groups));
  const head = (await git.hasHistory()) ? { head: await git.commitOf('HEAD') } : {};
  return { success, ...head, groups };
}

/** A group as other commands tell of a stack, for programs that read event by event. */
async function tell(group: GroupDeployment, run: Run): Promise<void> {
  const { environment, targets, commit, time, state } = group;
  const { words, outcome } = STATES[state];
  const detail = commit === undefined ? words : `${shortCommit(commit)}, deployed ${time}, ${stateInWords(group)}`;
  const id = `${environment}/${group.group}`;
  await run.item({ id, where: targets.join(', ') }, async () => ({ outcome, detail }));
}

/** `3 groups: 1 up to date, 1 behind, 1 never deployed` */
function summaryOf(groups: readonly GroupDeployment[]): string {
  const counts = Object.entries(STATES).flatMap(([state, { words }]) => {
    const count = groups.filter((group) => group.state === state).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return `${groups.length} group${groups.length === 1 ? '' : 's'}: ${counts.join(', ')}`;
}

function tableOf(groups: readonly GroupDeployment[], now: number): string {
  const rows = groups.map((deployment) => ({
    environment: deployment.environment,
    group: deployment.group,
    commit: deployment.commit === undefined ? '-' : shortCommit(deployment.commit),
    assemblies: shortDigests(deployment.assemblies),
    deployed:
      deployment.time === undefined ? STATES.never.words : `${moment(deployment.time)}, ${ago(deployment.time, now)}`,
    state: deployment.state === 'never' ? '-' : stateInWords(deployment),
  }));
  return formatTable(rows, [
    { key: 'environment' },
    { key: 'group' },
    { key: 'commit', whole: true },
    { key: 'assemblies' },
    { key: 'deployed' },
    { key: 'state', title: 'compared with HEAD', whole: true },
  ]);
}

/** `3 commits behind, other targets` */
function stateInWords({ state, commits, targetsChanged, attempt }: GroupDeployment): string {
  const distance = commits === undefined ? [] : [`${commits} commit${commits === 1 ? '' : 's'}`];
  return [
    [...distance, STATES[state].words].join(' '),
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
  // A clock that is a little slow must not tell of the future.
  const passed = Math.max(0, now - Date.parse(time));
  const [unit, length] = UNITS.find(([, milliseconds]) => passed >= milliseconds) ?? [];
  if (unit === undefined || length === undefined) return 'just now';
  return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(-Math.floor(passed / length), unit);
}
