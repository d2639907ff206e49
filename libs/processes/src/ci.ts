/** Build services of which not all set `CI`, each by a variable that its documentation promises. */
const SERVICES = [
  'BUILDKITE',
  'CIRCLECI',
  'CODEBUILD_BUILD_ID',
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'JENKINS_URL',
  'TEAMCITY_VERSION',
  'TF_BUILD',
];

/**
 * Whether this is a CI: nobody is there to ask, and nothing may be left out or taken on trust. The variable `CI` tells,
 * whatever else is set: `CI=false`, `CI=0` and an empty one say no. Without it, the variable of a build service does.
 */
export function isCI(env: Readonly<Record<string, string | undefined>>): boolean {
  const { CI: ci } = env;
  return ci === undefined ? SERVICES.some((name) => env[name]) : !['', '0', 'false'].includes(ci);
}
