/** What bootstrapping is asked to bring about. */
export interface BootstrapRequest {
  readonly targets: readonly BootstrapTarget[];
  /** Part of every role and bucket name of the bootstrap. */
  readonly qualifier: string;
  /**
   * Name of the bootstrap stack.
   * @default - the stack that holds this qualifier already; else `CDKToolkit`, or `CDKToolkit-<qualifier>` for another
   * qualifier than CDK's own
   */
  readonly toolkitStackName?: string;
  /**
   * Leave accounts trusted that are trusted now and not named in the target.
   * @default false: the target's list is the whole truth, and what is taken away is said
   */
  readonly keepTrust?: boolean;
  /**
   * Update even if nothing differs, and put the installed toolkit's template in place of a newer one or of
   * another variant. Both are otherwise kept, with only its parameters changed.
   * @default false
   */
  readonly force?: boolean;
  /** Say what would be done, and do nothing. @default false */
  readonly dryRun?: boolean;
  /** Targets worked on at the same time. @default 10 */
  readonly concurrency?: number;
}

/** An account and region to bootstrap. */
export interface BootstrapTarget {
  /** What people read: `ci`, `staging`. */
  readonly label: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly access: AdminAccessChoice;
  /**
   * Accounts that may deploy to and look things up in this one. Undefined leaves the trust there is as it is; an empty
   * list trusts nobody but the account itself.
   */
  readonly trust?: readonly string[];
  /** ARNs of the policies of CloudFormation's execution role. Undefined leaves them as they are. */
  readonly executionPolicies?: readonly string[];
  /** Policies for a place whose bootstrap has none yet; those it has stay. @default - none */
  readonly initialExecutionPolicies?: readonly string[];
}

/** Where administrator access to a target comes from. */
export interface AdminAccessChoice {
  /** An AWS profile of this machine. Wins over `roleArn`. */
  readonly profile?: string;
  /** The role to assume with the caller's credentials. */
  readonly roleArn: string;
  /** Whether somebody chose the role; one that nobody chose is not assumed in the caller's own account. */
  readonly roleIsChosen: boolean;
}

/** How a target ended. */
export type BootstrapOutcome = 'created' | 'updated' | 'unchanged' | 'planned' | 'failed' | 'skipped';

/** How a run ended. Plain data: can be written as JSON. */
export interface BootstrapReport {
  /** True if every target is as it was asked for, or planned in a dry run. */
  readonly success: boolean;
  readonly interrupted: boolean;
  readonly milliseconds: number;
  /** In the order of the request. */
  readonly targets: readonly BootstrapTargetReport[];
}

export interface BootstrapTargetReport {
  readonly label: string;
  readonly account: string;
  readonly region: string;
  readonly outcome: BootstrapOutcome;
  /** Name of the bootstrap stack, if it got far enough to be known. */
  readonly toolkitStackName?: string;
  /** What differed from what was asked for, one line each. */
  readonly differences: readonly string[];
  /** What went wrong, if it failed. */
  readonly failure?: { readonly code: string; readonly message: string };
  readonly seconds: number;
}
