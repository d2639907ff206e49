import type { ChangeSet } from './change-set.ts';
import type { StackState } from './desired.ts';
import type { ResolvedStack } from './resolved-stack.ts';

/** A check that can refuse a deployment, such as the release gate or the plan gate. */
export interface DeployGate {
  /**
   * Called once a run, before its first change set, with every stack that is not known to be unchanged.
   *
   * @throws Failure if no stack of the run may change: the failure of the stack that came first, the others are skipped
   */
  check?(pending: readonly StackState[]): Promise<void>;

  /** Called with each change set before it is executed. @throws Failure if this stack may not change */
  admit?(stack: StackState, changeSet: ChangeSet): Promise<void>;

  /** Called before termination protection of a stack is switched. @throws Failure if it has to stay */
  admitProtection?(stack: ResolvedStack, enabled: boolean): Promise<void>;

  /** Whether it has checked that every file and image of a stack is published. @default false */
  hasVerified?(stackId: string): boolean;
}
