import { PipelineError } from '../pipeline/index.ts';
import { type CiIdentity, requireLiteral } from './ci-identity.ts';

/** Which project of CircleCI may have the roles. */
export interface CircleCiOptions {
  /** Id of the CircleCI organization (Organization Settings, Overview): a UUID. */
  readonly organizationId: string;
  /** Id of the CircleCI project (Project Settings, Overview): a UUID. */
  readonly projectId: string;
  /** `owner/name` of the repository. */
  readonly repository: string;
  /** The branch whose commits are published and deployed. */
  readonly branch: string;
  /**
   * Where the repository is.
   * @default 'github.com'
   */
  readonly host?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Any user. As long as a UUID, and not `*`: a branch may be called `x/vcs-ref/refs/heads/main`, and `*` would take it
 * for the end of the user.
 */
const ANY_USER = '????????-????-????-????-????????????';

/**
 * Jobs of CircleCI, by the claims of `CIRCLE_OIDC_TOKEN_V2`, which names the repository and the branch besides
 * the project. Publishing and deploying are for the branch, showing changes for any branch of the repository.
 *
 * A subject of CircleCI names neither job nor environment, so everybody who may push to the branch may deploy to every
 * environment. Builds of forks get tokens only if the project passes secrets to them; the tokens then name the fork.
 *
 * @see https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
 * @throws PipelineError if an id is no UUID, or a name holds what a trust policy would take for a wildcard
 */
export function circleCi(options: CircleCiOptions): CiIdentity {
  const { organizationId, projectId, repository, branch, host = 'github.com' } = options;
  for (const [what, id] of Object.entries({ organization: organizationId, project: projectId })) {
    if (!UUID.test(id))
      throw new PipelineError(`The id of the CircleCI ${what} is "${id}", which is no UUID in lower case.`);
  }
  const origin = `${requireLiteral('The host', host)}/${requireLiteral('The repository', repository)}`;
  const heads = `org/${organizationId}/project/${projectId}/user/${ANY_USER}/vcs-origin/${origin}/vcs-ref/refs/heads`;
  const ofBranch = { subject: `${heads}/${requireLiteral('The branch', branch)}`, pattern: true };
  return {
    system: 'circleci',
    issuer: `https://oidc.circleci.com/org/${organizationId}`,
    audience: organizationId,
    publish: ofBranch,
    diff: { subject: `${heads}/*`, pattern: true },
    deploy: () => ofBranch,
  };
}
