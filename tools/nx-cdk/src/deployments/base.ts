import type { DeployGroup } from '@nx-cdk/environments';
import type { Git } from './git.ts';
import { type DeploymentRecord, targetsDigest } from './record.ts';

/** The tree without a file, which git has in every repository: compared with it, everything has changed. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** What the changes of a deployment are counted from. */
interface DeploymentBase {
  /** A commit, or the empty tree. */
  readonly commit: string;
  /** Why everything counts as affected; undefined if the commit is the one that was deployed. */
  readonly everything?: string;
}

/**
 * What to compare with to find out what a group has not got yet: the commit deployed to it last. `nx affected`
 * compares with `git merge-base` of what it is given and the head (`getMergeBase` in its command-line-utils.js). A
 * commit that is no ancestor of the head would hide changes, so everything counts as affected then.
 *
 * @param record what was deployed last, if it is known
 */
export async function deploymentBase(
  group: Pick<DeployGroup, 'targets'>,
  record: DeploymentRecord | undefined,
  git: Git,
): Promise<DeploymentBase> {
  const why = record === undefined ? 'nothing was deployed there yet' : await whyEverything(group, record, git);
  return why === undefined ? { commit: record!.commit } : { commit: EMPTY_TREE, everything: why };
}

async function whyEverything(
  group: Pick<DeployGroup, 'targets'>,
  record: DeploymentRecord,
  git: Git,
): Promise<string | undefined> {
  const commit = shortCommit(record.commit);
  if (record.targets !== targetsDigest(group)) return `its targets have changed since ${commit} was deployed`;
  // Parts of the attempt may be there. If a later commit takes it back, no difference of files tells.
  if (record.attempt !== undefined) {
    return `the deployment of ${shortCommit(record.attempt)}, which began after that of ${commit}, was never recorded as done`;
  }
  const head = await git.head();
  if (head === undefined) return `here is no git repository with a commit to compare ${commit} with`;
  const shallow = await git.isShallow();
  if (!(await git.has(record.commit))) {
    return shallow
      ? `${commit}, deployed last, is not in this repository, which is a shallow clone: clone its full history`
      : `${commit}, deployed last, is not in this repository: its history was rewritten`;
  }
  if (await git.isAncestor(record.commit, head)) return undefined;
  if (await git.isAncestor(head, record.commit)) {
    return `HEAD is behind ${commit}, which was deployed last: this is a rollback`;
  }
  return shallow
    ? `${commit}, deployed last, is not in the history of HEAD as far as this shallow clone has it: clone its full history`
    : `${commit}, deployed last, is not in the history of HEAD: it is on another branch, or the history was rewritten`;
}

/** A commit as people read it. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}
