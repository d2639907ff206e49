/** Runs generated CI files on this machine as each system would, with tokens and roles of a local AWS. */
export { type CircleCiEvent, claimsOf as circleCiClaims, runConfig } from './circleci.ts';
export { runWorkflow } from './github-actions.ts';
export { claimsOf as gitHubClaims, type GitHubEvent } from './github-steps.ts';
export { claimsOf as gitLabClaims, type GitLabEvent, runPipeline } from './gitlab-ci.ts';
export { green, type JobEnd, outcomes, outputOf, Runner, type RunnerOptions, summaryOf } from './runner.ts';
export { type Claims, sessionOf, tokenOf } from './web-identity.ts';
