import { complaintOf, git } from '@nx-cdk/processes';
import { Failure } from 'nx-cdk/failure';

/** The commit that is walked, in the repository of the workspace. It takes the place of what a source would fetch. */
export interface Commit {
  /** Absolute. */
  readonly workspace: string;
  /** Full name. */
  readonly id: string;
  readonly message: string;
  /** ISO 8601. */
  readonly authorDate: string;
}

/**
 * @param revision whatever git takes for a commit
 * @throws Failure `Source` if there is no such commit
 */
export async function findCommit(workspace: string, revision: string): Promise<Commit> {
  const args = ['log', '-1', '--format=%H%x00%aI%x00%s', '--end-of-options', `${revision}^{commit}`, '--'];
  const { stdout, failure } = await git(workspace, args);
  if (failure !== undefined) {
    throw new Failure('Source', {
      what: `git knows no commit "${revision}" in ${workspace}, and a walk is of what is committed`,
      next: 'name another with --source',
    });
  }
  const [id = '', authorDate = '', message = ''] = stdout.trim().split('\0');
  return { workspace, id, authorDate, message };
}

/** Files that differ from what is checked out, untracked ones included. */
export async function uncommittedFiles(workspace: string): Promise<string[]> {
  const lines = (await runGit(workspace, 'status', '--porcelain', '-z')).split('\0');
  return lines.filter((line) => /^.. /.test(line)).map((line) => line.slice(3));
}

/** Writes a zip archive of the files of a commit, without its history. */
export async function archiveCommit({ workspace, id }: Commit, file: string): Promise<void> {
  await runGit(workspace, 'archive', '--format=zip', `--output=${file}`, id);
}

/** A clone with the whole history, with the commit checked out on no branch, as CodeBuild leaves it. */
export async function cloneCommit({ workspace, id }: Commit, folder: string): Promise<void> {
  // As from another machine: one pack instead of thousands of files, and nothing of it is the workspace's own.
  await runGit(workspace, 'clone', '--quiet', '--no-local', '--no-checkout', workspace, folder);
  // A commit that is on no branch is not in the clone yet.
  await runGit(workspace, '-C', folder, 'fetch', '--quiet', 'origin', id).catch(() => undefined);
  await runGit(workspace, '-C', folder, '-c', 'advice.detachedHead=false', 'checkout', '--quiet', '--detach', id);
}

async function runGit(workspace: string, ...args: string[]): Promise<string> {
  const end = await git(workspace, args);
  if (end.failure === undefined) return end.stdout;
  throw new Failure('Source', { what: `git ${args[0]} failed`, where: workspace, next: complaintOf(end) });
}
