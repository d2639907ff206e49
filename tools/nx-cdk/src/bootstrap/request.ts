import type { ReportedFailure } from '../failure/index.ts';
import type { RunEnd } from '../progress/index.ts';

export interface BootstrapRequest {
  readonly targets: readonly BootstrapTarget[];
  /**
   * Name of the bootstrap stack.
   * @default - the stack that has this qualifier already; else `CDKToolkit`, or `CDKToolkit-<qualifier>` for another
   * qualifier than CDK's own
   */
  readonly toolkitStackName?: string;
  /**
   * Keep the trust of accounts that the target does not name.
   * @default false: they lose it, with a warning
   */
  readonly keepTrust?: boolean;
  /**
   * Update even if nothing differs, and replace a newer template or one of another variant by that of the installed
   * toolkit. Otherwise both are kept, and only their parameters are changed.
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
  /** For people: `ci`, `staging`. */
  readonly label: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** Part of every role and bucket name of the bootstrap. */
  readonly qualifier: string;
  /** Where administrator access comes from. */
  readonly access: {
    /** An AWS profile of this machine. Wins over `roleArn`. */
    readonly profile?: string;
    /** The role to assume with the caller's credentials. */
    readonly roleArn: string;
    /** Whether somebody chose the role. If not, it is not assumed in the caller's own account. */
    readonly roleIsChosen: boolean;
  };
  /**
   * Accounts that may deploy to and look things up in this one; an empty list trusts only the account itself.
   * @default - left as it is
   */
  readonly trust?: readonly string[];
  /** ARNs of the policies of CloudFormation's execution role. @default - left as they are */
  readonly executionPolicies?: readonly string[];
  /** Policies for a bootstrap that has none yet. @default - none */
  readonly initialExecutionPolicies?: readonly string[];
}

/** How a target ended. */
export type BootstrapOutcome = 'created' | 'updated' | 'unchanged' | 'planned' | 'failed' | 'skipped';

/** How a run ended, as plain data. */
export interface BootstrapReport extends RunEnd {
  /** In the order of the request. */
  readonly targets: readonly BootstrapTargetReport[];
}

export interface BootstrapTargetReport {
  readonly label: string;
  readonly account: string;
  readonly region: string;
  readonly outcome: BootstrapOutcome;
  /** Name of the bootstrap stack, if it got that far. */
  readonly toolkitStackName?: string;
  /** What differed from what was asked for, one line each. */
  readonly differences: readonly string[];
  /** What went wrong, if it failed. */
  readonly failure?: ReportedFailure;
  readonly seconds: number;
}
