import { complaintOf, git, type ProgramEnd } from '@nx-cdk/processes';
import { Failure } from '../failure/index.ts';

/** What is read of a repository. Every answer is the one of `git`. */
export class Git {
  readonly #folder: string;

  /** @param folder any folder of the repository */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The full name of the checked-out commit; undefined without a repository, or before its first commit.
   *
   * @throws Failure `Git` if there is a repository that git refuses to read, such as one of another user
   */
  async head(): Promise<string | undefined> {
    const end = await this.#run('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
    if (end.code === 0) return end.stdout.trim();
    if (end.stderr === '' || end.stderr.includes('not a git repository')) return undefined;
    throw new Failure('Git', { what: `git cannot read the history of ${this.#folder}`, next: complaintOf(end) });
  }

  /**
   * The full name of a commit.
   *
   * @param revision what git takes for one: `HEAD`, a branch, the beginning of a name
   * @throws Failure `Git` if there is no such commit
   */
  async commitOf(revision: string): Promise<string> {
    const end = await this.#run('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`);
    if (end.code === 0) return end.stdout.trim();
    const what = `git knows no commit "${revision}"`;
    throw new Failure('Git', { what, where: this.#folder, next: complaintOf(end) });
  }

  /** Whether git ignores a file, be it there or not. */
  async ignores(file: string): Promise<boolean> {
    return (await this.#run('check-ignore', '--quiet', '--', file)).code === 0;
  }

  /** Whether a commit is here: a shallow or rewritten repository may lack it. */
  async has(commit: string): Promise<boolean> {
    return (await this.#run('cat-file', '-e', `${commit}^{commit}`)).code === 0;
  }

  /** Whether one commit is the other or comes before it. Both have to be here. */
  async isAncestor(commit: string, of: string): Promise<boolean> {
    return (await this.#run('merge-base', '--is-ancestor', commit, of)).code === 0;
  }

  /** Whether the history was cut off when the repository was cloned. */
  async isShallow(): Promise<boolean> {
    return (await this.#run('rev-parse', '--is-shallow-repository')).stdout.trim() === 'true';
  }

  /** How many commits a later one has that an earlier one has not. */
  async commitsBetween(earlier: string, later: string): Promise<number> {
    const end = await this.#run('rev-list', '--count', `${earlier}..${later}`);
    if (end.code === 0) return Number(end.stdout.trim());
    throw new Failure('Git', { what: `git cannot count the commits of ${this.#folder}`, next: complaintOf(end) });
  }

  /** Whether files that git knows differ from the checked-out commit. */
  async isChanged(): Promise<boolean> {
    return (await this.#run('diff', '--quiet', 'HEAD')).code === 1;
  }

  /**
   * A file as a commit has it.
   *
   * @param commit its full name
   * @param file relative to the folder
   * @returns undefined if the commit has none, or is not here
   */
  async fileAt(commit: string, file: string): Promise<string | undefined> {
    const end = await this.#run('cat-file', 'blob', `${commit}:./${file}`);
    return end.code === 0 ? end.stdout : undefined;
  }

  async #run(...args: string[]): Promise<ProgramEnd> {
    // A partial clone would ask its server for what is missing. A step that deploys has no access to it, and must not
    // wait for it.
    const end = await git(this.#folder, args, { ...process.env, GIT_NO_LAZY_FETCH: '1' });
    if (end.started) return end;
    throw new Failure('Git', { what: `git cannot be run in ${this.#folder}`, next: end.failure });
  }
}
