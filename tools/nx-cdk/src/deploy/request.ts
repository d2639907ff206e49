import type { FailureCode } from '../failure/index.ts';
import type { Assembly, PromotionGroup } from '../assembly/index.ts';
import type { Changes, FailureCause, StackSnapshot } from '../cloudformation/index.ts';

/** What a deploy run is asked to do. */
export interface DeployRequest {
  readonly assembly: Assembly;
  /** Ids of the stacks to deploy; see `selectStacks`. */
  readonly stacks: readonly string[];
  /**
   * Groups in promotion order: every stack of a later group waits for all stacks of the earlier ones, and is skipped
   * when one of those fails. Stacks in no group are bound by their dependencies only.
   */
  readonly promotion?: readonly PromotionGroup[];
  /**
   * `Key=Value` for every stack with that parameter, or `Stack:Key=Value` for one (by stack name or id), as in the CDK
   * CLI.
   */
  readonly parameters?: readonly string[];
  /** Stacks that are worked on at the same time. @default 10 */
  readonly concurrency?: number;
  /**
   * Stacks that are worked on at the same time in one account and region. CloudFormation throttles by account and
   * region, so a run over 100 accounts may well raise `concurrency`, while this limit keeps each account calm.
   * @default 10
   */
  readonly concurrencyPerTarget?: number;
  /** Say what would change, and change nothing. @default false */
  readonly dryRun?: boolean;
  /** Do not skip stacks that look unchanged; CloudFormation decides. @default false */
  readonly force?: boolean;
  /**
   * Whether CloudFormation rolls a failed stack back; without it, a failed stack stays as it is for a closer look.
   * @default true
   */
  readonly rollback?: boolean;
}

/** How a stack ended. */
export type StackOutcome = 'created' | 'updated' | 'unchanged' | 'planned' | 'failed' | 'skipped';

/** How a run ended. Plain data: can be written as JSON. */
export interface DeployReport {
  /** True where every selected stack is as the assembly wants it, or planned in a dry run. */
  readonly success: boolean;
  /** True where the run was interrupted before it was done. */
  readonly interrupted: boolean;
  readonly milliseconds: number;
  /** In the order of the assembly. */
  readonly stacks: readonly StackReport[];
}

export interface StackReport {
  readonly id: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly outcome: StackOutcome;
  /** Why the stack was not unchanged, why it was skipped, or what was special on the way. */
  readonly notes: readonly string[];
  readonly changes: Changes;
  /** Outputs of the stack as it is now. CloudFormation itself masks values of `NoEcho` parameters. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** What the run saw before it changed anything; absent where it could not look. */
  readonly seen?: StackSnapshot;
  readonly failure?: StackFailure;
}

export interface StackFailure {
  /** Machine-readable kind, such as `AssetMissing` or `StackFailed`. */
  readonly code: FailureCode;
  /** One sentence: what happened, where, what to do next. */
  readonly message: string;
  /** The resources that failed, the root cause first. */
  readonly causes: readonly FailureCause[];
}
