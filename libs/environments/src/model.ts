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

/** A step of the promotion: staging, prod, ... */
export interface DeploymentEnvironment {
  /** Also the id of the CDK stage that holds its stacks. */
  readonly name: string;
  /** Whether the pipeline asks a person before it deploys here. */
  readonly approval: boolean;
  /** ARNs of the managed policies of CloudFormation's execution role in these targets. */
  readonly executionPolicies: readonly string[];
  /** Deployed to at the same time. */
  readonly targets: readonly Target[];
}

/** What `environments.json` says, defaults filled in. */
export interface Environments {
  /** Absolute path of the file that was read. */
  readonly file: string;
  /** Bootstrap qualifier. */
  readonly qualifier: string;
  /** ARNs of the managed policies of CloudFormation's execution role in the CI account. */
  readonly executionPolicies: readonly string[];
  /** Where the pipeline runs; the account every other account trusts. */
  readonly ci: Target;
  /** In promotion order. */
  readonly environments: readonly DeploymentEnvironment[];
}
