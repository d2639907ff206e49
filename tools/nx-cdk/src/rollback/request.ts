import type { Assembly } from '../assembly/index.ts';
import type { ReportedFailure } from '../failure/index.ts';

/** What a rollback is asked to do. */
export interface RollbackRequest {
  readonly assembly: Assembly;
  /** Ids of the stacks to look at; those that are not stuck are left alone. */
  readonly stacks: readonly string[];
  /**
   * Logical ids of resources to leave as they are, because they keep a rollback from going on. Only if one stack is
   * stuck: ids are unique in one stack only.
   * @default []
   */
  readonly orphan?: readonly string[];
  /** Leave every resource as it is that fails to roll back. @default false */
  readonly force?: boolean;
  /** Stacks worked on at the same time. @default 10 */
  readonly concurrency?: number;
}

/** How a run ended. Plain data: can be written as JSON. */
export interface RollbackReport {
  readonly success: boolean;
  readonly milliseconds: number;
  /** In the order of the assembly. */
  readonly stacks: readonly RolledBackStack[];
}

export interface RolledBackStack extends RollbackResult {
  readonly id: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly seconds: number;
}

/** What came of a stack. */
export interface RollbackResult {
  /** `unchanged`: it was not stuck. */
  readonly outcome: 'updated' | 'unchanged' | 'failed' | 'skipped';
  readonly detail: string;
  readonly failure?: ReportedFailure;
}
