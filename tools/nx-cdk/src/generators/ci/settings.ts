import { join } from 'node:path';
import {
  type CiStep,
  deploySteps,
  diffStep,
  partitionOf,
  publishStep,
  readEnvironments,
  synthStep,
} from '@libs/environments';
import { Failure } from '../../failure/index.ts';
import { originOf, type Remote } from './git-remote.ts';
import type { CiGeneratorSchema } from './schema.d.ts';

/** A step, and the role that its job gets. */
export interface StepWithRole extends CiStep {
  readonly roleArn: string;
}

/** An environment, in promotion order. */
export interface CiStage {
  readonly name: string;
  readonly approval: boolean;
  /** What the ARNs of its roles begin with; the name of the group follows. */
  readonly rolePrefix: string;
  /** A job a deploy group. */
  readonly jobs: readonly StepWithRole[];
}

/** Everything that the files are made of. */
export interface CiSettings {
  readonly system: CiGeneratorSchema['system'];
  readonly repository: string;
  readonly branch: string;
  /** Relative to the workspace root. */
  readonly environmentsFile: string;
  /** Region of the CI account. */
  readonly region: string;
  /** Name of the pipeline, with which the roles begin. */
  readonly pipeline: string;
  /** Whether publishing builds container images. */
  readonly images: boolean;
  readonly synth: CiStep;
  readonly publish: StepWithRole;
  readonly diff: StepWithRole;
  readonly stages: readonly CiStage[];
  readonly ids?: { readonly owner: string; readonly repository: string };
  readonly gitlabUrl: string;
  readonly circleci?: { readonly organizationId: string; readonly projectId: string };
  readonly existingProvider: boolean;
}

/** What the commands of nx-cdk read by default. */
export const DEFAULT_ENVIRONMENTS_FILE = 'environments.json';

/** IAM's limit: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html. */
const LONGEST_ROLE_NAME = 64;

/**
 * The settings of a workspace, options before what the environments file and git say.
 *
 * @throws Failure naming the option that is missing or wrong; EnvironmentsError for the environments file
 */
export async function settingsOf(root: string, options: CiGeneratorSchema): Promise<CiSettings> {
  const { system, environmentsFile = DEFAULT_ENVIRONMENTS_FILE } = options;
  const environments = readEnvironments(join(root, environmentsFile));
  const { ci, pipeline } = environments;
  const source = pipeline.source !== undefined && 'repository' in pipeline.source ? pipeline.source : undefined;
  const roleArn = (step: string) =>
    `arn:${partitionOf(ci.region)}:iam::${ci.account}:role/${shortEnough(`${pipeline.name}-${system}-${step}`)}`;
  const withRole = (step: CiStep): StepWithRole => ({ ...step, roleArn: roleArn(step.name) });
  return {
    system,
    repository: repositoryOf(options, source?.repository, await originOf(root)),
    branch: literal('branch', options.branch ?? source?.branch ?? 'main'),
    environmentsFile,
    region: ci.region,
    pipeline: pipeline.name,
    images: pipeline.images,
    synth: synthStep(),
    publish: withRole(publishStep(environments)),
    diff: withRole(diffStep(environments)),
    stages: environments.environments.map((environment) => ({
      name: environment.name,
      approval: environment.approval,
      rolePrefix: roleArn(`deploy-${environment.name}-`),
      jobs: deploySteps(environments, environment).map(withRole),
    })),
    ...gitHubIds(options),
    gitlabUrl: gitLabUrl(options),
    ...circleCiIds(options),
    existingProvider: options.existingProvider ?? false,
  };
}

function shortEnough(name: string): string {
  if (name.length <= LONGEST_ROLE_NAME) return name;
  throw new Failure('RoleName', {
    what: `The role name ${name} has ${name.length} characters, IAM allows ${LONGEST_ROLE_NAME}`,
    next: 'choose a shorter pipeline.name or environment in the environments file',
  });
}

function repositoryOf({ system, repository }: CiGeneratorSchema, source?: string, origin?: Remote): string {
  const fromGit = origin?.path;
  const found = repository ?? (system === 'gitlab' ? (fromGit ?? source) : (source ?? fromGit));
  const example = system === 'gitlab' ? 'group/project' : 'owner/name';
  if (found === undefined) {
    throw new Failure('NoRepository', {
      what: 'Neither the environments file (pipeline.source.repository) nor a git remote origin says which repository it is',
      next: `give --repository=${example}`,
    });
  }
  const shape = system === 'gitlab' ? /^[^/]+(\/[^/]+)+$/ : /^[^/]+\/[^/]+$/;
  if (shape.test(found)) return literal('repository', found);
  const what = `The repository is "${found}", which is not ${example}`;
  throw new Failure('Repository', { what, next: `give --repository=${example}` });
}

/** The same characters that the trust policies take. */
function literal(option: string, value: string): string {
  if (/^[\w@.+/-]+$/.test(value)) return value;
  const next = 'letters, digits and . _ - + @ / are all it may have';
  throw new Failure('Option', { what: `--${option} is "${value}"`, next });
}

function gitHubIds({ system, ownerId, repositoryId }: CiGeneratorSchema): Pick<CiSettings, 'ids'> {
  // A number on the command line may come as one.
  const given = [ownerId, repositoryId].filter((id) => id !== undefined).map(String);
  if (system !== 'github' || given.length === 0) return {};
  const [owner, repository] = given;
  if (owner !== undefined && repository !== undefined && given.every((id) => /^\d+$/.test(id)))
    return { ids: { owner, repository } };
  throw new Failure('Option', { what: '--ownerId and --repositoryId go together, and both are numbers' });
}

function gitLabUrl({ gitlabUrl = 'https://gitlab.com' }: CiGeneratorSchema): string {
  const url = gitlabUrl.replace(/\/+$/, '');
  if (/^https:\/\/[\w.-]+(\/[\w./-]+)?$/.test(url)) return url;
  throw new Failure('Option', {
    what: `--gitlabUrl is "${gitlabUrl}"`,
    next: 'it begins with https:// and has no port',
  });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function circleCiIds(options: CiGeneratorSchema): Pick<CiSettings, 'circleci'> {
  if (options.system !== 'circleci') return {};
  const [organizationId, projectId] = (['organizationId', 'projectId'] as const).map((option) => {
    const id = options[option]?.toLowerCase() ?? '';
    if (UUID.test(id)) return id;
    const where = option === 'projectId' ? 'Project Settings' : 'Organization Settings';
    throw new Failure('Option', { what: `CircleCI needs --${option}, the UUID that ${where}, Overview, shows` });
  });
  return { circleci: { organizationId: organizationId!, projectId: projectId! } };
}
