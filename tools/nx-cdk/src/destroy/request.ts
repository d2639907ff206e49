import type { Assembly, PromotionGroup } from '../assembly/index.ts';
import type { FailureCause } from '../cloudformation/index.ts';

/** What a destroy run is asked to delete. */
export interface DestroyRequest {
  readonly assembly: Assembly;
  /** Ids of the stacks to delete; see `withDependents`. */
  readonly stacks: readonly string[];
  /** Groups in promotion order; they are deleted in the reverse of it. */
  readonly promotion?: readonly PromotionGroup[];
  /** Say what would be deleted, and delete nothing. @default false */
  readonly dryRun?: boolean;
  /** Stacks worked on at the same time. @default 10 */
  readonly concurrency?: number;
  /** Stacks worked on at the same time in one account and region. @default 10 */
  readonly concurrencyPerTarget?: number;
}

/** How a run ended. Plain data: can be written as JSON. */
export interface DestroyReport {
  /** True where every stack is gone, or planned in a dry run. */
  readonly success: boolean;
  readonly interrupted: boolean;
  /** True where the person who was asked said no. */
  readonly declined: boolean;
  readonly milliseconds: number;
  /** In the order of the assembly. */
  readonly stacks: readonly DestroyedStack[];
}

export interface DestroyedStack {
  readonly id: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  /** `unchanged`: there was no such stack. */
  readonly outcome: 'deleted' | 'unchanged' | 'planned' | 'failed' | 'skipped';
  readonly detail?: string;
  readonly failure?: { readonly code: string; readonly message: string; readonly causes: readonly FailureCause[] };
  readonly seconds: number;
}
