import { type CiTarget, type Environments, partitionOf } from '@libs/environments';
import { type ArtifactStore, type BuildCache, ExactRole, acceptFinding } from '@libs/constructs';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BuildSpec, ComputeType, LinuxBuildImage } from 'aws-cdk-lib/aws-codebuild';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CodeBuildStep, type IFileSetProducer } from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';
import type { SourceStep } from './source.ts';
import { CACHED_PATHS, HANDOVER } from './step-commands.ts';
import { ASSUME_ROLE, type PlannedStep, type StepPlan } from './step-plan.ts';

/** What the steps and the pipeline's own role work with. */
export interface PipelineParts {
  readonly environments: Environments;
  readonly plan: StepPlan;
  readonly source: SourceStep;
  readonly store: ArtifactStore;
  readonly cache: BuildCache;
}

/** The actions that run commands, each with a role and a log group of its own. */
export class Steps extends Construct {
  readonly #parts: PipelineParts;

  constructor(scope: Construct, id: string, parts: PipelineParts) {
    super(scope, id);
    this.#parts = parts;
    acceptArtifacts(this, parts.store);
    acceptObjects(
      this,
      parts.cache.bucket,
      'CodeBuild chooses the keys, and the bucket holds the cache of this step only.',
    );
  }

  /** @param input what the step starts with: the source, or what Synth handed over */
  add(step: PlannedStep, input: IFileSetProducer): CodeBuildStep {
    const { plan, cache } = this.#parts;
    const { role, logGroup } = this.#resources(step);
    return new CodeBuildStep(step.id, {
      projectName: step.name,
      role,
      input,
      installCommands: [...step.commands.install],
      commands: [...step.commands.build],
      ...(step === plan.synth && {
        primaryOutputDirectory: HANDOVER,
        cache: cache.cache,
        partialBuildSpec: BuildSpec.fromObject({
          // Any Node that npm runs on will do until the workspace's own is installed.
          phases: { install: { 'runtime-versions': { nodejs: '22' } } },
          cache: { paths: CACHED_PATHS },
        }),
      }),
      buildEnvironment: {
        buildImage: LinuxBuildImage.AMAZON_LINUX_2023_5,
        computeType: ComputeType.SMALL,
        // Building images needs it.
        privileged: step.images,
      },
      env: {
        CI: 'true',
        NX_CDK_VERBOSE: '#{variables.VERBOSE}',
        NX_VERBOSE_LOGGING: '#{variables.VERBOSE}',
      },
      logging: { cloudWatch: { logGroup } },
      timeout: step.timeout,
    });
  }

  #resources(step: PlannedStep): { role: IRole; logGroup: ILogGroup } {
    const { environments, plan, source, store, cache } = this.#parts;
    const { ci } = environments;
    const synth = step === plan.synth;
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
        ...(synth
          ? [...store.readingAndWriting(), ...cache.readingAndWriting(), ...source.synthStatements]
          : store.reading()),
        ...keepingRecord(ci, step),
        ...usingKey(environments, step),
      ],
    });
    if (synth) cache.writtenOnlyBy(role);
    acceptFinding(
      own,
      `AwsSolutions-IAM5[Resource::${logStreams}]`,
      'The wildcard is for the streams of the one log group: CodeBuild names them after the builds.',
    );
    return { role, logGroup };
  }
}

/** Accepts that a role may use every artifact. */
export function acceptArtifacts(construct: Construct, { bucket }: ArtifactStore): void {
  acceptObjects(
    construct,
    bucket,
    'CodePipeline chooses the keys, and the bucket holds the artifacts of this pipeline only.',
  );
}

function acceptObjects(construct: Construct, bucket: { readonly bucketArn: string }, reason: string): void {
  const arn = Stack.of(construct).resolve(bucket.bucketArn) as { 'Fn::GetAtt': [string, string] };
  acceptFinding(construct, `AwsSolutions-IAM5[Resource::<${arn['Fn::GetAtt'].join('.')}>/*]`, reason);
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
  return [new PolicyStatement({ actions: [step.signing], resources: [signing.key] })];
}

function keepingRecord(ci: CiTarget, { record }: PlannedStep): PolicyStatement[] {
  if (record === undefined) return [];
  // Plural: `nx-cdk base` asks for several, and IAM checks it for each parameter.
  const actions = ['ssm:GetParameters', 'ssm:PutParameter'];
  return [new PolicyStatement({ actions, resources: [arnOf(ci, 'ssm', `parameter${record}`)] })];
}
