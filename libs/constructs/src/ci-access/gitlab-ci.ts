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
  /**
   * Tier of each environment (`production`, `staging` and so on, as its job says), where subjects name it: a role that
   * deploys then trusts jobs of a protected environment with this tier alone. For a project whose
   * `ci_id_token_sub_claim_components` are `project_path`, `ref_type`, `ref`, `environment_protected` and
   * `deployment_tier`, in this order; GitLab 18.7 and later (https://docs.gitlab.com/api/projects/).
   * @default - subjects name no environment
   */
  readonly tiers?: Readonly<Record<string, string>>;
}

/** What subjects say of a job for a sandbox, if they name environments. */
const OF_SANDBOX = ':environment_protected:false:deployment_tier:development';

/**
 * Jobs of GitLab CI/CD. Publishing and deploying are for the branch, showing changes and sandboxes for any branch of
 * the project.
 *
 * Without `tiers`, a subject of GitLab says nothing of an environment: protect the branch, or any job of it may deploy
 * anywhere. A subject never has the name of the environment, so environments of one tier are not kept apart. A merge
 * request of a fork runs in the fork, which has another path.
 *
 * @see https://docs.gitlab.com/ci/secrets/id_token_authentication/ and https://docs.gitlab.com/ci/cloud_services/aws/
 * @throws PipelineError if a name holds what a trust policy would take for a wildcard or a separator
 */
export function gitLabCi({ project, branch, url = 'https://gitlab.com', tiers }: GitLabCiOptions): CiIdentity {
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
    deploy: (environment) => {
      if (tiers === undefined) return ofBranch;
      const tier = tiers[environment];
      if (tier === undefined) throw new PipelineError(`The environment ${environment} has no tier of GitLab.`);
      const claims = `environment_protected:true:deployment_tier:${requireLiteral('The tier', tier)}`;
      return { subject: `${ofBranch.subject}:${claims}` };
    },
    // Who may push a branch may change what its jobs run, so they are told from nothing but other projects.
    sandbox: () => ({
      subject: `${path}:ref_type:branch:ref:*${tiers === undefined ? '' : OF_SANDBOX}`,
      pattern: true,
    }),
  };
}
