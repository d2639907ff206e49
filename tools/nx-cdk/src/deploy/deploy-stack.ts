import {
  type Changes,
  type ChangeSet,
  deployAction,
  type DescribedStack,
  type DesiredStack,
  isDone,
  NO_CHANGES,
  readState,
  reasonsToUpdate,
  seenStack,
  type StackState,
  UNCHANGED,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { lookAgainIfOutdated, prepareChangeSet, protectionToSet } from './prepare.ts';
import { deleteRemains, rollBack, waitForOperation } from './recovery.ts';
import type { StackOutcome, StackResult } from './request.ts';
import type { StackDeployment } from './stack-deployment.ts';

/** More transitions than any way through the statuses has; only a stack that others keep changing gets there. */
const MAXIMUM_STEPS = 20;

/**
 * Brings one stack to what the assembly says: looks at its status, does what `deployAction` says, and looks again,
 * until it is done.
 *
 * @throws Failure, StackFailed, Interrupted, Blocked
 */
export async function deployStack(deployment: StackDeployment): Promise<StackResult> {
  const { stack, run } = deployment;
  const state = await readState(stack, run.given);
  deployment.seen = seenStack(state);
  return lookAgainIfOutdated(stack, state.current, (current) => bringUpToDate(deployment, state.desired, current));
}

async function bringUpToDate(
  deployment: StackDeployment,
  desired: DesiredStack,
  found: DescribedStack | undefined,
): Promise<StackResult> {
  const { gates, run } = deployment;
  let current = found;
  for (let step = 0; step < MAXIMUM_STEPS; step += 1) {
    const action = current ? deployAction(current.status, run.request.rollback) : 'create';
    if (!current || action === 'create') return createOrUpdate(deployment, desired, undefined);
    if (action === 'update') return createOrUpdate(deployment, desired, current);
    if (action === 'repair') throw stuckStack(deployment, current);
    if (action === 'wait') {
      const { stack, deployed } = await waitForOperation(deployment, desired, current);
      const outcome = stack.status === 'CREATE_COMPLETE' ? 'created' : 'updated';
      if (deployed) return finish(deployment, stack, outcome, NO_CHANGES);
      current = stack;
    } else {
      await gates.pass();
      current =
        action === 'recreate' ? await deleteRemains(deployment, current) : await rollBack(deployment, current, action);
    }
  }
  throw new Failure('StackKeepsChanging', {
    subject: deployment.id,
    what: 'others keep changing this stack',
    where: deployment.stack.resolved.targetName,
    next: 'deploy again when they are done',
  });
}

function stuckStack({ stack: { resolved } }: StackDeployment, { status }: DescribedStack): Failure {
  const { stack, targetName } = resolved;
  return new Failure('StuckStack', {
    subject: stack.id,
    what: `stack ${stack.stackName} in ${targetName} is in status ${status}, from which only a person can lead it`,
    next: 'repair it in the CloudFormation console, then deploy again',
  });
}

/**
 * Creates or updates, unless nothing changes.
 *
 * @param current the stack to update; undefined to create it
 */
async function createOrUpdate(
  deployment: StackDeployment,
  desired: DesiredStack,
  current: DescribedStack | undefined,
): Promise<StackResult> {
  const { gates, run, stack } = deployment;
  if (current && !run.request.force) {
    const deployedTemplate = () => stack.cloudFormation.originalTemplate(current.id);
    const reasons = await reasonsToUpdate(desired, current, deployedTemplate);
    if (reasons.length === 0) return unchanged(deployment, current);
    deployment.notes.push(...reasons);
  }
  gates.begin();
  await run.bootstrap.verify(stack.resolved);
  await gates.pass();
  deployment.step('creating change set');
  const state = { cloudFormation: stack.cloudFormation, desired, current };
  const changeSet = await prepareChangeSet(run, state, !gates.hasVerified(deployment.id));
  return execute(deployment, state, changeSet);
}

async function execute(deployment: StackDeployment, state: StackState, changeSet: ChangeSet): Promise<StackResult> {
  const { run, id: subject } = deployment;
  const { cloudFormation, current } = state;
  const { id, stackId, name, hasChanges, changes } = changeSet;
  if (!hasChanges || run.signal?.aborted) {
    await cloudFormation.deleteChangeSet(id, stackId);
    deployment.stopIfInterrupted();
    if (current) return unchanged(deployment, current);
    const what = 'its template creates nothing';
    throw new Failure('EmptyStack', { subject, what, next: 'a stack needs at least one resource' });
  }
  await admit(deployment, state, changeSet);
  deployment.step(current ? 'updating' : 'creating');
  const operation = { stackId, token: name, startedAt: run.clock.now() };
  await cloudFormation.executeChangeSet(id, stackId, name, run.request.rollback ?? true);
  const ended = await deployment.follow(operation, current, changes.resources.length, name);
  if (isDone(ended.status)) return finish(deployment, ended, current ? 'updated' : 'created', changes);
  throw await deployment.failed(current ? 'the update' : 'the creation', ended, operation);
}

/** Asks the gates about a change set; one that they refuse is not left for somebody to execute. */
async function admit({ gates }: StackDeployment, state: StackState, changeSet: ChangeSet): Promise<void> {
  try {
    await gates.admit(state, changeSet);
  } catch (refusal) {
    await state.cloudFormation.deleteChangeSet(changeSet.id, changeSet.stackId).catch(() => undefined);
    throw refusal;
  }
}

async function unchanged(deployment: StackDeployment, current: DescribedStack): Promise<StackResult> {
  const switched = await switchProtection(deployment, current);
  return deployment.result(switched ? 'updated' : 'unchanged', UNCHANGED, current.outputs);
}

async function finish(
  deployment: StackDeployment,
  stack: DescribedStack,
  outcome: StackOutcome,
  changes: Changes,
): Promise<StackResult> {
  await switchProtection(deployment, stack);
  return deployment.result(outcome, changes, stack.outputs);
}

/**
 * Switches termination protection if the app states it and it differs. Only when the stack is there and well: before,
 * it would keep a failed creation from being cleared away.
 */
async function switchProtection({ stack, gates, notes }: StackDeployment, current: DescribedStack): Promise<boolean> {
  const enabled = protectionToSet(stack, current);
  if (enabled === undefined) return false;
  await gates.pass();
  await stack.cloudFormation.setTerminationProtection(current.name, enabled);
  notes.push(`termination protection ${enabled ? 'enabled' : 'disabled'}`);
  return true;
}
