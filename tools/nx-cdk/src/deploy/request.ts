import type { Assembly } from '../assembly/model.ts';

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

/** Stacks that are promoted together, such as an environment. */
export interface PromotionGroup {
  readonly name: string;
  readonly stackIds: readonly string[];
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

/** What was wanted of a stack, and what there was. */
export interface StackSnapshot {
  /** Identifies what is wanted: template, tags, roles and parameters but for secret ones. */
  readonly desired: string;
  /** The stack; absent where there was none. */
  readonly stack?: {
    readonly id: string;
    readonly status: string;
    /** Milliseconds since the epoch. */
    readonly updatedAt: number;
    /** The change set that was executed last, as far as CloudFormation says so. */
    readonly changeSetId?: string;
  };
}

/** What a change set said that it would do. */
export interface Changes {
  readonly added: number;
  readonly modified: number;
  readonly removed: number;
  /** Part of `modified`: those that CloudFormation replaces, or may replace. */
  readonly replaced: number;
  readonly resources: readonly ResourceChange[];
  /**
   * Who says so: CloudFormation by a change set, the template of a stack that is not there yet, or the comparison that
   * found a stack unchanged. Absent where nobody can say what would change.
   */
  readonly from?: 'change-set' | 'template' | 'comparison';
}

export interface ResourceChange {
  readonly action: string;
  readonly logicalId: string;
  readonly resourceType: string;
  readonly replacement?: 'always' | 'maybe';
  readonly constructPath?: string;
  /** What of it changes, where a change set tells. */
  readonly properties?: readonly PropertyChange[];
  /**
   * What happens to the old resource where it is removed or replaced, as far as a change set tells, such as `Delete` or
   * `ReplaceAndRetain`.
   */
  readonly policyAction?: string;
}

/** A property, or an attribute of a resource such as `Metadata`, that changes. Holds no value: it may be secret. */
export interface PropertyChange {
  /** `Tags`, `Environment.Variables.MODE` */
  readonly path: string;
  /**
   * Why: `template` and `parameter` are known to change. What refers to another resource (`reference`) only changes
   * where that one turns out to get another name or attribute.
   */
  readonly by: 'template' | 'parameter' | 'reference';
}

export interface StackFailure {
  /** Machine-readable kind, such as `AssetMissing` or `StackFailed`. */
  readonly code: string;
  /** One sentence: what happened, where, what to do next. */
  readonly message: string;
  /** The resources that failed, the root cause first. */
  readonly causes: readonly FailureCause[];
}

/** A resource that failed. */
export interface FailureCause {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly status: string;
  readonly reason: string;
  readonly constructPath?: string;
  /** Such as `stack.ts:14`, where the assembly was synthesized with stack traces. */
  readonly source?: string;
}

export const NO_CHANGES: Changes = { added: 0, modified: 0, removed: 0, replaced: 0, resources: [] };

/** Of a stack that was compared with what is wanted. */
export const UNCHANGED: Changes = { ...NO_CHANGES, from: 'comparison' };
