import { Failure } from '../failure/index.ts';

/** A pull request, and where its comments are in the REST API of its host. */
export interface PullRequest {
  /** What people call it: `example/shop#12`. */
  readonly name: string;
  /** URL of the API, without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Path of its comments: they are listed and created there. */
  readonly comments: string;
  /** Query that lists them oldest first, if the host does not do so by default. */
  readonly oldestFirst: string;
  /** Path of a single comment, without its id, and the method that updates it. */
  readonly comment: string;
  readonly update: 'PATCH' | 'PUT';
}

/**
 * The pull request that a job is about, by the variables that its CI sets: GitHub Actions and CircleCI with a
 * `GITHUB_TOKEN`, GitLab with a `GITLAB_TOKEN`.
 *
 * @param number of the pull request in GitHub Actions, for a workflow that another one has started
 * @returns undefined if the job is about none
 * @throws Failure `NoToken` if there is no token
 */
export function pullRequestOf(environment: NodeJS.ProcessEnv, number?: string): PullRequest | undefined {
  return environment['GITLAB_CI'] ? inGitLab(environment) : inGitHub(environment, number);
}

/** Notes on a merge request: https://docs.gitlab.com/api/notes/#merge-requests. */
function inGitLab(environment: NodeJS.ProcessEnv): PullRequest | undefined {
  const { CI_API_V4_URL: url, CI_PROJECT_ID: project, CI_MERGE_REQUEST_IID: number } = environment;
  if (!url || !project || !number) return undefined;
  const notes = `/projects/${project}/merge_requests/${number}/notes`;
  return {
    name: `merge request !${number}`,
    url,
    headers: { 'private-token': token(environment, 'GITLAB_TOKEN') },
    comments: notes,
    oldestFirst: 'sort=asc&order_by=created_at',
    comment: notes,
    update: 'PUT',
  };
}

/** Comments on the issue that a pull request is: https://docs.github.com/rest/issues/comments. */
function inGitHub(environment: NodeJS.ProcessEnv, given?: string): PullRequest | undefined {
  const { GITHUB_ACTIONS, GITHUB_REF, GITHUB_REPOSITORY, GITHUB_API_URL, CIRCLE_PULL_REQUEST } = environment;
  const [, repository, number] = GITHUB_ACTIONS
    ? [undefined, GITHUB_REPOSITORY, given ?? /^refs\/pull\/(\d+)\//.exec(GITHUB_REF ?? '')?.[1]]
    : (/([^/]+\/[^/]+)\/pull\/(\d+)$/.exec(CIRCLE_PULL_REQUEST ?? '') ?? []);
  if (!number || !repository) return undefined;
  return {
    name: `${repository}#${number}`,
    url: GITHUB_API_URL || 'https://api.github.com',
    headers: {
      authorization: `Bearer ${token(environment, 'GITHUB_TOKEN')}`,
      accept: 'application/vnd.github+json',
    },
    comments: `/repos/${repository}/issues/${number}/comments`,
    oldestFirst: '',
    comment: `/repos/${repository}/issues/comments`,
    update: 'PATCH',
  };
}

/**
 * Address of the run that a job is part of, with its artifacts, by the variables that its CI sets.
 *
 * @returns undefined if the CI says none, or one that is no address
 */
export function runAddress(environment: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, CI_PIPELINE_URL, CIRCLE_WORKFLOW_ID } = environment;
  const address =
    (GITHUB_RUN_ID && `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}#artifacts`) ||
    CI_PIPELINE_URL ||
    (CIRCLE_WORKFLOW_ID && `https://app.circleci.com/pipelines/workflows/${CIRCLE_WORKFLOW_ID}`);
  return address && /^https?:\/\/[\w.:/#~-]+$/.test(address) ? address : undefined;
}

function token(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value) return value;
  throw new Failure('NoToken', { what: `${name} is not set`, next: 'give the job a token that may write comments' });
}
