import type { CiStep } from './ci-step.ts';
import { promotedEnvironments } from './instances.ts';
import type { DeploymentEnvironment, Environments, Target } from './model.ts';
import { deployGroups, recordParameterName, targetName } from './pipeline-names.ts';
import { roleArn } from './roles.ts';
import { sandboxSteps } from './sandbox-steps.ts';
import { ALONE, option, publishingRoles, roleArns, step } from './step-parts.ts';

/** Synthesizes everything, without a role. */
export function synthStep(): CiStep {
  return {
    ...step('synth', 'Installs and synthesizes; may take no other role.'),
    commands: () => ['npx nx run-many -t synth --outputStyle=static'],
  };
}

/**
 * Synthesizes everything but the pipeline, without a role.
 *
 * @param pipeline name of the Nx project whose app makes the pipeline
 */
export function synthAppsStep(pipeline: string): CiStep {
  return {
    ...synthStep(),
    commands: () =>
      synthStep()
        .commands()
        .map((command) => `${command} --exclude=${pipeline}`),
  };
}

/**
 * Synthesizes the pipeline, where no other app runs: it says what all steps run, and with which roles.
 *
 * @param pipeline name of the Nx project whose app makes the pipeline
 */
export function synthPipelineStep(pipeline: string): CiStep {
  return {
    ...step('synth', 'Installs and synthesizes the pipeline; may take no other role.'),
    name: 'synth-pipeline',
    commands: () => [`npx nx synth ${pipeline} --outputStyle=static`],
  };
}

/**
 * Deploys the pipeline itself.
 *
 * @param pipeline name of the Nx project whose app makes the pipeline
 */
export function updateStep(environments: Environments, pipeline: string): CiStep {
  return {
    ...step('update', 'Deploys the pipeline itself, in the CI account and nowhere else.'),
    assumes: roleArns(environments, ['deploy', ...publishingRoles(environments)], [environments.ci]),
    ...(environments.signing && { signing: ['kms:Sign', 'kms:Verify'] }),
    commands: ({ releases } = {}) =>
      ['publish', 'deploy'].map((target) => `npx nx ${target} ${pipeline} ${ALONE}${option('release', releases)}`),
  };
}

/**
 * Publishes for all environments; whether anything changed is asked of each bucket.
 *
 * @param targets what it is limited to. @default - all targets
 */
export function publishStep(environments: Environments, targets?: readonly Target[]): CiStep {
  const wanted = targets?.map(targetName);
  // One command for each environment: a target that an environment does not have is refused.
  const limited = (releases?: string) =>
    promotedEnvironments(environments).flatMap(({ name, targets: own }) => {
      const some = own.map(targetName).filter((target) => wanted?.includes(target));
      const options = executorOptions(releases, some.join(','));
      return some.length === 0 ? [] : [`npx nx run-many -t publish-${name} ${ALONE}${options}`];
    });
  const all = promotedEnvironments(environments)
    .map(({ name }) => `publish-${name}`)
    .join(' ');
  return {
    ...step('publish', 'Uploads templates and assets; deploys nothing.'),
    assumes: roleArns(environments, publishingRoles(environments), targets ?? promotedTargets(environments)),
    ...(environments.signing && { signing: ['kms:Sign'] }),
    images: environments.pipeline.images,
    commands: ({ releases } = {}) =>
      targets === undefined ? [`npx nx run-many -t ${all} ${ALONE}${option('release', releases)}`] : limited(releases),
  };
}

/** Deploys to an environment, one step for each deploy group: what has changed since its last deployment. */
export function deploySteps(environments: Environments, environment: DeploymentEnvironment): CiStep[] {
  const { name } = environment;
  return deployGroups(environments, environment).map((group, _, groups) => {
    const targets = groups.length === 1 ? undefined : group.targets.map(targetName).join(',');
    return {
      ...step('deploy', `Deploys to ${name} ${group.name}; publishes nothing.`),
      name: `deploy-${name}-${group.name}`,
      environment: name,
      group: group.name,
      ...(targets && { targets }),
      assumes: roleArns(environments, ['deploy'], group.targets),
      ...(environments.signing && { signing: ['kms:Verify'] }),
      record: recordParameterName(environments, name, group.name),
      commands: (words = {}) => {
        const file = option('environmentsFile', words.environmentsFile);
        const which = `--environment=${name} --group=${words.group ?? group.name}${file}`;
        const options = executorOptions(words.releases, targets && (words.targets ?? targets));
        return [
          // A line of its own: in an argument, its failure would not be noticed.
          `NX_BASE="$(npx nx-cdk base ${which} --attempt)"`,
          `npx nx affected -t deploy-${name} --base="$NX_BASE" --head=HEAD ${ALONE}${options}`,
          `npx nx-cdk record ${which}${option('commit', words.commit)}${option('releases', words.releases)}`,
        ];
      },
    };
  });
}

/**
 * Synthesizes what a proposed change affects, without a role. Takes the commit to compare with from `$BASE`. A checkout
 * has no other assemblies, so these are all that is handed over.
 */
export function proposalStep(): CiStep {
  return {
    ...step('synth', 'Synthesizes a proposed change; may take no role.'),
    commands: () => ['npx nx affected -t synth --base="$BASE" --head=HEAD --outputStyle=static'],
  };
}

/** Folder of the reports of {@link diffStep}. */
export const DIFF_REPORTS = 'diff-reports';

/**
 * Shows what a proposed change would change, without secrets. Only its assemblies are from the change: the commands run
 * in a checkout of what was reviewed.
 *
 * @param system of the CI, which the name of the role says. The role in the CI account and those that it takes in the
 * accounts of the targets have the same name; all they may do is read templates
 */
export function diffStep(environments: Environments, system: string): CiStep {
  const role = `${environments.pipeline.name}-${system}-diff`;
  return {
    ...step('diff', 'Shows what a proposed change would change; reads templates and nothing else.'),
    assumes: otherAccounts(environments).map((target) => roleArn(target, role)),
    templates: true,
    commands: ({ assemblies = 'assemblies', reports = DIFF_REPORTS } = {}) => [
      `npx nx-cdk diff --folder=${assemblies} --role=${role} --reports=${reports}`,
    ],
  };
}

/**
 * Shows what was changed past CloudFormation, and fails if anything was: for a schedule. It takes lookup roles, which
 * may read nearly everything that is in the targets: CloudFormation reads each resource with their permissions.
 */
export function driftStep(environments: Environments): CiStep {
  const all = promotedEnvironments(environments)
    .map(({ name }) => `drift-${name}`)
    .join(' ');
  return {
    ...step('drift', 'Looks for drift each night; may read what the lookup roles may, and change nothing.'),
    assumes: roleArns(environments, ['lookup'], promotedTargets(environments)),
    commands: ({ releases } = {}) => [`npx nx run-many -t ${all} ${ALONE} --failOnDrift${option('release', releases)}`],
  };
}

/** A target in each account but the CI account, the first of the file; not those that only instances go to. */
export function otherAccounts(environments: Environments): Target[] {
  const seen = new Set([environments.ci.account]);
  return promotedTargets(environments).filter(({ account }) => !seen.has(account) && seen.add(account));
}

/** What a CI does besides shipping the branch. */
export interface MoreSteps {
  /** Whether it looks for drift. @default false */
  readonly drift?: boolean;
  /** The environment whose instances it makes for pull requests. @default - none */
  readonly sandboxes?: string;
}

/**
 * The steps of a CI that is not the pipeline, such as `github`, as far as they need a role.
 *
 * @throws EnvironmentsError as `sandboxSteps` does
 */
export function stepsWithRoles(
  environments: Environments,
  system: string,
  { drift = false, sandboxes }: MoreSteps = {},
): CiStep[] {
  const deploys = promotedEnvironments(environments).flatMap((environment) => deploySteps(environments, environment));
  const looking = drift ? [driftStep(environments)] : [];
  const { publish, deploy } = sandboxes === undefined ? {} : sandboxSteps(environments, sandboxes);
  const trying = publish && deploy ? [publish, deploy] : [];
  return [publishStep(environments), diffStep(environments, system), ...looking, ...deploys, ...trying];
}

/** Every account and region once: two environments may share one. */
export function allTargets({ environments }: Pick<Environments, 'environments'>): Target[] {
  const targets = environments.flatMap((environment) => environment.targets);
  return [...new Map(targets.map((target) => [targetName(target), target])).values()];
}

/** The targets of the promotion. */
export function promotedTargets(environments: Pick<Environments, 'environments'>): Target[] {
  return allTargets({ environments: promotedEnvironments(environments) });
}

/**
 * Options of executors. Nx has an option `--targets` of its own, the names of tasks, so that of executors stands after
 * `--`. The others have to stand there too then: Nx forgets those before it, and what is deployed would be held to no
 * release.
 */
function executorOptions(releases: string | undefined, targets: string | undefined): string {
  const options = `${option('release', releases)}${option('targets', targets)}`;
  return targets === undefined ? options : ` --${options}`;
}
