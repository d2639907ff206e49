import { git } from '@nx-cdk/processes';
import type { SourceState } from '../release/index.ts';

/**
 * What is checked out: the commit, and whether files that git knows differ from it. One call of git.
 *
 * @param folder any folder of the repository
 * @returns undefined without a repository or a commit, or if git refuses to read it
 */
export async function sourceState(folder: string): Promise<SourceState | undefined> {
  const args = ['describe', '--always', '--exclude=*', '--abbrev=40', '--dirty=-edited'];
  const { code, stdout } = await git(folder, args);
  const [, commit, edited] = /^([0-9a-f]{40})(-edited)?$/.exec(code === 0 ? stdout.trim() : '') ?? [];
  return commit === undefined ? undefined : { commit, edited: edited !== undefined };
}
