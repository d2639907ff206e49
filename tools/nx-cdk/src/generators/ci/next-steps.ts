import type { Packages } from './packages.ts';
import type { CiSettings } from './settings.ts';

/**
 * What a person has to do once, a step each, and how to go on.
 *
 * @param app the project with the roles
 */
export function nextSteps(settings: CiSettings, app: string, { update, exec }: Packages): string[] {
  const { system, environmentsFile } = settings;
  const deploy = exec(`nx deploy ${app}`);
  return [
    `Link the new project and write it into the lockfile: ${update}`,
    `Make the roles in the CI account and in those of the targets, with credentials of the CI account: ${deploy}`,
    ...STEPS[system](settings),
    `Again after a change of ${environmentsFile}: ${exec(`nx g nx-cdk:ci ${system}`)}, git diff, ${deploy}`,
  ];
}

const STEPS: Readonly<Record<CiSettings['system'], (settings: CiSettings) => string[]>> = {
  github: ({ repository, branch, stages, identity, ...settings }) => [
    ...(identity.options['ids'] === undefined
      ? [
          `A repository that was created, renamed or transferred after 15 July 2026 has its ids in its tokens: run this again with --ownerId and --repositoryId, as printed by gh api repos/${repository} --jq '.owner.id, .id'`,
        ]
      : []),
    `Make the GitHub environments ${list(stages)} and pull_requests (Settings, Environments) and let only the branch ${branch} deploy to each. pull_requests is for what reads templates.`,
    ...approvals(stages, (names) => `Give ${names} required reviewers: they approve its deployments.`),
    ...sandboxes(
      settings,
      (name) =>
        `Make the GitHub environment ${name} and let only the default branch deploy to it: its jobs deploy what pull requests synthesize.`,
    ),
  ],
  gitlab: ({ branch, stages, images, identity, drift, ...settings }) => [
    ...(images ? ['Let a runner that is privileged take the job publish: it builds container images.'] : []),
    `Protect the branch ${branch} and the environments ${list(stages)} (Settings, Repository and CI/CD), and let nobody set variables of pipelines: tokens name the branch, and whoever may push to it may deploy.`,
    ...approvals(stages, (names) => `Say who may deploy to ${names}: its job waits for one of them.`),
    identity.options['tiers'] === undefined
      ? 'If the project can protect environments, let its tokens say so (ci_id_token_sub_claim_components of the projects API: project_path, ref_type, ref, environment_protected, deployment_tier), and run this again with --protectedEnvironments.'
      : 'Before you deploy the roles, set ci_id_token_sub_claim_components of the project to project_path, ref_type, ref, environment_protected, deployment_tier, with the projects API.',
    ...((drift ?? settings.sandboxes)
      ? [`Make a pipeline schedule of the branch ${branch} for each night (Build, Pipeline schedules).`]
      : []),
    ...sandboxes(
      settings,
      (name) =>
        `Keep nothing in the accounts of ${name} that not everybody who may push a branch may read, change and delete.`,
    ),
    'For comments on merge requests, add a masked variable GITLAB_TOKEN: a project access token with the scope api and the role Reporter.',
  ],
  circleci: ({ branch, drift }) => [
    ...(drift
      ? [
          `Add a trigger with a schedule for each night on the branch ${branch}, which sets the parameter nightly to true.`,
        ]
      : []),
    `Protect the branch ${branch}: tokens name the branch, and whoever may push to it may deploy.`,
    'Leave "Pass secrets to builds from forked pull requests" off (Project Settings, Advanced).',
    'For comments on pull requests, add a project variable GITHUB_TOKEN: a token that may write issues of the repository.',
  ],
};

function approvals(stages: CiSettings['stages'], say: (names: string) => string): string[] {
  const asked = stages.filter(({ approval }) => approval);
  return asked.length === 0 ? [] : [say(list(asked))];
}

function sandboxes({ sandboxes: of }: Pick<CiSettings, 'sandboxes'>, say: (environment: string) => string): string[] {
  return of === undefined ? [] : [say(of.environment)];
}

function list(stages: CiSettings['stages']): string {
  return stages.map(({ name }) => name).join(', ');
}
