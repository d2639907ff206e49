export { CiAccess, type CiAccessProps, type CiAccessStep } from './ci-access.ts';
export type { CiIdentity, TrustedSubject } from './ci-identity.ts';
export { CiProvider, type CiProviderProps } from './ci-provider.ts';
export { CiRole, type CiRoleProps } from './ci-role.ts';
export { circleCi, type CircleCiOptions } from './circleci.ts';
export { gitHubActions, type GitHubActionsOptions } from './github-actions.ts';
export { gitLabCi, type GitLabCiOptions } from './gitlab-ci.ts';
