import { join } from 'node:path';
import {
  type CiStep,
  type DeploymentEnvironment,
  deploySteps,
  DIFF_REPORTS,
  diffStep,
  driftStep,
  ENVIRONMENTS_FILE,
  type Environments,
  partitionOf,
  promotedEnvironments,
  proposalStep,
  publishStep,
  readEnvironments,
  SANDBOX_LIFETIME,
  sandboxSteps,
  type StepWords,
  synthStep,
} from '@nx-cdk/environments';
import { Failure } from '../../failure/index.ts';
import { checkedName, repositoryOf } from './repository.ts';
import type { CiGeneratorSchema } from './schema.d.ts';

/** What a job runs, as lines of bash with `-eo pipefail`, and the role that it gets. */
interface Job {
  readonly roleArn: string;
  readonly commands: string;
}

/** An environment, in promotion order. */
interface Stage {
  readonly name: string;
  /** The environment before. */
  readonly previous?: string;
  readonly approval: boolean;
  /** Its tier in GitLab: what asks for approval, or not. */
  readonly tier: 'production' | 'staging';
  /** What the ARNs of its roles begin with; the name of the group follows. */
  readonly rolePrefix: string;
  /** One for each deploy group. */
  readonly jobs: readonly { readonly group?: string; readonly targets?: string; readonly roleArn: string }[];
  /** Whether its jobs are limited to targets. */
  readonly hasTargets: boolean;
  /** Deploys to the group in $GROUP and the targets in $TARGETS. */
  readonly commands: string;
}

/** The variables of the templates that follow from the environments file and the options. */
export interface CiSettings extends Pick<CiGeneratorSchema, 'system'> {
  /** `owner/name`, for GitLab with all groups. */
  readonly repository: string;
  readonly branch: string;
  /** Relative to the workspace root. */
  readonly environmentsFile: string;
  /** Region of the CI account. */
  readonly region: string;
  /** Whether publishing builds container images. */
  readonly images: boolean;
  readonly synth: Pick<Job, 'commands'>;
  /** Synthesizes a proposed change. */
  readonly proposal: Pick<Job, 'commands'>;
  /** Where assemblies are unpacked, as a word of a shell: outside the workspace. */
  readonly assemblies: string;
  readonly publish: Job;
  readonly diff: Job;
  /** Looks for drift each night; undefined if nobody asked for it. */
  readonly drift: Job | undefined;
  /** Makes an instance of an environment for each pull request; undefined if nobody asked for it. */
  readonly sandboxes: Sandboxes | undefined;
  readonly stages: readonly Stage[];
  readonly gitlabUrl: string;
  /** Whose tokens the roles trust: a function of `@nx-cdk/constructs`, and its options. */
  readonly identity: { readonly type: string; readonly options: Readonly<Record<string, unknown>> };
  readonly existingProvider: boolean;
}

/** An instance of an environment for each pull request. */
interface Sandboxes {
  readonly environment: string;
  readonly synth: Pick<Job, 'commands'>;
  readonly publish: Job;
  readonly deploy: Job;
  readonly remove: Job;
  readonly reap: Job;
  /** Folder of the outputs. */
  readonly outputs: string;
  /** How long an instance stays after its last change, as GitLab says it: `7 days`. */
  readonly lifetime: string;
}

/** Folder of the outputs of a sandbox. */
const OUTPUTS = 'sandbox-outputs';

/** Of each system, as words of a shell in the workspace: where assemblies, reports and outputs go. */
const FOLDERS = {
  github: { assemblies: '"$RUNNER_TEMP/assemblies"', reports: DIFF_REPORTS, outputs: OUTPUTS },
  gitlab: {
    assemblies: '../assemblies',
    reports: `"$CI_PROJECT_DIR/${DIFF_REPORTS}"`,
    outputs: `"$CI_PROJECT_DIR/${OUTPUTS}"`,
  },
  circleci: { assemblies: '../assemblies', reports: `../${DIFF_REPORTS}`, outputs: `../${OUTPUTS}` },
};

/** IAM's limit: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html. */
const LONGEST_ROLE_NAME = 64;

/**
 * The settings of a workspace. Options win over the environments file and git.
 *
 * @throws Failure naming the option that is missing or wrong; EnvironmentsError for the environments file
 */
export async function settingsOf(root: string, options: CiGeneratorSchema): Promise<CiSettings> {
  const { system, environmentsFile = ENVIRONMENTS_FILE } = options;
  const environments = readEnvironments(join(root, environmentsFile));
  const { ci, pipeline } = environments;
  const source = pipeline.source !== undefined && 'repository' in pipeline.source ? pipeline.source : undefined;
  const repository = await repositoryOf(root, options, source?.repository);
  const branch = checkedName('branch', options.branch ?? source?.branch ?? 'main');
  const gitlabUrl = gitLabUrl(options);
  const roleArn = (step: string) =>
    `arn:${partitionOf(ci.region)}:iam::${ci.account}:role/${shortEnough(`${pipeline.name}-${system}-${step}`)}`;
  const releases = '"$RELEASES"';
  const job = ({ name, commands }: CiStep, more: StepWords = {}): Job => ({
    roleArn: roleArn(name),
    commands: commands({ releases, ...FOLDERS[system], ...more }).join('\n'),
  });
  // The commands name the file only if it is not the default.
  const file = environmentsFile === ENVIRONMENTS_FILE ? undefined : environmentsFile;
  const words = { group: '"$GROUP"', targets: '"$TARGETS"', environmentsFile: file, releases };
  const stages = promotedEnvironments(environments).map((environment, index, all): Stage => {
    const steps = deploySteps(environments, environment);
    return {
      name: environment.name,
      previous: all[index - 1]?.name,
      approval: environment.approval,
      tier: tierOf(environment),
      rolePrefix: roleArn(`deploy-${environment.name}-`),
      jobs: steps.map(({ name, group, targets }) => ({ group, targets, roleArn: roleArn(name) })),
      hasTargets: steps.some(({ targets }) => targets !== undefined),
      commands: steps[0]!.commands(words).join('\n'),
    };
  });
  return {
    system,
    repository,
    branch,
    environmentsFile,
    region: ci.region,
    images: pipeline.images,
    synth: { commands: synthStep().commands().join('\n') },
    proposal: { commands: proposalStep().commands().join('\n') },
    assemblies: FOLDERS[system].assemblies,
    publish: job(publishStep(environments)),
    diff: job(diffStep(environments, system)),
    drift: options.drift === true ? job(driftStep(environments)) : undefined,
    sandboxes: sandboxesOf(options, environments, job),
    stages,
    gitlabUrl,
    identity: identityOf(options, { repository, branch, gitlabUrl, environments }),
    existingProvider: options.existingProvider ?? false,
  };
}

/** The units of a lifetime, as GitLab calls them. */
const UNITS: Readonly<Record<string, string>> = { h: 'hours', d: 'days', w: 'weeks' };

/** @throws Failure `Option` for a system that makes none, and for a wrong lifetime; EnvironmentsError */
function sandboxesOf(
  { system, sandboxes: environment, sandboxLifetime = SANDBOX_LIFETIME }: CiGeneratorSchema,
  environments: Environments,
  job: (step: CiStep, more?: StepWords) => Job,
): Sandboxes | undefined {
  if (environment === undefined) return undefined;
  if (system === 'circleci') {
    throw new Failure('Option', {
      what: '--sandboxes is for GitHub and GitLab: CircleCI starts nothing when a pull request is closed',
      next: 'leave it out, or make sandboxes by hand: nx deploy-<environment> --instance=<name>',
    });
  }
  const [, count, unit] = /^([1-9]\d{0,3})([hdw])$/.exec(sandboxLifetime) ?? [];
  if (count === undefined) {
    const next = 'give a number and h, d or w, such as 12h, 3d or 2w';
    throw new Failure('Option', { what: `--sandboxLifetime is "${sandboxLifetime}"`, next });
  }
  const steps = sandboxSteps(environments, environment, sandboxLifetime);
  return {
    environment,
    synth: { commands: steps.synth.commands().join('\n') },
    publish: job(steps.publish),
    deploy: job(steps.deploy, { commit: system === 'gitlab' ? '"$CI_COMMIT_SHA"' : '"$COMMIT"' }),
    remove: job(steps.remove),
    reap: job(steps.reap),
    outputs: OUTPUTS,
    lifetime: `${count} ${UNITS[unit!]}`,
  };
}

function shortEnough(name: string): string {
  if (name.length <= LONGEST_ROLE_NAME) return name;
  throw new Failure('RoleName', {
    what: `The role name ${name} has ${name.length} characters, IAM allows ${LONGEST_ROLE_NAME}`,
    next: 'choose a shorter pipeline.name or environment in the environments file',
  });
}

function gitLabUrl({ gitlabUrl = 'https://gitlab.com' }: CiGeneratorSchema): string {
  const url = gitlabUrl.replace(/\/+$/, '');
  if (/^https:\/\/[\w.-]+(\/[\w./-]+)?$/.test(url)) return url;
  throw new Failure('Option', {
    what: `--gitlabUrl is "${gitlabUrl}"`,
    next: 'it begins with https:// and has no port',
  });
}

function identityOf(
  options: CiGeneratorSchema,
  source: Pick<CiSettings, 'repository' | 'branch' | 'gitlabUrl'> & { readonly environments: Environments },
): CiSettings['identity'] {
  const { repository, branch } = source;
  const ofBranch = { repository, branch };
  switch (options.system) {
    case 'github':
      return { type: 'gitHubActions', options: gitHub(options, source) };
    case 'gitlab':
      return { type: 'gitLabCi', options: gitLab(options, source) };
    case 'circleci': {
      const organizationId = circleCiId(options, 'organizationId', 'Organization Settings');
      const projectId = circleCiId(options, 'projectId', 'Project Settings');
      return { type: 'circleCi', options: { ...ofBranch, organizationId, projectId } };
    }
  }
}

function gitHub(
  options: CiGeneratorSchema,
  { repository, branch, environments }: Parameters<typeof identityOf>[1],
): Readonly<Record<string, unknown>> {
  const { defaultBranch = branch } = options;
  return {
    repository,
    branch,
    ids: gitHubIds(options),
    ...(defaultBranch !== branch && { defaultBranch: checkedName('defaultBranch', defaultBranch) }),
    ...(partitionOf(environments.ci.region) !== 'aws' && { refs: false }),
  };
}

function gitLab(
  { protectedEnvironments = false }: CiGeneratorSchema,
  { repository: project, branch, gitlabUrl: url, environments }: Parameters<typeof identityOf>[1],
): Readonly<Record<string, unknown>> {
  if (!protectedEnvironments) return { project, branch, url };
  const tiers = promotedEnvironments(environments).map((environment) => [environment.name, tierOf(environment)]);
  return { project, branch, url, tiers: Object.fromEntries(tiers) as object };
}

/** GitLab knows five tiers, whatever the environments are called; what they tell apart here is approval. */
function tierOf({ approval }: DeploymentEnvironment): Stage['tier'] {
  return approval ? 'production' : 'staging';
}

function gitHubIds({ ownerId, repositoryId }: CiGeneratorSchema): object | undefined {
  if (ownerId === undefined && repositoryId === undefined) return undefined;
  // Nx makes a number of an option that looks like one.
  const ids = { owner: String(ownerId), repository: String(repositoryId) };
  if (Object.values(ids).every((id) => /^\d+$/.test(id))) return ids;
  throw new Failure('Option', { what: '--ownerId and --repositoryId go together, and both are numbers' });
}

function circleCiId(options: CiGeneratorSchema, option: 'organizationId' | 'projectId', where: string): string {
  const id = options[option]?.toLowerCase() ?? '';
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  throw new Failure('Option', { what: `CircleCI needs --${option}, the UUID that ${where}, Overview, shows` });
}
