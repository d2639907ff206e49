import { Failure } from '../failure/index.ts';
import { createChangeSet, type ChangeSet, nameOf, type DescribedStack, desire, snapshotOf, type DesiredStack, NO_CHANGES, UNCHANGED, type Changes, readTemplate, sameTemplate, summarize, judge } from '../cloudformation/index.ts';
import { creationChanges } from './creation-changes.ts';
import { deleteRemains, planRecovery, rollBack, waitForOperation } from './recovery.ts';
import type { StackOutcome } from './request.ts';
import { isDone, wayOn } from './stack-machine.ts';
import { StackRun, type StackContext, type StackResult } from './stack-run.ts';

/** More transitions than any way through the statuses has; only a stack that others keep changing gets there. */
const MAXIMUM_STEPS = 20;

/** CloudFormation's words for a stack that is no longer as it was described a moment ago. */
const OUTDATED = /^Stack[ :].*(_IN_PROGRESS state|can ?not be updated|does not exist|already exists)/;

/** How often to look again at such a stack before believing CloudFormation. */
const LOOKS = ['second look', 'third look', 'fourth look'];

/** How long to wait before looking again at a stack that was not as described, in milliseconds. */
const LOOK_AGAIN_AFTER = 1000;

/**
 * Brings one stack to what the assembly says: looks at its status, goes the way that `stack-machine.ts` knows for it,
 * and looks again, until it is done.
 *
 * @throws Failure, StackFailed, Interrupted
 */
export async function deployStack(context: StackContext): Promise<StackResult> {
  const run = new StackRun(context);
  const { given, snapshot, rollback, dryRun, cloudFormation } = context;
  const { stack, targetName } = context.resolved;
  const [template, found] = await Promise.all([
    summarize(stack.id, stack.templateFile),
    snapshot.read(stack.stackName),
  ]);
  const desired = desire(context.resolved, template, given.forStack(stack, template));

  run.seen = snapshotOf(desired, found);
  let current = found;
  for (let step = 0; step < MAXIMUM_STEPS; step += 1) {
    run.stopIfInterrupted();
    const way = current ? wayOn(current.status, rollback) : 'create';
    if (!current || way === 'create' || way === 'update') {
      const result = await createOrUpdate(run, desired, way === 'update' ? current : undefined);
      if (result) return result;
      current = await cloudFormation.describe(stack.stackName);
    } else if (dryRun) {
      return planRecovery(run, desired, current, way);
    } else if (way === 'wait') {
      const waited = await waitForOperation(run, desired, current);
      const outcome = waited.stack.status === 'CREATE_COMPLETE' ? 'created' : 'updated';
      if (waited.deployed) return finish(run, waited.stack, outcome, NO_CHANGES);
      current = waited.stack;
    } else if (way === 'recreate') {
      await run.context.checkpoint.pass();
      current = await deleteRemains(run, current);
    } else if (way === 'stop') {
      throw new Failure(
        'StuckStack',
        `${stack.id}: stack ${stack.stackName} in ${targetName} is in status ${current.status}, from which only a ` +
          'person can lead it: repair it in the CloudFormation console, then deploy again',
      );
    } else {
      await run.context.checkpoint.pass();
      current = await rollBack(run, current, way);
    }
  }
  throw new Failure(
    'StackKeepsChanging',
    `${stack.id}: others keep changing this stack in ${targetName}: deploy again when they are done`,
  );
}

/**
 * Creates or updates, unless nothing changes.
 *
 * @param current the stack to update; undefined to create it
 * @returns undefined where the stack turned out to be in another state than it was described in
 */
async function createOrUpdate(
  run: StackRun,
  desired: DesiredStack,
  current: DescribedStack | undefined,
): Promise<StackResult | undefined> {
  const { bootstrap, checkpoint, clock, dryRun, force } = run.context;
  if (current && !force) {
    const reasons = await reasonsToDeploy(run, desired, current);
    if (reasons.length === 0) return unchanged(run, current);
    run.notes.push(...reasons);
  }
  checkpoint.open();
  await bootstrap.verify(run.resolved);
  await checkpoint.pass();
  if (dryRun && !current) return run.result('planned', creationChanges(desired), {});

  try {
    const changeSet = await prepare(run, desired, current);
    return await (dryRun ? plan(run, changeSet, current) : execute(run, desired, changeSet, current));
  } catch (error) {
    if (isOutdated(error) && LOOKS.some((look) => run.first(look))) {
      await clock.sleep(LOOK_AGAIN_AFTER);
      return undefined;
    }
    if (dryRun && (error as { code?: string }).code === 'AssetMissing') {
      run.notes.push('not published yet, so CloudFormation cannot say which resources change');
      return run.result('planned', NO_CHANGES, current?.outputs ?? {});
    }
    throw error;
  }
}

async function reasonsToDeploy(
  run: StackRun,
  desired: DesiredStack,
  current: DescribedStack,
): Promise<readonly string[]> {
  const verdict = judge(desired, current);
  if (verdict.is === 'unchanged') return [];
  if (verdict.is === 'changed') return verdict.reasons;
  const { stack } = run.resolved;
  const [ours, deployed] = await Promise.all([
    readTemplate(stack.id, stack.templateFile),
    run.context.cloudFormation.originalTemplate(current.id),
  ]);
  return sameTemplate(ours, deployed) ? [] : ['template differs'];
}

/** Checks that everything is published, and lets CloudFormation work out the change set. */
async function prepare(run: StackRun, desired: DesiredStack, current: DescribedStack | undefined): Promise<ChangeSet> {
  const { assets, checkpoint, cloudFormation, clock } = run.context;
  run.step('creating change set');
  if (!checkpoint.hasVerified(run.resolved.stack.id)) await assets.verify(run.resolved);
  run.stopIfInterrupted();
  try {
    return await createChangeSet(cloudFormation, clock, desired, current);
  } catch (error) {
    throw await assets.explain(run.resolved, error);
  }
}

async function plan(run: StackRun, changeSet: ChangeSet, current: DescribedStack | undefined): Promise<StackResult> {
  await run.context.cloudFormation.deleteChangeSet(changeSet.id, changeSet.stackId);
  const outcome = changeSet.hasChanges ? 'planned' : 'unchanged';
  return run.result(outcome, changeSet.changes, current?.outputs ?? {});
}

async function execute(
  run: StackRun,
  desired: DesiredStack,
  changeSet: ChangeSet,
  current: DescribedStack | undefined,
): Promise<StackResult> {
  const { cloudFormation, clock, signal, rollback } = run.context;
  if (!changeSet.hasChanges || signal?.aborted) {
    await cloudFormation.deleteChangeSet(changeSet.id, changeSet.stackId);
    run.stopIfInterrupted();
    if (current) return unchanged(run, current);
    throw new Failure(
      'EmptyStack',
      `${run.resolved.stack.id}: its template creates nothing: a stack needs at least one resource`,
    );
  }
  await admit(run, desired, changeSet, current);
  run.step(current ? 'updating' : 'creating');
  const { stackId, name } = changeSet;
  const operation = { stackId, token: name, changeSet: name, startedAt: clock.now() };
  await cloudFormation.executeChangeSet(changeSet.id, stackId, name, rollback);
  const ended = await run.follow(operation, current, changeSet.changes.resources.length);
  if (isDone(ended.status)) return finish(run, ended, current ? 'updated' : 'created', changeSet.changes);
  throw await run.failed(current ? 'the update' : 'the creation', ended, operation);
}

/** Asks the gates about a change set; one that they refuse is not left for somebody to execute. */
async function admit(
  run: StackRun,
  desired: DesiredStack,
  changeSet: ChangeSet,
  current: DescribedStack | undefined,
): Promise<void> {
  const { checkpoint, cloudFormation } = run.context;
  try {
    await checkpoint.admit({ desired, current }, changeSet);
  } catch (refusal) {
    await cloudFormation.deleteChangeSet(changeSet.id, changeSet.stackId).catch(() => undefined);
    throw refusal;
  }
}

async function unchanged(run: StackRun, current: DescribedStack): Promise<StackResult> {
  const switched = await protect(run, current);
  return run.result(switched ? (run.context.dryRun ? 'planned' : 'updated') : 'unchanged', UNCHANGED, current.outputs);
}

async function finish(
  run: StackRun,
  stack: DescribedStack,
  outcome: StackOutcome,
  changes: Changes,
): Promise<StackResult> {
  await protect(run, stack);
  return run.result(outcome, changes, stack.outputs);
}

/**
 * Switches termination protection where the app states it and it differs. Only when the stack is there and well:
 * before, it would keep a failed creation from being cleared away.
 */
async function protect(run: StackRun, current: DescribedStack): Promise<boolean> {
  const wanted = run.resolved.stack.terminationProtection;
  if (wanted === undefined || wanted === current.terminationProtection) return false;
  if (!run.context.dryRun) {
    await run.context.checkpoint.pass();
    await run.context.cloudFormation.setTerminationProtection(current.name, wanted);
  }
  run.notes.push(`termination protection ${wanted ? 'enabled' : 'disabled'}`);
  return true;
}

function isOutdated(error: unknown): boolean {
  if (nameOf(error) === 'AlreadyExistsException') return true;
  return nameOf(error) === 'ValidationError' && OUTDATED.test((error as Error).message);
}
