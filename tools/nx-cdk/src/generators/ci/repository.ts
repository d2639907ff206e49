import { git } from '@nx-cdk/processes';
import { Failure } from '../../failure/index.ts';
import { EXAMPLE_REPOSITORY } from '../../workspace/index.ts';
import type { CiGeneratorSchema } from './schema.d.ts';

/**
 * The repository whose jobs get the roles: that of the option, of the environments file, or of the git remote `origin`.
 * For GitLab the remote wins over the file, which names the GitHub repository of a pipeline. The one of the example
 * that generators write is none: it may be that of anybody, who would get the roles.
 *
 * @throws Failure `NoRepository`, or `Repository` and `Option` for a name of another form
 */
export async function repositoryOf(
  root: string,
  { system, repository }: CiGeneratorSchema,
  ofFile?: string,
): Promise<string> {
  const { code, stdout } = await git(root, ['remote', 'get-url', 'origin']);
  const ofGit = code === 0 ? pathOfRemote(stdout.trim()) : undefined;
  const isGitLab = system === 'gitlab';
  const decided = ofFile === EXAMPLE_REPOSITORY ? undefined : ofFile;
  const found = repository ?? (isGitLab ? (ofGit ?? decided) : (decided ?? ofGit));
  const example = isGitLab ? 'group/project' : 'owner/name';
  if (found === undefined) {
    throw new Failure('NoRepository', {
      what: 'Neither the environments file (pipeline.source.repository) nor a git remote origin says which repository it is',
      next: `give --repository=${example}`,
    });
  }
  const shape = isGitLab ? /^[^/]+(\/[^/]+)+$/ : /^[^/]+\/[^/]+$/;
  if (shape.test(found)) return checkedName('repository', found);
  const what = `The repository is "${found}", which is not ${example}`;
  throw new Failure('Repository', { what, next: `give --repository=${example}` });
}

/** Refuses characters that the trust policies refuse. @throws Failure `Option` */
export function checkedName(option: string, value: string): string {
  if (/^[\w@.+/-]+$/.test(value)) return value;
  const next = 'letters, digits and . _ - + @ / are all it may have';
  throw new Failure('Option', { what: `--${option} is "${value}"`, next });
}

/** The path (`owner/name`, for GitLab with all groups) of `git@host:path.git` or a URL. */
export function pathOfRemote(url: string): string | undefined {
  const [, path] =
    /^(?:https?|ssh|git):\/\/(?:[^@/]+@)?[^:/]+(?::\d+)?\/(.+)$/.exec(url) ??
    /^(?:[^@/]+@)?[^:/]+:([^/].*)$/.exec(url) ??
    [];
  return path?.replace(/\/$/, '').replace(/\.git$/, '');
}
