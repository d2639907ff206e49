import { type CiTarget, type Environments, partitionOf } from '@nx-cdk/environments';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BuildSpec, ComputeType, LinuxBuildImage, PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import { Artifact } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acceptFinding } from '../accept-finding.ts';
import type { ArtifactStore, BuildCache } from './artifact-store.ts';
import { ExactRole } from './exact-role.ts';
import type { SourceStep } from './source.ts';
import { ARTIFACTS, CACHED_PATHS, HANDOVER } from './step-commands.ts';
import { ASSUME_ROLE, type PlannedStep, type StepPlan } from './step-plan.ts';
import type { Workspace } from './workspace.ts';

/** What the steps and the pipeline's own role work with. */
export interface PipelineParts {
  readonly environments: Environments;
  readonly workspace: Pick<Workspace, 'node'>;
  readonly plan: StepPlan;
  readonly source: SourceStep;
  readonly store: ArtifactStore;
  /** Of Synth. @default - it keeps nothing for its next run */
  readonly cache?: BuildCache;
}

/** A variable of the pipeline, which every action gets. */
const VERBOSE = '#{variables.VERBOSE}';

/**
 * Nothing runs but what is in the commit and its lockfile: no package that npx would fetch where one is missing, no
 * result of Nx that another build left, and not the client of Nx Cloud, which is code of no commit.
 */
const LOCKED = {
  NPM_CONFIG_YES: { value: 'false' },
  NX_SKIP_NX_CACHE: { value: 'true' },
  NX_NO_CLOUD: { value: 'true' },
};

/** The actions that run commands, each with a role and a log group of its own. */
export class Steps extends Construct {
  readonly #parts: PipelineParts;

  constructor(scope: Construct, id: string, parts: PipelineParts) {
    super(scope, id);
    this.#parts = parts;
  }

  /**
   * @param variables for its shell, besides those that say how much it tells
   * @param runOrder its place in its stage. @default 1
   */
  action(step: PlannedStep, variables: Readonly<Record<string, string>> = {}, runOrder?: number): CodeBuildAction {
    const [input, ...extraInputs] = step.takes.map((name) => new Artifact(name));
    const told = { ...variables, NX_CDK_VERBOSE: VERBOSE, NX_VERBOSE_LOGGING: VERBOSE };
    return new CodeBuildAction({
      actionName: step.id,
      project: this.#project(step),
      input: input!,
      extraInputs,
      ...(step.makes && { outputs: [new Artifact(step.makes)] }),
      environmentVariables: Object.fromEntries(Object.entries(told).map(([name, value]) => [name, { value }])),
      ...(step.tells.length > 0 && { variablesNamespace: step.id }),
      ...(runOrder && { runOrder }),
    });
  }

  #project(step: PlannedStep): PipelineProject {
    const { plan, cache, workspace } = this.#parts;
    const { install, build } = step.commands;
    // Any Node that npm runs on will do until the workspace's own is installed.
    const nodejs = workspace.node ?? (step.takes.includes(ARTIFACTS.source) ? '22' : undefined);
    const { own, role, logGroup } = this.#resources(step);
    return new PipelineProject(own, 'Project', {
      projectName: step.name,
      description: step.description,
      role,
      buildSpec: BuildSpec.fromObject({
        version: '0.2',
        env: { 'exported-variables': step.tells },
        phases: {
          install: { ...(nodejs && { 'runtime-versions': { nodejs } }), commands: install },
          build: { commands: build },
        },
        ...(step.makes && { artifacts: { 'base-directory': HANDOVER, files: ['*'] } }),
        ...(step === plan.synth && cache && { cache: { paths: CACHED_PATHS } }),
      }),
      ...(step === plan.synth && cache && { cache: cache.cache }),
      environment: {
        buildImage: LinuxBuildImage.AMAZON_LINUX_2023_5,
        computeType: ComputeType.SMALL,
        // Building images needs it.
        privileged: step.images,
      },
      environmentVariables: {
        CI: { value: 'true' },
        ...(step !== plan.synth && LOCKED),
      },
      logging: { cloudWatch: { logGroup } },
      timeout: step.timeout,
    });
  }

  #resources(step: PlannedStep): { own: Construct; role: IRole; logGroup: ILogGroup } {
    const { environments, plan, source, store, cache } = this.#parts;
    const { ci } = environments;
    const own = new Construct(this, step.name);
    const logGroupName = `/aws/codebuild/${step.name}`;
    const logGroup = new LogGroup(own, 'Logs', {
      logGroupName,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logStreams = `${arnOf(ci, 'logs', `log-group:${logGroupName}`)}:*`;
    const { role } = new ExactRole(own, 'Role', {
      roleName: step.name,
      description: step.description,
      // Builds of this project, and nothing else that CodeBuild does for anybody
      // (https://docs.aws.amazon.com/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html).
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': ci.account, 'aws:SourceArn': projectArn(ci, step) } },
      }),
      many: { actions: ASSUME_ROLE, resources: step.assumes },
      statements: [
        new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logStreams] }),
        ...store.permissions(step.takes, step.makes),
        ...(step.takes.includes(ARTIFACTS.source) ? source.stepStatements : []),
        ...(step === plan.synth && cache ? cache.readingAndWriting() : []),
        ...keepingRecord(ci, step),
        ...usingKey(environments, step),
      ],
    });
    acceptFinding(
      own,
      `AwsSolutions-IAM5[Resource::${logStreams}]`,
      'The wildcard is for the streams of the one log group: CodeBuild names them after the builds.',
    );
    for (const name of [...step.takes, ...[step.makes ?? []].flat()]) {
      acceptObjects(own, store.bucket, store.keysOf(name), 'CodePipeline makes up the last part of the key.');
    }
    if (step === plan.synth && cache) {
      cache.writtenOnlyBy(role);
      acceptObjects(
        own,
        cache.bucket,
        '*',
        'CodeBuild chooses the keys; the bucket holds the cache of this step only.',
      );
    }
    return { own, role, logGroup };
  }
}

/** Accepts that a role may use the objects of a bucket whose keys fit a pattern. */
export function acceptObjects(construct: Construct, { bucketArn }: IBucket, keys: string, reason: string): void {
  const arn = Stack.of(construct).resolve(bucketArn) as { 'Fn::GetAtt': [string, string] };
  acceptFinding(construct, `AwsSolutions-IAM5[Resource::<${arn['Fn::GetAtt'].join('.')}>/${keys}]`, reason);
}

/**
 * ARN in the CI account. A literal, as everything is in this stack that has a name: what a role trusts and may do can
 * then be read in the template, and no two resources wait for each other.
 */
export function arnOf({ account, region }: CiTarget, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
}

/** ARN of the project of a step. */
export function projectArn(ci: CiTarget, { name }: PlannedStep): string {
  return arnOf(ci, 'codebuild', `project/${name}`);
}

/** The key's own policy has to allow it too, unless it leaves that to the account. */
function usingKey({ signing }: Environments, step: PlannedStep): PolicyStatement[] {
  if (signing === undefined || step.signing === undefined) return [];
  return [new PolicyStatement({ actions: [...step.signing], resources: [signing.key] })];
}

function keepingRecord(ci: CiTarget, { record }: PlannedStep): PolicyStatement[] {
  if (record === undefined) return [];
  // Plural: `nx-cdk base` asks for several, and IAM checks it for each parameter.
  const actions = ['ssm:GetParameters', 'ssm:PutParameter'];
  return [new PolicyStatement({ actions, resources: [arnOf(ci, 'ssm', `parameter${record}`)] })];
}
