import type { Assembly } from '../assembly/index.ts';
import type { ReportedFailure } from '../failure/index.ts';

/** What a diff is asked for. */
export interface DiffRequest {
  readonly assembly: Assembly;
  /** Ids of the stacks to compare. */
  readonly stacks: readonly string[];
  /**
   * How changes are found. `template` compares the deployed template with the assembly's: quick, needs nothing but the
   * lookup role, and does not see what only CloudFormation can work out (whether a resource is replaced for certain,
   * changed parameter values). `change-set` lets CloudFormation work it out: with the deploy role, by a change set that
   * is deleted again; templates must be published first.
   * @default 'template'
   */
  readonly method?: 'template' | 'change-set';
  /** Unchanged lines shown around a change of a text. @default 3 */
  readonly contextLines?: number;
  /** Hide values that are not known to be harmless: for people who must not see secrets. @default false */
  readonly masked?: boolean;
  /** Stacks compared at the same time. @default 10 */
  readonly concurrency?: number;
}

/** How a diff ended. Plain data: can be written as JSON. */
export interface DiffReport {
  /** False if a stack could not be compared. */
  readonly success: boolean;
  /** Whether any stack differs. */
  readonly different: boolean;
  readonly milliseconds: number;
  /** In the order of the assembly. */
  readonly stacks: readonly StackDiffReport[];
}

export interface StackDiffReport {
  readonly id: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly outcome: 'different' | 'unchanged' | 'failed' | 'skipped';
  /** Whether somebody would be allowed more than before. */
  readonly broadensPermissions: boolean;
  /** The differences as people read them. */
  readonly text: string;
  readonly failure?: ReportedFailure;
}
