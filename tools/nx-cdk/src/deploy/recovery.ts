import { Failure } from '../failure/index.ts';
import { nameOfChangeSet, operationToken, readChangeSetMark, type DescribedStack, type DesiredStack, NO_CHANGES } from '../cloudformation/index.ts';
import { creationChanges } from './creation-changes.ts';
import { isDone, isForward, type Way } from './stack-machine.ts';
import type { StackResult, StackRun } from './stack-run.ts';

/** A stack after a running operation. */
export interface Waited {
  readonly stack: DescribedStack;
  /** Whether it was the very deployment that is wanted now, started by an earlier run that was interrupted. */
  readonly deployed: boolean;
}

/** Ways on that this file knows. */
type Recovery = Exclude<Way, 'create' | 'update'>;

/**
 * Follows a running operation to its end.
 *
 * @throws StackFailed where it was ours and failed; Interrupted where it was not and the run is interrupted.
 */
export async function waitForOperation(run: StackRun, desired: DesiredStack, current: DescribedStack): Promise<Waited> {
  const { listener, watch, signal } = run.context;
  const mark = readChangeSetMark(current.changeSetId);
  if (mark?.digest === desired.digest && isForward(current.status)) {
    run.step('following the deployment that an earlier run started');
    run.notes.push('started by an earlier run');
    const token = nameOfChangeSet(current.changeSetId);
    const operation = { stackId: current.id, token, startedAt: mark.createdAt };
    const stack = await run.follow(operation, current, desired.template.resources.size);
    if (isDone(stack.status)) return { stack, deployed: true };
    throw await run.failed('the deployment that an earlier run started', stack, operation);
  }
  const text = `an operation that this run did not start (${current.status})`;
  const { id } = run.resolved.stack;
  listener({ type: 'message', level: 'info', id, text: `${id}: waiting for ${text}` });
  run.step(`waiting for ${text}`);
  run.notes.push(`waited for ${text}`);
  return { stack: await watch.follow(current.id, {}, signal), deployed: false };
}

/**
 * Deletes a stack that never came to life, so that it can be created. Where a resource resists, it is tried once more.
 *
 * @throws Failure `TerminationProtected`; StackFailed naming the resources that cannot be deleted.
 */
export async function deleteRemains(run: StackRun, current: DescribedStack): Promise<DescribedStack> {
  const { cloudFormation, clock } = run.context;
  const { stack, targetName } = run.resolved;
  if (current.terminationProtection) {
    throw new Failure(
      'TerminationProtected',
      `${stack.id}: its stack in ${targetName} is in status ${current.status} and has to be deleted before it can be ` +
        'created anew, but its termination protection is on: switch that off, then deploy again',
    );
  }
  run.notes.push(`deleted first, because its status was ${current.status}`);
  run.step(`deleting the stack, because its status is ${current.status}`);
  run.first(current.status === 'DELETE_FAILED' ? 'delete again' : 'delete');
  const startedAt = clock.now();
  const operation = { stackId: current.id, token: operationToken('delete', current.id, startedAt), startedAt };
  await cloudFormation.deleteStack(current.id, operation.token, run.resolved.executionRoleArn);
  const ended = await run.follow(operation, current, 1);
  // Resources that wait for others to go, such as network interfaces of functions, often can be deleted the second
  // time.
  if (ended.status === 'DELETE_FAILED' && !run.first('delete again'))
    throw await run.failed('the deletion', ended, operation);
  return ended;
}

/**
 * Finishes a rollback, or starts one, so that the stack can be updated.
 *
 * @throws StackFailed where the rollback fails
 */
export async function rollBack(
  run: StackRun,
  current: DescribedStack,
  way: 'roll-back' | 'continue-rollback',
): Promise<DescribedStack> {
  const { cloudFormation, clock } = run.context;
  run.notes.push(`rolled back first, because its status was ${current.status}`);
  run.step(`rolling back, because its status is ${current.status}`);
  const startedAt = clock.now();
  const operation = { stackId: current.id, token: operationToken(way, current.id, startedAt), startedAt };
  // Named each time: the stack may have been made without it, and the deploy role itself may touch no resource.
  const role = run.resolved.executionRoleArn;
  if (way === 'roll-back') await cloudFormation.rollBack(current.id, operation.token, role);
  else await cloudFormation.continueRollback(current.id, operation.token, role);
  const ended = await run.follow(operation, current, 1);
  if (ended.status.endsWith('_FAILED')) throw await run.failed('the rollback', ended, operation);
  return ended;
}

/** What a dry run says of a stack that has to be recovered first. */
export function planRecovery(
  run: StackRun,
  desired: DesiredStack,
  current: DescribedStack,
  way: Recovery,
): StackResult {
  const plans: Readonly<Record<Recovery, string>> = {
    wait: 'the running operation would be waited for first',
    recreate: 'the stack would be deleted and created anew',
    'roll-back': 'the stack would be rolled back first',
    'continue-rollback': 'the rollback would be continued first',
    stop: 'the stack has to be repaired in the CloudFormation console first',
  };
  run.notes.push(`status is ${current.status}: ${plans[way]}`);
  return run.result('planned', way === 'recreate' ? creationChanges(desired) : NO_CHANGES, current.outputs);
}
