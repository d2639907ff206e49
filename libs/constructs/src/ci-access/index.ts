export { CiAccess, type CiAccessProps, type CiAccessStep } from './ci-access.ts';
export type { CiIdentity, TrustedSubject } from './ci-identity.ts';
export { circleCi, type CircleCiOptions } from './circleci.ts';
export { gitHubActions, type GitHubActionsOptions } from './github-actions.ts';
export { gitLabCi, type GitLabCiOptions } from './gitlab-ci.ts';
export { TemplateReader, type TemplateReaderProps } from './template-reader.ts';
