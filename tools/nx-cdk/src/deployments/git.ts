import { execFile } from 'node:child_process';
import { Failure } from '../failure/index.ts';

/** How a `git` command ended. */
interface GitEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What releases ask of a repository. Reads only; every answer is `git`'s own. */
export class Git {
  readonly #folder: string;

  /** @param folder any folder of the repository */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Whether the folder is in a repository with at least one commit.
   *
   * @throws Failure `Git` where there is a repository that git refuses to read, such as one of another user
   */
  async hasHistory(): Promise<boolean> {
    const { code, stderr } = await this.#run('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
    if (code === 0) return true;
    if (stderr === '' || stderr.includes('not a git repository')) return false;
    throw new Failure('Git', `git cannot read the history of ${this.#folder}: ${firstLine(stderr)}.`);
  }

  /**
   * The full name of a commit.
   *
   * @param revision whatever git takes for one: `HEAD`, a branch, the beginning of a name
   * @throws Failure `Git` where there is no such commit
   */
  async commitOf(revision: string): Promise<string> {
    const { code, stdout, stderr } = await this.#run(
      'rev-parse',
      '--verify',
      '--end-of-options',
      `${revision}^{commit}`,
    );
    if (code === 0) return stdout.trim();
    throw new Failure('Git', `git knows no commit "${revision}" in ${this.#folder}: ${firstLine(stderr)}.`);
  }

  /** Whether the repository has a commit, all of it: a shallow or rewritten one may not. */
  async has(commit: string): Promise<boolean> {
    return (await this.#run('cat-file', '-e', `${commit}^{commit}`)).code === 0;
  }

  /** Whether one commit is the other or comes before it. Both have to be there. */
  async isAncestor(commit: string, of: string): Promise<boolean> {
    return (await this.#run('merge-base', '--is-ancestor', commit, of)).code === 0;
  }

  /** Whether the history was cut off when the repository was cloned. */
  async isShallow(): Promise<boolean> {
    return (await this.#run('rev-parse', '--is-shallow-repository')).stdout.trim() === 'true';
  }

  /** How many commits a later one has that an earlier one has not. */
  async commitsBetween(earlier: string, later: string): Promise<number> {
    const { code, stdout, stderr } = await this.#run('rev-list', '--count', `${earlier}..${later}`);
    if (code === 0) return Number(stdout.trim());
    throw new Failure('Git', `git cannot count the commits of ${this.#folder}: ${firstLine(stderr)}.`);
  }

  /** Whether files that git knows differ from the checked-out commit. */
  async isChanged(): Promise<boolean> {
    return (await this.#run('diff', '--quiet', 'HEAD')).code === 1;
  }

  #run(...args: string[]): Promise<GitEnd> {
    return new Promise((resolve, reject) => {
      // A partial clone would ask its server for what is missing here; a step that deploys has no access to it, and
      // must not wait for it.
      const env = { ...process.env, GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
      execFile('git', args, { cwd: this.#folder, env }, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') return resolve({ code, stdout, stderr });
        reject(new Failure('Git', `git cannot be run in ${this.#folder}: ${error?.message}.`, { cause: error }));
      });
    });
  }
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n');
  return line.replace(/^fatal: /, '').replace(/\.$/, '');
}
