import type { StackStatus } from '@aws-sdk/client-cloudformation';

/**
 * What a deployment does next with a stack in a status:
 *
 * - `create`             execute a change set that creates it
 * - `update`             leave it if it is unchanged, else execute a change set that updates it
 * - `recreate`           its creation failed: delete it, then create it
 * - `wait`               an operation is running: follow it, then go on from the status that it ends in
 * - `roll-back`          its last update stopped half-way and was kept so: roll it back, then update it
 * - `continue-rollback`  its rollback got stuck: try to finish it once, then update it
 * - `repair`             only a person can tell what is right
 */
export type StackAction = 'create' | 'update' | 'recreate' | 'wait' | 'roll-back' | 'continue-rollback' | 'repair';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-stack-event-status-codes
const ACTIONS: Readonly<Record<StackStatus, StackAction>> = {
  DELETE_COMPLETE: 'create',
  // A change set was created and never executed. Executing another one removes it.
  REVIEW_IN_PROGRESS: 'create',

  CREATE_COMPLETE: 'update',
  UPDATE_COMPLETE: 'update',
  IMPORT_COMPLETE: 'update',
  UPDATE_ROLLBACK_COMPLETE: 'update',
  IMPORT_ROLLBACK_COMPLETE: 'update',

  ROLLBACK_COMPLETE: 'recreate',
  ROLLBACK_FAILED: 'recreate',
  CREATE_FAILED: 'recreate',
  DELETE_FAILED: 'recreate',

  CREATE_IN_PROGRESS: 'wait',
  UPDATE_IN_PROGRESS: 'wait',
  // Dependents need not wait for a cleanup, but the stack itself cannot be updated before its end.
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'wait',
  UPDATE_ROLLBACK_IN_PROGRESS: 'wait',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'wait',
  ROLLBACK_IN_PROGRESS: 'wait',
  DELETE_IN_PROGRESS: 'wait',
  IMPORT_IN_PROGRESS: 'wait',
  IMPORT_ROLLBACK_IN_PROGRESS: 'wait',

  UPDATE_FAILED: 'roll-back',
  UPDATE_ROLLBACK_FAILED: 'continue-rollback',
  IMPORT_ROLLBACK_FAILED: 'repair',
};

/**
 * What a deployment does next with a stack.
 *
 * @param rollback without it, a stack that failed half-way is updated as it is: CloudFormation goes on where it stopped
 *   (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html)
 */
export function deployAction(status: string, rollback = true): StackAction {
  if (!rollback && (status === 'CREATE_FAILED' || status === 'UPDATE_FAILED')) return 'update';
  // A status that CloudFormation invents after this was written is waited for if it says so, else it needs a person.
  return ACTIONS[status as StackStatus] ?? (status.endsWith('_IN_PROGRESS') ? 'wait' : 'repair');
}

/**
 * What a rollback does with a stack; `none` if it is not stuck. As the CDK toolkit does (`rollbackChoice` in
 * https://github.com/aws/aws-cdk-cli/blob/main/packages/%40aws-cdk/toolkit-lib/lib/api/stack-events/stack-status.ts),
 * but for what needs a person, which must not count as success.
 */
export function rollbackAction(status: string): Exclude<StackAction, 'create' | 'update'> | 'none' {
  if (status === 'CREATE_FAILED') return 'roll-back';
  if (status === 'ROLLBACK_COMPLETE') return 'none';
  const action = deployAction(status);
  return action === 'create' || action === 'update' ? 'none' : action;
}

/** Whether an operation is running. In review, none is. */
export function isInProgress(status: string): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
}

/** Whether a stack was created or updated; the cleanup may still be running. */
export function isDone(status: string): boolean {
  return ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'].includes(status);
}

/** Whether a creation or an update is running, and no rollback. */
export function isForward(status: string): boolean {
  return ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'].includes(status);
}
