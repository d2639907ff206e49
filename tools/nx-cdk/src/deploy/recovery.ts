import {
  type DescribedStack,
  isDone,
  isForward,
  nameOfChangeSet,
  parseChangeSetName,
  stackFailed,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import type { StackDeployment } from './stack-deployment.ts';

/**
 * Follows a running operation to its end.
 *
 * @returns the stack as it is then, and whether an earlier run had started exactly this deployment
 * @throws StackFailed if it was ours and failed; Skipped if it was not and the run is interrupted
 */
export async function waitForOperation(
  deployment: StackDeployment,
  current: DescribedStack,
): Promise<{ readonly stack: DescribedStack; readonly deployed: boolean }> {
  const { id, run, desired } = deployment;
  const { watch } = deployment.stack;
  const executed = parseChangeSetName(current.changeSetId);
  if (executed?.digest === desired.digest && isForward(current.status)) {
    deployment.step('following the deployment that an earlier run started');
    deployment.notes.push('started by an earlier run');
    const token = nameOfChangeSet(current.changeSetId);
    const operation = { stackId: current.id, token, startedAt: executed.createdAt };
    const stack = await deployment.follow(operation, current, desired.template.resources.size);
    if (isDone(stack.status)) return { stack, deployed: true };
    throw await stackFailed(deployment.stack, 'the deployment that an earlier run started', operation, stack);
  }
  const text = `an operation that this run did not start (${current.status})`;
  run.listener({ type: 'message', level: 'info', id, text: `${id}: waiting for ${text}` });
  deployment.step(`waiting for ${text}`);
  deployment.notes.push(`waited for ${text}`);
  return { stack: await watch.follow(current.id, {}, run.signal), deployed: false };
}

/**
 * Deletes a stack whose creation failed, so that it can be created.
 *
 * @throws Failure `TerminationProtected`; StackFailed if resources could not be deleted in a second attempt either
 */
export async function deleteRemains(deployment: StackDeployment, current: DescribedStack): Promise<DescribedStack> {
  const { cloudFormation, resolved } = deployment.stack;
  const { id, status } = current;
  if (current.terminationProtection) {
    const next = 'switch that off, then deploy again';
    const what = `its stack in ${resolved.targetName} is in status ${status} and has to be deleted before it can be created anew, but its termination protection is on`;
    throw new Failure('TerminationProtected', { subject: deployment.id, what, next });
  }
  deployment.notes.push(`deleted first, because its status was ${status}`);
  deployment.step(`deleting the stack, because its status is ${status}`);
  const operation = await cloudFormation.start('delete', id, resolved.executionRoleArn);
  const ended = await deployment.follow(operation, current);
  // Resources that wait for others, such as network interfaces of functions, can often be deleted the second time.
  if (ended.status === 'DELETE_FAILED' && status === 'DELETE_FAILED')
    throw await stackFailed(deployment.stack, 'the deletion', operation, ended);
  return ended;
}

/** Finishes a rollback, or starts one, so that the stack can be updated. @throws StackFailed if the rollback fails */
export async function rollBack(
  deployment: StackDeployment,
  current: DescribedStack,
  action: 'roll-back' | 'continue-rollback',
): Promise<DescribedStack> {
  const { cloudFormation, resolved } = deployment.stack;
  const { id, status } = current;
  deployment.notes.push(`rolled back first, because its status was ${status}`);
  deployment.step(`rolling back, because its status is ${status}`);
  // The role is named each time: the stack may have been made without it, and the deploy role may touch no resource.
  const operation = await cloudFormation.start(action, id, resolved.executionRoleArn);
  const ended = await deployment.follow(operation, current);
  if (ended.status.endsWith('_FAILED')) throw await stackFailed(deployment.stack, 'the rollback', operation, ended);
  return ended;
}
