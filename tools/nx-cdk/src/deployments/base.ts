import type { Git } from './git.ts';
import type { ReleaseGroup } from './groups.ts';
import { type ReleaseRecord, targetsDigest } from './record.ts';

/** The tree without a file, which git has in every repository: compared with it, everything has changed. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** What the changes of a release are counted from. */
export interface ReleaseBase {
  /** A commit, or the empty tree. */
  readonly commit: string;
  /** Why everything counts as affected; undefined where the commit is the one that was released. */
  readonly everything?: string;
}

/**
 * What to compare with to find out what a group has not got yet: the commit released to it last. `nx affected` compares
 * with `git merge-base` of what it is given and the head (`getMergeBase` in its command-line-utils.js), so that a
 * commit which is no ancestor of the head would hide changes; everything counts as affected then.
 *
 * @param record what was released last, if it is known
 */
export async function releaseBase(
  group: Pick<ReleaseGroup, 'targets'>,
  record: ReleaseRecord | undefined,
  git: Git,
): Promise<ReleaseBase> {
  const why = await whyEverything(group, record, git);
  return why === undefined ? { commit: record!.commit } : { commit: EMPTY_TREE, everything: why };
}

async function whyEverything(
  group: Pick<ReleaseGroup, 'targets'>,
  record: ReleaseRecord | undefined,
  git: Git,
): Promise<string | undefined> {
  if (record === undefined) return 'nothing was released there yet';
  const commit = shortCommit(record.commit);
  if (record.targets !== targetsDigest(group)) return `its targets have changed since ${commit} was released`;
  // What it got to may differ from what was released before, even where a later commit took the change back: then no
  // difference of files would tell.
  if (record.attempt !== undefined) {
    return `the release of ${shortCommit(record.attempt)}, which began after that of ${commit}, was never recorded as done`;
  }
  if (!(await git.hasHistory())) return `here is no git repository with a commit to compare ${commit} with`;
  const shallow = await git.isShallow();
  if (!(await git.has(record.commit))) {
    return shallow
      ? `${commit}, released last, is not in this repository, which is a shallow clone: clone its full history`
      : `${commit}, released last, is not in this repository: its history was rewritten`;
  }
  const head = await git.commitOf('HEAD');
  if (await git.isAncestor(record.commit, head)) return undefined;
  if (await git.isAncestor(head, record.commit)) {
    return `HEAD is behind ${commit}, which was released last: this is a rollback`;
  }
  return shallow
    ? `${commit}, released last, is not in the history of HEAD as far as this shallow clone has it: clone its full history`
    : `${commit}, released last, is not in the history of HEAD: it is on another branch, or the history was rewritten`;
}

/** A commit as people read it. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}
