import type { Assembly, PromotionGroup } from '../assembly/index.ts';
import type { StackFailure } from '../deploy/index.ts';
import type { RunEnd } from '../progress/index.ts';

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
export interface DestroyReport extends RunEnd {
  /** True if the person who was asked said no. */
  readonly declined: boolean;
  /** In the order of the assembly. */
  readonly stacks: readonly DestroyedStack[];
}

export interface DestroyedStack extends DestroyResult {
  readonly id: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly seconds: number;
}

/** What came of a stack. */
export interface DestroyResult {
  /** `unchanged`: there was no such stack. */
  readonly outcome: 'deleted' | 'unchanged' | 'planned' | 'failed' | 'skipped';
  readonly detail?: string;
  readonly failure?: StackFailure;
}
