import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A git repository of its own, to be removed with `dispose`. */
export interface ScratchRepository {
  readonly folder: string;
  /** Runs git in it, and gives back what it prints. */
  git(...args: string[]): string;
  /** Makes a commit, without a file if nothing was staged. Returns its name. */
  commit(message: string): string;
  dispose(): void;
}

/** Makes a repository with the branch `main`; nothing that the machine's own git configuration says has a say in it. */
export function scratchRepository(
  folder: string = mkdtempSync(join(realpathSync(tmpdir()), 'repository-')),
): ScratchRepository {
  const who = { NAME: 'Test', EMAIL: 'test@example.com' };
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      Object.entries(who).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
  };
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' }).trim();
  git('init', '--quiet', '--initial-branch=main');
  return {
    folder,
    git,
    commit: (message) => {
      git('commit', '--quiet', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
