import { complaintOf, git } from '@libs/processes';
import { Failure } from 'nx-cdk/failure';

/** The commit that is walked. */
export interface Commit {
  /** Full name. */
  readonly id: string;
  readonly message: string;
  /** ISO 8601. */
  readonly authorDate: string;
}

/** The repository that a workspace is in: what it has committed stands for what a pipeline's source would fetch. */
export class GitSource {
  readonly folder: string;

  /** @param folder the workspace; absolute */
  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * @param revision whatever git takes for a commit
   * @throws Failure `Source` if it knows none of this name
   */
  async commit(revision: string): Promise<Commit> {
    const args = ['log', '-1', '--format=%H%x00%aI%x00%s', '--end-of-options', `${revision}^{commit}`, '--'];
    const { stdout: output, failure } = await git(this.folder, args);
    if (failure !== undefined) {
      throw new Failure('Source', {
        what: `git knows no commit "${revision}" in ${this.folder}, and a walk is of what is committed`,
        next: 'name another with --source',
      });
    }
    const [id = '', authorDate = '', message = ''] = output.trim().split('\0');
    return { id, authorDate, message };
  }

  /** Files that differ from what is checked out, untracked ones included. */
  async uncommitted(): Promise<string[]> {
    const output = await this.#git('status', '--porcelain', '-z');
    return output
      .split('\0')
      .filter((line) => /^.. /.test(line))
      .map((line) => line.slice(3));
  }

  /** A zip archive of the files of a commit, without its history. */
  async archive(commit: string, file: string): Promise<void> {
    await this.#git('archive', '--format=zip', `--output=${file}`, commit);
  }

  /** A clone with the whole history, with the commit checked out on no branch, as CodeBuild leaves it. */
  async clone(commit: string, folder: string): Promise<void> {
    // No hard links: what a build does to its clone is not to reach the workspace.
    await this.#git('clone', '--quiet', '--no-hardlinks', '--no-checkout', this.folder, folder);
    // A commit that is on no branch is not in the clone yet.
    await this.#git('-C', folder, 'fetch', '--quiet', 'origin', commit).catch(() => undefined);
    await this.#git('-C', folder, '-c', 'advice.detachedHead=false', 'checkout', '--quiet', '--detach', commit);
  }

  async #git(...args: string[]): Promise<string> {
    const end = await git(this.folder, args);
    if (end.failure === undefined) return end.stdout;
    throw new Failure('Source', { what: `git ${args[0]} failed`, where: this.folder, next: complaintOf(end) });
  }
}
