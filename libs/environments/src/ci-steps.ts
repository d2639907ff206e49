import { admittedRoleArns } from './admitted-roles.ts';
import { promotedEnvironments } from './instances.ts';
import type { DeploymentEnvironment, Environments, Target } from './model.ts';
import { deployGroups, recordParameterName, targetName } from './pipeline-names.ts';
import { type BootstrapRole, roleArn } from './roles.ts';

/** Words of a shell that a CI puts into the commands of a step. */
export interface StepWords {
  /** The deploy group. @default - the group of the step */
  readonly group?: string;
  /** Its targets. @default - those of the step, none if it deploys to the whole environment */
  readonly targets?: string;
  /** @default environments.json */
  readonly environmentsFile?: string;
  /** The commit that was deployed. @default HEAD */
  readonly commit?: string;
  /** What `nx-cdk hand-over` printed in the job that synthesized. @default - any release will do */
  readonly releases?: string;
  /** The folder that `nx-cdk hand-over` filled, for the step that compares. @default 'assemblies' */
  readonly assemblies?: string;
  /** The folder for reports of the step that compares. @default 'diff-reports' */
  readonly reports?: string;
}

/**
 * A step of a CI: what it runs and what that needs. Every CI gets its commands and its roles from here: `PipelineStack`
 * of `@nx-cdk/constructs`, and the files and the access app that `nx g nx-cdk:ci` writes.
 */
export interface CiStep {
  readonly kind: 'synth' | 'update' | 'publish' | 'deploy' | 'diff' | 'drift';
  /** Part of the names of its role and its job: `deploy-prod-222222222222-us-east-1`. */
  readonly name: string;
  /** What its role is for. */
  readonly description: string;
  /** The environment that it deploys to. @default - all or none */
  readonly environment?: string;
  /** Name of its deploy group. */
  readonly group?: string;
  /** What it is limited to, for the option `--targets`. @default - no limit */
  readonly targets?: string;
  /** ARNs of the bootstrap roles that it may take. */
  readonly assumes: readonly string[];
  /** What it may do with the key that signs releases. @default - nothing, or releases are not signed */
  readonly signing?: readonly ('kms:Sign' | 'kms:Verify')[];
  /** Name of the SSM parameter with its deployment record, which it reads and writes. @default - it keeps none */
  readonly record?: string;
  /** Whether it reads the templates of the CI account, by its own role. @default false */
  readonly templates?: boolean;
  /** Whether it builds container images. */
  readonly images: boolean;
  /** Lines of a shell, for a checkout of the commit with its history, to which the assemblies were taken over. */
  readonly commands: (words?: StepWords) => string[];
}

/**
 * A step runs one Nx target and nothing that comes before it, which another role has run. Without the output style, Nx
 * would show only what failed, and a log has to say what was deployed.
 */
const ALONE = '--excludeTaskDependencies --outputStyle=static';

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
      const options = `${ALONE}${option('release', releases)}${limitedTo(some.join(','))}`;
      return some.length === 0 ? [] : [`npx nx run-many -t publish-${name} ${options}`];
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
        const limit = targets === undefined ? '' : limitedTo(words.targets ?? targets);
        return [
          // A line of its own: in an argument, its failure would not be noticed.
          `NX_BASE="$(npx nx-cdk base ${which} --attempt)"`,
          `npx nx affected -t deploy-${name} --base="$NX_BASE" --head=HEAD ${ALONE}${option('release', words.releases)}${limit}`,
          `npx nx-cdk record ${which}${option('commit', words.commit)}`,
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

/**
 * The steps of a CI that is not the pipeline, such as `github`, as far as they need a role.
 *
 * @param options.drift whether it looks for drift. @default false
 */
export function stepsWithRoles(
  environments: Environments,
  system: string,
  { drift = false }: { readonly drift?: boolean } = {},
): CiStep[] {
  const deploys = promotedEnvironments(environments).flatMap((environment) => deploySteps(environments, environment));
  const looking = drift ? [driftStep(environments)] : [];
  return [publishStep(environments), diffStep(environments, system), ...looking, ...deploys];
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

function step(kind: CiStep['kind'], description: string): Omit<CiStep, 'commands'> {
  return { kind, name: kind, description, assumes: [], images: false };
}

function publishingRoles({ pipeline }: Environments): BootstrapRole[] {
  return pipeline.images ? ['file-publishing', 'image-publishing'] : ['file-publishing'];
}

function roleArns(environments: Environments, kinds: readonly BootstrapRole[], targets: readonly Target[]): string[] {
  const arns = targets.flatMap((target) => kinds.flatMap((kind) => admittedRoleArns(environments, kind, target) ?? []));
  return [...new Set(arns)];
}

function option(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` --${name}=${value}`;
}

/** After `--`, since Nx has an option `--targets` of its own: the names of tasks. */
function limitedTo(targets: string): string {
  return ` -- --targets=${targets}`;
}
