import { Failure } from '../failure/index.ts';
import type { Comments } from './comments.ts';
import { gitHubComments } from './github.ts';
import { gitLabComments } from './gitlab.ts';

/**
 * The pull request that a job is about, by the variables that its CI sets: GitHub Actions and CircleCI with a
 * `GITHUB_TOKEN`, GitLab with a `GITLAB_TOKEN`.
 *
 * @returns undefined if the job is about none
 * @throws Failure `NoToken` if there is no token
 */
export function pullRequestOf(environment: NodeJS.ProcessEnv): Comments | undefined {
  const token = (name: string): string => {
    const value = environment[name];
    if (value) return value;
    throw new Failure('NoToken', { what: `${name} is not set`, next: 'give the job a token that may write comments' });
  };
  if (environment['GITLAB_CI']) {
    const { CI_API_V4_URL: url, CI_PROJECT_ID: project, CI_MERGE_REQUEST_IID: number } = environment;
    if (!url || !project || !number) return undefined;
    return gitLabComments({ url, headers: { 'private-token': token('GITLAB_TOKEN') } }, project, number);
  }
  const found = gitHubPullRequest(environment);
  if (found === undefined) return undefined;
  const url = environment['GITHUB_API_URL'] || 'https://api.github.com';
  const headers = { authorization: `Bearer ${token('GITHUB_TOKEN')}`, accept: 'application/vnd.github+json' };
  return gitHubComments({ url, headers }, found.repository, found.number);
}

function gitHubPullRequest(environment: NodeJS.ProcessEnv): { repository: string; number: string } | undefined {
  if (environment['GITHUB_ACTIONS']) {
    const number = /^refs\/pull\/(\d+)\//.exec(environment['GITHUB_REF'] ?? '')?.[1];
    const repository = environment['GITHUB_REPOSITORY'];
    return number && repository ? { repository, number } : undefined;
  }
  const [, repository, number] = /([^/]+\/[^/]+)\/pull\/(\d+)$/.exec(environment['CIRCLE_PULL_REQUEST'] ?? '') ?? [];
  return number && repository ? { repository, number } : undefined;
}
