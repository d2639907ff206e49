import { PipelineError } from '../pipeline/index.ts';
import { type CiIdentity, requireLiteral } from './ci-identity.ts';

/** Which project of a GitLab may have the roles. */
export interface GitLabCiOptions {
  /** `group/project`, subgroups included. */
  readonly project: string;
  /** The branch whose commits are published and deployed; protect it. */
  readonly branch: string;
  /**
   * URL of the GitLab; also the audience of its tokens. AWS fetches the keys of the issuer from there.
   * @default 'https://gitlab.com'
   */
  readonly url?: string;
}

/**
 * Jobs of GitLab CI/CD. Publishing and deploying are for the branch, showing changes for any branch of the project.
 *
 * A subject of GitLab names no environment: protect the branch and the environment, or any job of the branch may deploy
 * to it. A merge request of a fork runs in the fork, which has another path.
 *
 * @see https://docs.gitlab.com/ci/secrets/id_token_authentication/ and https://docs.gitlab.com/ci/cloud_services/aws/
 * @throws PipelineError if a name holds what a trust policy would take for a wildcard or a separator
 */
export function gitLabCi({ project, branch, url = 'https://gitlab.com' }: GitLabCiOptions): CiIdentity {
  if (!/^https:\/\/[\w.-]+(\/[\w./-]*\w)?$/.test(url)) {
    throw new PipelineError(
      `The URL of GitLab is "${url}": it begins with https:// and has no port and no slash at its end.`,
    );
  }
  const path = `project_path:${requireLiteral('The GitLab project', project)}`;
  const ofBranch = { subject: `${path}:ref_type:branch:ref:${requireLiteral('The branch', branch)}` };
  return {
    system: 'gitlab',
    issuer: url,
    audience: url,
    publish: ofBranch,
    diff: { subject: `${path}:ref_type:branch:ref:*`, pattern: true },
    deploy: () => ofBranch,
  };
}
