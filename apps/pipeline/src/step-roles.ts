import { type Environments, partitionOf } from '@libs/environments';
import { type ArtifactStore, type BuildCache, ExactRole, acceptFinding } from '@libs/constructs';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ASSUME_ROLE, type PlannedStep, type StepPlan, allSteps } from './step-plan.ts';

/** What {@link StepRoles} are told. */
export interface StepRolesProps {
  readonly environments: Environments;
  readonly plan: StepPlan;
  readonly store: ArtifactStore;
  readonly cache: BuildCache;
  /** What Synth needs to get the source. */
  readonly sourceStatements: readonly PolicyStatement[];
}

/** What a step runs with. */
export interface StepResources {
  readonly role: IRole;
  readonly logGroup: ILogGroup;
}

/** A role and a log group for each step, by the step's name. */
export class StepRoles extends Construct {
  readonly #steps = new Map<string, StepResources>();

  constructor(scope: Construct, id: string, props: StepRolesProps) {
    super(scope, id);
    const { environments, plan, store, cache, sourceStatements } = props;
    for (const step of allSteps(plan)) {
      const synth = step === plan.synth;
      const own = new Construct(this, step.name);
      const logGroup = new LogGroup(own, 'Logs', {
        logGroupName: `/aws/codebuild/${step.name}`,
        retention: RetentionDays.THREE_MONTHS,
        removalPolicy: RemovalPolicy.DESTROY,
      });
      const { role } = new ExactRole(own, 'Role', {
        roleName: step.name,
        description: step.description,
        assumedBy: buildOf(environments, step),
        many: { actions: ASSUME_ROLE, resources: step.assumes },
        statements: [
          writingLogs(environments, step),
          ...(synth
            ? [...store.readingAndWriting(), ...cache.readingAndWriting(), ...sourceStatements]
            : store.reading()),
          ...keepingRecord(environments, step),
          ...usingKey(environments, step),
        ],
      });
      if (synth) cache.writtenOnlyBy(role);
      this.#steps.set(step.name, { role, logGroup });
      acceptFinding(
        own,
        `AwsSolutions-IAM5[Resource::${logGroupArn(environments, step)}:*]`,
        'The wildcard is for the streams of the one log group: CodeBuild names them after the builds.',
      );
    }
    acceptObjects(
      this,
      store.bucket,
      'CodePipeline chooses the keys, and the bucket holds the artifacts of this pipeline only.',
    );
    acceptObjects(this, cache.bucket, 'CodeBuild chooses the keys, and the bucket holds the cache of this step only.');
  }

  /** @throws Error for a step that was not in the plan */
  of({ name }: PlannedStep): StepResources {
    const resources = this.#steps.get(name);
    if (resources === undefined) throw new Error(`There is no role of ${name}.`);
    return resources;
  }
}

/** Accepts that a role may use every object of a bucket. */
export function acceptObjects(construct: Construct, bucket: { readonly bucketArn: string }, reason: string): void {
  const arn = Stack.of(construct).resolve(bucket.bucketArn) as { 'Fn::GetAtt': [string, string] };
  acceptFinding(construct, `AwsSolutions-IAM5[Resource::<${arn['Fn::GetAtt'].join('.')}>/*]`, reason);
}

/**
 * ARN of a project. A literal, as everything is in this stack that has a name: what a role trusts and what it may do
 * can then be read in the template, and no two resources wait for each other.
 */
export function projectArn({ ci }: Environments, { name }: PlannedStep): string {
  return `arn:${partitionOf(ci.region)}:codebuild:${ci.region}:${ci.account}:project/${name}`;
}

/**
 * Builds of the one project, and nothing else that CodeBuild does for anybody
 * (https://docs.aws.amazon.com/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html).
 */
function buildOf(environments: Environments, step: PlannedStep): ServicePrincipal {
  return new ServicePrincipal('codebuild.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': environments.ci.account, 'aws:SourceArn': projectArn(environments, step) },
    },
  });
}

function logGroupArn({ ci }: Environments, { name }: PlannedStep): string {
  return `arn:${partitionOf(ci.region)}:logs:${ci.region}:${ci.account}:log-group:/aws/codebuild/${name}`;
}

function writingLogs(environments: Environments, step: PlannedStep): PolicyStatement {
  return new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [`${logGroupArn(environments, step)}:*`],
  });
}

/** The key's own policy has to allow it too, unless it leaves that to the account. */
function usingKey({ signing }: Environments, step: PlannedStep): PolicyStatement[] {
  if (signing === undefined || step.signing === undefined) return [];
  return [new PolicyStatement({ actions: [step.signing], resources: [signing.key] })];
}

function keepingRecord({ ci }: Environments, { record }: PlannedStep): PolicyStatement[] {
  if (record === undefined) return [];
  return [
    new PolicyStatement({
      // Plural: it is what `nx-cdk base` asks with, and IAM checks it for each parameter.
      actions: ['ssm:GetParameters', 'ssm:PutParameter'],
      resources: [`arn:${partitionOf(ci.region)}:ssm:${ci.region}:${ci.account}:parameter${record}`],
    }),
  ];
}
