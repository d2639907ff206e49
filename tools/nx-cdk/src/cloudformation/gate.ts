import type { ChangeSet } from './change-set.ts';
import type { StackState } from './desired.ts';

/** A check that can refuse a deployment, such as the release gate or the plan gate. */
export interface DeployGate {
  /**
   * Called once a run, before its first change set is made, with every stack that is not known to be unchanged. If it
   * throws, no stack of the run changes.
   *
   * @throws Failure, which becomes the failure of the stack that came first; the others are skipped
   */
  check?(pending: readonly StackState[]): Promise<void>;

  /**
   * Called with each change set before it is executed. If it throws, this stack does not change; those that do not
   * depend on it go on.
   *
   * @throws Failure, which becomes the failure of the stack
   */
  admit?(stack: StackState, changeSet: ChangeSet): Promise<void>;

  /** Whether it has checked that every file and image of a stack is published. @default false */
  hasVerified?(stackId: string): boolean;
}
