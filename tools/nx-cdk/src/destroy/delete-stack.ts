import {
  type DescribedStack,
  findCauses,
  isInProgress,
  type OpenedStack,
  operationToken,
  stackFailed,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';

/**
 * Deletes one stack and follows it to the end. An operation that somebody else has running is waited for first; a
 * deletion that runs already is followed. CloudFormation works with its execution role.
 *
 * @param found the stack as it was when the run looked
 * @throws Failure `TerminationProtected`; StackFailed with the resources that could not be deleted, the root cause
 *   first
 */
export async function deleteStack(
  { resolved, cloudFormation, watch }: OpenedStack,
  found: DescribedStack,
  listener: Listener,
): Promise<void> {
  const { stack, targetName, executionRoleArn } = resolved;
  const say = (step: string) => listener({ type: 'item-progress', id: stack.id, step });
  const startedAt = cloudFormation.clock.now();
  let current = found;
  if (isInProgress(current.status)) {
    say(`waiting for ${current.status}`);
    current = await watch.follow(current.id);
    if (current.status === 'DELETE_COMPLETE') return;
  }
  if (current.terminationProtection) {
    throw new Failure('TerminationProtected', {
      subject: stack.id,
      what: `${stack.stackName} in ${targetName} is protected from deletion`,
      next: 'set terminationProtection: false in the app and deploy it, then run nx destroy again',
    });
  }
  say('deleting');
  const operation = { stackId: current.id, token: operationToken('delete', current.id, startedAt), startedAt };
  await cloudFormation.deleteStack(current.id, operation.token, executionRoleArn);
  const ended = await watch.follow(current.id, { before: current });
  if (ended.status === 'DELETE_COMPLETE') return;
  const causes = await findCauses(cloudFormation, operation, stack);
  const next = 'remove what keeps these resources from being deleted, then run nx destroy again';
  throw stackFailed(resolved, 'the deletion', ended, causes, next);
}
