import { randomUUID } from 'node:crypto';
import {
  type Clock,
  type CloudFormation,
  type DescribedStack,
  findCauses,
  StackFailed,
  type ResolvedStack,
  type Watch,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';

/** What deleting a stack works with. */
export interface DeleteStack {
  readonly target: ResolvedStack;
  /** The stack as it was when the run looked. */
  readonly stack: DescribedStack;
  readonly cloudFormation: CloudFormation;
  readonly watch: Watch;
  readonly clock: Clock;
  readonly listener: Listener;
}

/**
 * Deletes one stack and follows it to the end. An operation that somebody else has running is waited for first; a
 * deletion that runs already is followed. CloudFormation works with its execution role.
 *
 * @throws Failure `TerminationProtection`; StackFailed with the resources that could not be deleted, the root cause
 * first
 */
export async function deleteStack({
  target,
  stack,
  cloudFormation,
  watch,
  clock,
  listener,
}: DeleteStack): Promise<void> {
  const { id } = target.stack;
  const say = (step: string) => listener({ type: 'item-progress', id, step });
  const startedAt = clock.now();
  let current = stack;
  // A change set in review is no operation: nothing will end it but deletion.
  if (current.status.endsWith('_IN_PROGRESS') && current.status !== 'REVIEW_IN_PROGRESS') {
    say(`waiting for ${current.status}`);
    current = await watch.follow(current.id);
    if (current.status === 'DELETE_COMPLETE') return;
  }
  if (current.terminationProtection) throw protectedStack(target);
  say('deleting');
  const token = `nx-cdk-${randomUUID()}`;
  await cloudFormation.deleteStack(current.id, token, target.executionRoleArn);
  const end = await watch.follow(current.id, { before: current });
  if (end.status === 'DELETE_COMPLETE') return;
  const causes = await findCauses(cloudFormation, current.id, { token, startedAt }, target.stack);
  const [root] = causes;
  const where = root && ` at ${root.constructPath ?? root.logicalId} (${root.resourceType})`;
  const why = root?.reason ?? end.statusReason ?? 'CloudFormation gave no reason';
  throw new StackFailed(
    'StackFailed',
    `${id}: deletion failed in ${target.targetName}${where ?? ''}: ${why.replace(/\.$/, '')}; status is ${end.status}: remove what keeps these resources from being deleted, then run nx destroy again`,
    causes,
  );
}

function protectedStack(target: ResolvedStack): Failure {
  return new Failure(
    'TerminationProtected',
    `${target.stack.id}: ${target.stack.stackName} in ${target.targetName} is protected from deletion: set terminationProtection: false in the app and deploy it, then run nx destroy again`,
  );
}
