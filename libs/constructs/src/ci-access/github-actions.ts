import { PipelineError } from '../pipeline/index.ts';
import { type CiIdentity, requireLiteral, type TrustedSubject } from './ci-identity.ts';

/** Which repository of GitHub may have the roles. */
export interface GitHubActionsOptions {
  /** `owner/name`, spelt as GitHub spells it: the comparison is case-sensitive. */
  readonly repository: string;
  /** The branch whose commits are published. */
  readonly branch: string;
  /**
   * Numeric ids of the owner and of the repository, which subjects of repositories hold that were created, renamed or
   * transferred after 15 July 2026 or that have opted in. `gh api repos/OWNER/NAME --jq '.owner.id, .id'` prints both.
   * @default - subjects hold names only
   */
  readonly ids?: { readonly owner: string; readonly repository: string };
  /**
   * The default branch, whose workflows show what pull requests would change.
   * @default - the same branch
   */
  readonly defaultBranch?: string;
  /**
   * Whether the branch of a job with an environment is compared too: STS does that in commercial regions
   * (https://aws.amazon.com/about-aws/whats-new/2026/01/aws-sts-supports-validation-identity-provider-claims/).
   * @default true
   */
  readonly refs?: boolean;
}

/** The GitHub environment of jobs that show changes. No environment of AWS can be called like this. */
const PULL_REQUESTS = 'pull_requests';

/**
 * Jobs of GitHub Actions. Publishing is for the branch, a deployment for the GitHub environment of the same name (its
 * rules set approval and the branches that may deploy), showing changes for the GitHub environment `pull_requests`, and
 * a sandbox for the GitHub environment of the same name. A job of a pull request gets no role: it runs the workflow and
 * the code of the pull request.
 *
 * A job with an environment has no branch in its subject, so its claim `ref` is compared too. Without it, limit each
 * GitHub environment to the branch, or any branch may deploy.
 *
 * @see https://docs.github.com/actions/reference/security/oidc
 * @throws PipelineError if a name holds what a trust policy would take for a wildcard or a separator
 */
export function gitHubActions(options: GitHubActionsOptions): CiIdentity {
  const { repository, branch, ids, defaultBranch = branch, refs = true } = options;
  const [owner, name, ...more] = requireLiteral('The GitHub repository', repository).split('/');
  if (!owner || !name || more.length > 0)
    throw new PipelineError(`The GitHub repository is "${repository}", not owner/name.`);
  for (const id of ids === undefined ? [] : [ids.owner, ids.repository]) {
    if (!/^\d+$/.test(id)) throw new PipelineError(`"${id}" is no id of GitHub: they are numbers.`);
  }
  /** A job of a GitHub environment, whose workflow is that of a branch. */
  const inEnvironment = (environment: string, ofBranch: string): TrustedSubject => ({
    subject: `repo:${subject}:environment:${environment}`,
    ...(refs && { claims: { ref: `refs/heads/${requireLiteral('The branch', ofBranch)}` } }),
  });
  const subject = ids === undefined ? repository : `${owner}@${ids.owner}/${name}@${ids.repository}`;
  return {
    system: 'github',
    issuer: 'https://token.actions.githubusercontent.com',
    audience: 'sts.amazonaws.com',
    publish: { subject: `repo:${subject}:ref:refs/heads/${requireLiteral('The branch', branch)}` },
    diff: inEnvironment(PULL_REQUESTS, defaultBranch),
    // Schedules run on the default branch.
    scheduled: { subject: `repo:${subject}:ref:refs/heads/${requireLiteral('The branch', defaultBranch)}` },
    deploy: (environment) => inEnvironment(requireLiteral('The environment', environment), branch),
    // What a pull request starts or ends is a workflow of the default branch.
    sandbox: (environment) => inEnvironment(requireLiteral('The environment', environment), defaultBranch),
  };
}
