import type { ChangeSet } from './change-set.ts';
import type { StackState } from './desired.ts';

/** What may refuse a deployment. The engine does not know what a gate looks at, such as a release or a plan. */
export interface DeployGate {
  /**
   * Asked once a run, before its first change set is made, about every stack that is not known to be unchanged. If it
   * throws, no stack of the run changes.
   *
   * @throws Failure which becomes the failure of the stack that came first; the others are skipped
   */
  check?(pending: readonly StackState[]): Promise<void>;

  /**
   * Asked about each change set before it is executed. If it throws, this stack does not change; those that do not
   * depend on it go on.
   *
   * @throws Failure which becomes the failure of the stack
   */
  admit?(stack: StackState, changeSet: ChangeSet): Promise<void>;

  /**
   * Whether it has looked at every file and image of a stack, so that the engine need not look whether they are there.
   * @default no
   */
  hasVerified?(stackId: string): boolean;
}
