import type { StackStatus } from '@aws-sdk/client-cloudformation';
import { type DeploymentMode, type DeploymentSettings, rollsBack, STANDARD } from './deployment-mode.ts';

/**
 * What a deployment does next with a stack in a status:
 *
 * - `create`             execute a change set that creates it
 * - `update`             leave it if it is unchanged, else execute a change set that updates it
 * - `recreate`           its creation failed: delete it, then create it
 * - `wait`               an operation is running: follow it, then go on from the status that it ends in
 * - `roll-back`          its last update stopped half-way and was kept so: roll it back, then update it
 * - `continue-rollback`  its rollback got stuck: try to finish it once, then update it
 * - `go-on-express`      its last update failed in express mode, and only another one in that mode leads it on
 * - `repair`             only a person can tell what is right
 */
export type StackAction =
  'create' | 'update' | 'recreate' | 'wait' | 'roll-back' | 'continue-rollback' | 'go-on-express' | 'repair';

/** What decides on what is next: the status of a stack, and the mode of its last operation. */
export interface StackCondition {
  readonly status: string;
  /** @default - not known, so standard */
  readonly mode?: DeploymentMode;
}

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
 * A stack that failed half-way is updated as it is if nobody wants it rolled back: CloudFormation goes on where it
 * stopped (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html). After a failure
 * in express mode, CloudFormation accepts nothing else ("Follow-up operations must use the same DeploymentConfig until
 * the stack reaches a *_COMPLETE state"), and no rollback: https://github.com/aws/aws-cdk-cli/issues/1739
 *
 * @param wanted how the stack is to be deployed
 */
export function deployAction({ status, mode }: StackCondition, wanted: DeploymentSettings = STANDARD): StackAction {
  if (HALF_WAY.test(status)) {
    const isExpress = mode === 'express';
    const goesOn = isExpress ? wanted.mode === 'express' && !rollsBack(wanted) : wanted.rollback === false;
    if (goesOn) return 'update';
    if (isExpress && status === 'UPDATE_FAILED') return 'go-on-express';
  }
  // A status that CloudFormation invents after this was written is waited for if it says so, else it needs a person.
  return ACTIONS[status as StackStatus] ?? (status.endsWith('_IN_PROGRESS') ? 'wait' : 'repair');
}

/** Operations that stopped where they failed, since rollback was off. */
const HALF_WAY = /^(CREATE|UPDATE)_FAILED$/;

/**
 * What a rollback does with a stack; `none` if it is not stuck. As the CDK toolkit does (`rollbackChoice` in
 * https://github.com/aws/aws-cdk-cli/blob/main/packages/%40aws-cdk/toolkit-lib/lib/api/stack-events/stack-status.ts),
 * but for what needs a person, which must not count as success, and for what failed in express mode, which
 * CloudFormation does not roll back.
 */
export function rollbackAction(stack: StackCondition): Exclude<StackAction, 'create' | 'update'> | 'none' {
  const { status, mode } = stack;
  if (status === 'CREATE_FAILED') return mode === 'express' ? 'recreate' : 'roll-back';
  if (status === 'ROLLBACK_COMPLETE') return 'none';
  const action = deployAction(stack);
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
