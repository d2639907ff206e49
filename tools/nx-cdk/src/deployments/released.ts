import type { Environments } from '@libs/environments';
import type { AwsClients } from '../aws/index.ts';
import { type Listener, formatTable } from '../progress/index.ts';
import { Git } from './git.ts';
import { type GroupRelease, type ReleaseState, overviewRow, releaseOverview, stateInWords } from './overview.ts';
import { RecordStore } from './record-store.ts';
import { shortCommit } from './base.ts';

/** What a report of `released` holds. */
export interface ReleasedReport {
  readonly success: boolean;
  /** The checked-out commit that releases are compared with; absent where there is no history. */
  readonly head?: string;
  /** In promotion order. */
  readonly groups: readonly GroupRelease[];
}

export interface ReleasedOptions {
  readonly environments: Environments;
  /** A folder of the repository. */
  readonly folder: string;
  /** One event a group instead of a table. */
  readonly events: boolean;
  /** Milliseconds since 1970. @default the clock */
  readonly now?: number;
}

/**
 * Shows what was released to every deploy group, and how far that is from the checked-out commit. Reads only.
 *
 * @throws Failure where the records may not be read
 */
export async function showReleased(
  { environments, folder, events, now = Date.now() }: ReleasedOptions,
  { aws, listener }: { readonly aws: AwsClients; readonly listener: Listener },
): Promise<ReleasedReport> {
  const started = performance.now();
  const git = new Git(folder);
  const groups = await releaseOverview(environments, new RecordStore(aws, environments.ci, listener), git);
  const { ci, pipeline } = environments;
  listener({
    type: 'run-started',
    action: 'released',
    items: groups.length,
    subject: `what ${pipeline.name} in ${ci.account}/${ci.region} released`,
  });
  if (events) for (const group of groups) tell(group, listener);
  else listener({ type: 'message', level: 'info', text: tableOf(groups, now) });
  listener({
    type: 'run-finished',
    success: true,
    summary: summaryOf(groups),
    milliseconds: performance.now() - started,
  });
  const head = (await git.hasHistory()) ? { head: await git.commitOf('HEAD') } : {};
  return { success: true, ...head, groups };
}

function tableOf(groups: readonly GroupRelease[], now: number): string {
  return formatTable(
    groups.map((group) => overviewRow(group, now)),
    [
      { key: 'environment' },
      { key: 'group' },
      { key: 'commit', whole: true },
      { key: 'assemblies' },
      { key: 'released' },
      { key: 'state', title: 'compared with HEAD', whole: true },
    ],
  );
}

/** A group as the others tell of a stack, for those who read event by event. */
function tell(group: GroupRelease, listener: Listener): void {
  const id = `${group.environment}/${group.group}`;
  listener({ type: 'item-started', id, label: id, where: group.targets.join(', ') });
  const detail =
    group.commit === undefined
      ? 'never released'
      : `${shortCommit(group.commit)}, released ${group.time}, ${stateInWords(group)}`;
  const outcome = group.state === 'current' ? 'unchanged' : 'planned';
  listener({ type: 'item-finished', id, outcome, detail, milliseconds: 0 });
}

/** `3 groups: 1 up to date, 1 behind, 1 never released` */
function summaryOf(groups: readonly GroupRelease[]): string {
  const words: Record<ReleaseState, string> = {
    current: 'up to date',
    behind: 'behind',
    ahead: 'ahead',
    elsewhere: 'not in this history',
    never: 'never released',
  };
  const counts = Object.entries(words).flatMap(([state, text]) => {
    const count = groups.filter((group) => group.state === state).length;
    return count === 0 ? [] : [`${count} ${text}`];
  });
  return `${groups.length} group${groups.length === 1 ? '' : 's'}: ${counts.join(', ')}`;
}
