/** An account and a region that stacks go to. */
export interface Target {
  /** 12 digits. */
  readonly account: string;
  /** For example `eu-west-1`. */
  readonly region: string;
  /**
   * Name of the role that bootstrapping assumes in this account.
   * @default 'OrganizationAccountAccessRole'
   */
  readonly adminRole?: string;
  /**
   * AWS profile with administrator access to this account, used by bootstrapping instead of `adminRole`.
   * @default - the role is assumed
   */
  readonly adminProfile?: string;
}

/**
 * What an assembly may name besides the roles of the bootstrap: names of roles in the account of each target, with a
 * path if they have one. They may hold `${AWS::AccountId}` and `${AWS::Region}`. And where these roles work.
 */
export interface NamedRoles {
  /** Qualifiers of further bootstraps, all of whose roles may be used. @default [] */
  readonly qualifiers?: readonly string[];
  /**
   * Names of staging buckets that bootstrapping gave others than its own (`--bootstrap-bucket-name`), as
   * `fileAssetsBucketName` of the synthesizer has them: they may hold `${Qualifier}`, too. Where a release is looked
   * for by its digest, no other bucket is asked. @default []
   */
  readonly buckets?: readonly string[];
  /** Roles that `deploy`, `plan`, `destroy` and `rollback` assume. @default [] */
  readonly deploy?: readonly string[];
  /** Roles that `publish` assumes for files. @default [] */
  readonly filePublishing?: readonly string[];
  /** Roles that `publish` assumes for images. @default [] */
  readonly imagePublishing?: readonly string[];
  /** Roles that `diff` and lookups assume. @default [] */
  readonly lookup?: readonly string[];
  /** Roles that CloudFormation works with. @default [] */
  readonly execution?: readonly string[];
}

/**
 * An alarm of CloudWatch, or a composite one: its name in the target, or an ARN that may hold `${AWS::Partition}`,
 * `${AWS::Region}` and `${AWS::AccountId}`.
 */
export type Alarm = string | { readonly composite: string };

/** What a plan or a deployment can be refused for; see docs/plans.md for what each of them sees. */
export type PlanRule = 'deletes-stateful' | 'widens-permissions' | 'public-access';

/** What is let through all the same, until a day. */
export interface PlanException {
  readonly rule: PlanRule;
  /** Glob of ids of stacks: `staging/Data`, `prod/**`. */
  readonly stack: string;
  /**
   * Glob of paths in the construct tree, or of logical ids where there is no path: `staging/Data/Orders/**`.
   * @default - the whole stack
   */
  readonly resource?: string;
  /** Why, for those who review. */
  readonly reason: string;
  /** The last day on which it holds, in UTC: `2026-12-31`. */
  readonly until: string;
}

/** What plans and deployments are refused for, and what is accepted all the same. */
export interface PlanRules {
  /** For stacks of every environment that has no `refuse` of its own. */
  readonly refuse: readonly PlanRule[];
  readonly accept: readonly PlanException[];
}

/** A step of the promotion: staging, prod, ... */
export interface DeploymentEnvironment {
  /** Also the id of the CDK stage that holds its stacks. */
  readonly name: string;
  /** Whether the pipeline asks a person before it deploys here. */
  readonly approval: boolean;
  /**
   * Whether it may exist many times, as sandboxes that have a name each. It takes no part in the promotion then.
   * @default false
   */
  readonly instances?: boolean;
  /**
   * How CloudFormation deploys here: `standard` waits until resources work, `express` does not and rolls nothing back.
   * @default 'standard'
   */
  readonly deploymentMode?: 'standard' | 'express';
  /**
   * Alarms that CloudFormation watches while it updates stacks here. An empty list takes away those of the stacks.
   * @default - they stay as they are
   */
  readonly alarms?: readonly Alarm[];
  /** How many minutes the alarms are watched when all resources of a stack are updated. @default 0 */
  readonly monitoringMinutes?: number;
  /**
   * The Nx target of each app that checks this environment after its stacks are deployed; later environments wait.
   * @default - none
   */
  readonly verify?: string;
  /**
   * Whether `nx dev` may bring edits to these targets, past CloudFormation where it can. Never with `approval`, nor
   * where another environment that is not for development has the same account and region.
   * @default false
   */
  readonly development?: boolean;
  /** What plans and deployments are refused for here. @default - what `plan.refuse` says */
  readonly refuse?: readonly PlanRule[];
  /** ARNs of the managed policies of CloudFormation's execution role in these targets. */
  readonly executionPolicies: readonly string[];
  /** What an assembly may name for these targets. @default - the general ones */
  readonly roles: NamedRoles;
  /** Deployed to at the same time. */
  readonly targets: readonly Target[];
  /**
   * How many actions of the pipeline share the targets at most; 1 if stacks of one target need those of another.
   * @default - 20, fewer if there are many environments
   */
  readonly parallelActions?: number;
}

/** Where the pipeline runs. */
export interface CiTarget extends Target {
  /**
   * ARNs of other roles of the CI account that may look things up in every target, as the pipeline's own role may.
   * @default []
   */
  readonly lookupRoles?: readonly string[];
}

/** A GitHub repository by an AWS CodeConnections connection: with its full history and without a secret. */
export interface ConnectionSource {
  readonly type: 'connection';
  /** `owner/name`. */
  readonly repository: string;
  /** @default 'main' */
  readonly branch: string;
  /** ARN of the connection, which a person has authorized in the console. */
  readonly connection: string;
}

/** A GitHub repository by a personal token in Secrets Manager: without history, so every project counts as affected. */
export interface GitHubTokenSource {
  readonly type: 'github-token';
  /** `owner/name`. */
  readonly repository: string;
  /** @default 'main' */
  readonly branch: string;
  /** Name of the secret, which is the token and nothing else. */
  readonly tokenSecret: string;
}

/** A zip of the repository with its `.git` folder, which something else puts into a versioned bucket. */
export interface S3Source {
  readonly type: 's3';
  readonly bucket: string;
  readonly key: string;
}

export type PipelineSource = ConnectionSource | GitHubTokenSource | S3Source;

export interface PipelineSettings {
  /**
   * Name of the pipeline. Its roles and deployment records begin with it, so two pipelines in one account need two
   * names.
   * @default 'nx-cdk'
   */
  readonly name: string;
  /**
   * Where the commits come from.
   * @default - none: a workspace without a pipeline needs no source
   */
  readonly source?: PipelineSource;
  /**
   * Whether container images are built: the publish step then may use the image-publishing roles and runs privileged.
   * @default false
   */
  readonly images: boolean;
  /**
   * Whether a person is asked before the pipeline changes itself and the roles of its steps, in every execution.
   * @default false
   */
  readonly approveUpdates: boolean;
  /**
   * Whether Synth keeps the results of Nx for its next run. If not, each synthesis depends on its commit alone.
   * @default true
   */
  readonly cache: boolean;
}

/** How releases are signed: `publish` may sign and not verify, `deploy` may verify and not sign. */
export interface ReleaseSigning {
  /** ARN of an asymmetric KMS key whose usage is to sign and verify, usually in the CI account. */
  readonly key: string;
  /** @default 'ECDSA_SHA_256' */
  readonly algorithm: SigningAlgorithm;
}

/**
 * Algorithms of KMS that sign a SHA-256; which of them a key has depends on its kind
 * (https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html).
 */
export type SigningAlgorithm = 'ECDSA_SHA_256' | 'RSASSA_PSS_SHA_256' | 'RSASSA_PKCS1_V1_5_SHA_256';

/** Which releases are not deployed, whoever names them. */
export interface ReleaseRules {
  /**
   * A day (`2026-12-31`, from its beginning in UTC) or a time (`2026-12-31T12:00:00Z`). What was stored in a staging
   * bucket before it is refused.
   * @default - no limit
   */
  readonly notBefore?: string;
  /** Digests of releases that are refused. @default [] */
  readonly revoked?: readonly string[];
}

/** What `environments.json` says, defaults filled in. */
export interface Environments {
  /** Absolute path of the file that was read. */
  readonly file: string;
  /** Bootstrap qualifier. */
  readonly qualifier: string;
  /** ARNs of the managed policies of CloudFormation's execution role in the CI account. */
  readonly executionPolicies: readonly string[];
  /** What an assembly may name besides the roles of the bootstrap, in every target. */
  readonly roles: NamedRoles;
  /** Where the pipeline runs; the account every other account trusts. */
  readonly ci: CiTarget;
  readonly pipeline: PipelineSettings;
  /** @default - releases are not signed */
  readonly signing?: ReleaseSigning;
  /** @default - nothing is refused */
  readonly plan?: PlanRules;
  /** @default - any release may be deployed */
  readonly releases?: ReleaseRules;
  /** Whether each account gets the role that `nx gc` deletes with. @default false */
  readonly garbageCollection?: boolean;
  /** In promotion order. */
  readonly environments: readonly DeploymentEnvironment[];
}
