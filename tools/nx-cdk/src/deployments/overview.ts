import type { Environments } from '@libs/environments';
import type { Git } from './git.ts';
import { type RecordedGroup, recordedGroups } from './groups.ts';
import type { RecordStore } from './record-store.ts';
import { type DeploymentRecord, targetsDigest } from './record.ts';

/**
 * How the deployment of a group relates to the checked-out commit. `current`: it is that commit. `behind`, `ahead`: by
 * so many commits. `elsewhere`: it is not in the history that is here. `never`: nothing was deployed.
 */
export type DeploymentState = 'current' | 'behind' | 'ahead' | 'elsewhere' | 'never';

/** What is known of one group. Plain data: can be written as JSON. */
export interface GroupDeployment extends Partial<Pick<DeploymentRecord, 'commit' | 'time' | 'assemblies' | 'attempt'>> {
  readonly environment: string;
  readonly group: string;
  /** `111111111111/eu-west-1`, in the order of the file. */
  readonly targets: readonly string[];
  readonly state: DeploymentState;
  /** How many commits `behind` or `ahead`. */
  readonly commits?: number;
  /** True if the group had other targets then: the next deployment counts everything as affected. */
  readonly targetsChanged?: boolean;
}

type Relation = Pick<GroupDeployment, 'state' | 'commits'>;

/** What was deployed to every group of every environment, in promotion order. Reads only. */
export async function deploymentOverview(
  environments: Environments,
  records: RecordStore,
  git: Git,
): Promise<GroupDeployment[]> {
  const groups = recordedGroups(environments);
  const found = await records.read(groups.map(({ parameter }) => parameter));
  const relations = new Map<string, Relation>();
  const rows: GroupDeployment[] = [];
  // One after the other: groups that were deployed together share an answer of git's.
  for (const group of groups) {
    const record = found.get(group.parameter);
    if (record !== undefined && !relations.has(record.commit)) {
      relations.set(record.commit, await relationOf(record.commit, git));
    }
    rows.push(describe(group, record, relations));
  }
  return rows;
}

function describe(
  group: RecordedGroup,
  record: DeploymentRecord | undefined,
  relations: ReadonlyMap<string, Relation>,
): GroupDeployment {
  const { environment, name, targetNames } = group;
  const known = { environment, group: name, targets: targetNames };
  if (record === undefined) return { ...known, state: 'never' };
  const { targets, ...facts } = record;
  const changed = targets === targetsDigest(group) ? {} : { targetsChanged: true };
  return { ...known, ...relations.get(record.commit)!, ...facts, ...changed };
}

/** How a commit relates to HEAD. */
async function relationOf(commit: string, git: Git): Promise<Relation> {
  if (!(await git.hasHistory()) || !(await git.has(commit))) return { state: 'elsewhere' };
  const head = await git.commitOf('HEAD');
  if (commit === head) return { state: 'current' };
  if (await git.isAncestor(commit, head)) return { state: 'behind', commits: await git.commitsBetween(commit, head) };
  if (await git.isAncestor(head, commit)) return { state: 'ahead', commits: await git.commitsBetween(head, commit) };
  return { state: 'elsewhere' };
}
