import type { StackStatus } from '@aws-sdk/client-cloudformation';

/**
 * What to do with a stack in a status:
 *
 * - `create`             a change set that creates it
 * - `update`             skip it if it is unchanged, else a change set that updates it
 * - `recreate`           it never came to life: delete it, then create it
 * - `wait`               an operation is running: follow it, then go on from the status it ends in
 * - `roll-back`          its last update stopped half-way and was kept so: roll it back, then update it
 * - `continue-rollback`  its rollback got stuck: try to finish it once, then update it
 * - `stop`               only a person can tell what is right
 */
export type Way = 'create' | 'update' | 'recreate' | 'wait' | 'roll-back' | 'continue-rollback' | 'stop';

/** Every status a stack can be in, and `ABSENT`. */
export type State = StackStatus | 'ABSENT';

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-stack-event-status-codes
 */
const WAYS: Readonly<Record<State, Way>> = {
  ABSENT: 'create',
  DELETE_COMPLETE: 'create',
  // A change set was created and never executed. A further one may stand beside it, and takes it along when executed.
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
  IMPORT_ROLLBACK_FAILED: 'stop',
};

/**
 * The way on from a status. Without rollback, a stack that failed half-way is updated as it is: CloudFormation goes on
 * where it stopped (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html).
 */
export function wayOn(status: string, rollback = true): Way {
  if (!rollback && (status === 'CREATE_FAILED' || status === 'UPDATE_FAILED')) return 'update';
  // A status that CloudFormation invents after this was written: moving ones are waited for, resting ones need a
  // person.
  return WAYS[status as State] ?? (status.endsWith('_IN_PROGRESS') ? 'wait' : 'stop');
}

/** Whether an operation that was to create or update a stack has done so. */
export function isDone(status: string): boolean {
  return (
    status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE' || status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  );
}

/**
 * Whether the operation that is running is a creation or an update on its way forward, the kind that our change sets
 * start.
 */
export function isForward(status: string): boolean {
  return (
    status === 'CREATE_IN_PROGRESS' ||
    status === 'UPDATE_IN_PROGRESS' ||
    status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  );
}
