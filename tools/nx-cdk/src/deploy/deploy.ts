import {
  type Changes,
  type ChangeSet,
  deployAction,
  deployedTemplateOf,
  type DeployGate,
  type DeploymentSettings,
  type DescribedStack,
  isDone,
  NO_CHANGES,
  parseChangeSetName,
  parseInstance,
  type OpenedStack,
  reasonsToUpdate,
  Skipped,
  stackFailed,
  type StackState,
  UNCHANGED,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { ExportsInUse, twoStepsNote, refuseReplacedExports } from './exports.ts';
import { Gates } from './gates.ts';
import { compareOutputs } from './output-changes.ts';
import {
  isEmpty,
  lookAgainIfOutdated,
  notesOf,
  notesOfUnchanged,
  prepareChangeSet,
  protectionToSet,
  revertedIn,
} from './prepare.ts';
import { deleteRemains, rollBack, waitForOperation } from './recovery.ts';
import { ableToReplace } from './replacements.ts';
import type { DeployReport, DeployRequest, StackOutcome, StackResult } from './request.ts';
import { openRun, runStacks, type StackDependencies, type StackRun, stateOf } from './run-stacks.ts';
import { SecondSteps } from './second-steps.ts';
import { StackDeployment } from './stack-deployment.ts';

/** What a deploy run works with. */
export interface DeployDependencies extends StackDependencies {
  /** Asked in their order before anything changes. @default none */
  readonly gates?: readonly DeployGate[];
}

/** Deploys stacks with nothing but their deploy roles; reports what goes wrong. @throws Failure as `openRun` does */
export async function deploy(request: DeployRequest, dependencies: DeployDependencies): Promise<DeployReport> {
  const run = await openRun(request, dependencies);
  const exports = new ExportsInUse(run);
  const gates = new Gates(dependencies.gates ?? [], run, exports);
  const tools = { run, gates, exports };
  const steps = new SecondSteps(exports);
  const report = await runStacks(run, 'deploy', async (stack) => {
    const result = await deployStack(stack, tools);
    const { id } = stack.resolved.stack;
    const notes = await steps.after(id, (exporter) => takeExportsAway(run.opened.get(exporter), tools, id));
    return { ...result, notes: [...result.notes, ...notes] };
  });
  return steps.reported(report);
}

/** What the deployments of a run share. */
interface Tools {
  readonly run: StackRun;
  readonly gates: Gates;
  readonly exports: ExportsInUse;
}

/** More transitions than any way through the statuses has; only a stack that others keep changing gets there. */
const MAXIMUM_STEPS = 20;

/** Brings one stack to what the assembly says. @throws Failure, StackFailed, Skipped */
async function deployStack(stack: OpenedStack, { run, gates, exports }: Tools): Promise<StackResult> {
  const found = await stateOf(run, stack);
  const deployment = new StackDeployment(stack, run, gates, found);
  return lookAgainIfOutdated(found, (state) => bringUpToDate(deployment, state, exports));
}

/** Brings a stack that had to keep exports to what the assembly says. @param shownAs the item that is worked on */
async function takeExportsAway(stack: OpenedStack, { run, gates, exports }: Tools, shownAs: string) {
  const after = (await exports.find()).get(stack.resolved.stack.id)?.desired.digest;
  const state = await stateOf(run, stack);
  const current = await stack.cloudFormation.describe(stack.resolved.stack.stackName);
  const found = { ...state, current, after };
  const deployment = new StackDeployment(stack, run, gates, found, shownAs);
  return lookAgainIfOutdated(found, (again) => bringUpToDate(deployment, again, exports));
}

/** Does what `deployAction` says, and looks again, until the stack is done. */
async function bringUpToDate(
  deployment: StackDeployment,
  found: StackState,
  exports: ExportsInUse,
): Promise<StackResult> {
  const { gates, run } = deployment;
  let { current } = found;
  for (let step = 0; step < MAXIMUM_STEPS; step += 1) {
    refuseOtherInstance(deployment, current);
    const action = current ? deployAction(current, run.settingsOf(deployment.id)) : 'create';
    if (!current || action === 'create') return createOrUpdate(deployment, { ...found, current: undefined }, exports);
    if (action === 'update') return createOrUpdate(deployment, { ...found, current }, exports);
    if (action === 'repair' || action === 'go-on-express') throw stuckStack(deployment, current, action);
    if (action === 'wait') {
      const { stack, deployed } = await waitForOperation(deployment, current);
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

/**
 * A stack that a deployment made for another instance of an app, or for none, is not this one's, whatever it is called:
 * names of instances and of stacks may add up to the same.
 *
 * @throws Failure `OtherInstance`
 */
function refuseOtherInstance({ run, stack: { resolved } }: StackDeployment, current: DescribedStack | undefined): void {
  const executed = parseChangeSetName(current?.changeSetId);
  if (executed === undefined) return;
  const [own, theirs] = [run.request.owner?.more, executed.more].map((more) => parseInstance(more)?.instance);
  if (own === theirs) return;
  const { stack, targetName } = resolved;
  const whose = theirs === undefined ? 'belongs to no instance' : `belongs to the instance ${theirs}`;
  throw new Failure('OtherInstance', {
    subject: stack.id,
    what: `the stack ${stack.stackName} in ${targetName} ${whose}`,
    next: 'choose another name for the instance, or let names of stacks begin with that of the stage',
  });
}

function stuckStack(
  { stack: { resolved } }: StackDeployment,
  { status }: DescribedStack,
  action: keyof typeof LEADS_ON,
): Failure {
  const { stack, targetName } = resolved;
  const [why, next] = LEADS_ON[action];
  const what = `stack ${stack.stackName} in ${targetName} is in status ${status}, ${why}`;
  return new Failure('StuckStack', { subject: stack.id, what, next });
}

/** Why a deployment cannot lead a stack on, and what can. */
const LEADS_ON = {
  repair: ['from which only a person can lead it', 'repair it in the CloudFormation console, then deploy again'],
  'go-on-express': [
    'since a deployment in express mode failed, and CloudFormation neither rolls it back nor updates it in another way',
    'correct the cause and deploy again with --express and without --rollback; after that, as you like',
  ],
  unchanged: [
    'and CloudFormation sees nothing to change',
    'roll it back (nx rollback), unless it failed in express mode: then deploy it with another change',
  ],
} as const;

const EXPRESS =
  'Express mode: CloudFormation does not wait until resources are ready, nor does what is deployed after them.';

/** Creates or updates, unless nothing changes. */
async function createOrUpdate(
  deployment: StackDeployment,
  state: StackState,
  exports: ExportsInUse,
): Promise<StackResult> {
  const { gates, run, stack, notes, seen } = deployment;
  const { current, desired } = state;
  if (!current && isEmpty(desired)) {
    notes.push('it has no resources: there is nothing to deploy');
    return { outcome: 'unchanged', notes, changes: UNCHANGED, outputs: {}, seen };
  }
  const deployedTemplate = current && deployedTemplateOf({ ...state, current });
  if (current && !run.request.force) {
    const reasons = await reasonsToUpdate({ ...state, current }, deployedTemplate);
    deployment.notes.push(...reasons);
    // Whether anything has drifted, only CloudFormation can tell.
    if (reasons.length === 0 && !run.request.revertDrift) {
      deployment.notes.push(...notesOfUnchanged(state, run.settingsOf(deployment.id)));
      return finish(deployment, current, 'unchanged', UNCHANGED);
    }
  }
  if (!current) notes.push(...(await run.leftBehind.notesOfNew(stack.resolved, desired.template.text)));
  gates.begin();
  await run.bootstrap.verify(stack.resolved);
  await gates.pass();
  const kept = state.after === undefined ? (await exports.find()).get(deployment.id) : undefined;
  if (kept !== undefined) deployment.notes.push(twoStepsNote(kept));
  const next = kept === undefined ? state : { ...state, desired: kept.desired };
  deployment.step('creating change set');
  const verify = !gates.hasVerified(deployment.id);
  const first = await prepareChangeSet(run, next, { verify, deployedTemplate });
  const { changeSet, settings } = await ableToReplace(deployment, next, first, deployedTemplate);
  deployment.notes.push(...notesOf(changeSet));
  return execute(deployment, next, changeSet, settings);
}

async function execute(
  deployment: StackDeployment,
  state: StackState,
  changeSet: ChangeSet,
  settings: DeploymentSettings,
): Promise<StackResult> {
  const { run, id: subject } = deployment;
  const { cloudFormation, current } = state;
  const { name, hasChanges, changes } = changeSet;
  if (!hasChanges || run.signal?.aborted) {
    await cloudFormation.deleteChangeSet(changeSet);
    if (run.signal?.aborted) throw new Skipped();
    if (current?.status.endsWith('_FAILED')) throw stuckStack(deployment, current, 'unchanged');
    if (current) return finish(deployment, current, 'unchanged', UNCHANGED);
    const what = 'its template creates nothing';
    throw new Failure('EmptyStack', { subject, what, next: 'a stack needs at least one resource' });
  }
  await admit(deployment, state, changeSet);
  for (const text of revertedIn(changes)) deployment.step(text);
  deployment.step(current ? 'updating' : 'creating');
  const isExpress = settings.mode === 'express';
  if (isExpress) run.sayOnce(EXPRESS);
  const operation = await cloudFormation.executeChangeSet(changeSet, settings);
  const ended = await deployment.follow(operation, current, changes.resources.length, name);
  if (isDone(ended.status)) {
    if (isExpress) deployment.notes.push('express mode: its resources may still become ready');
    // Such as "Update successful. One or more resources could not be deleted."
    if (ended.statusReason !== undefined) deployment.notes.push(ended.statusReason);
    return finish(deployment, ended, current ? 'updated' : 'created', changes);
  }
  throw await stackFailed(deployment.stack, current ? 'the update' : 'the creation', operation, ended);
}

/** Asks the gates about a change set; one that they refuse is not left for somebody to execute. */
async function admit({ gates }: StackDeployment, state: StackState, changeSet: ChangeSet): Promise<void> {
  try {
    await refuseReplacedExports(state, changeSet);
    await gates.admit(state, changeSet);
  } catch (refusal) {
    await state.cloudFormation.deleteChangeSet(changeSet).catch(() => undefined);
    throw refusal;
  }
}

/**
 * Switches termination protection if the app states it and it differs, and reports how the stack ended. Only when the
 * stack is there and well: before, protection would keep a failed creation from being cleared away.
 */
async function finish(
  { stack, gates, notes, seen, outputsBefore }: StackDeployment,
  current: DescribedStack,
  outcome: StackOutcome,
  changes: Changes,
): Promise<StackResult> {
  const { outputs } = current;
  const outputChanges = outcome === 'created' ? undefined : compareOutputs(outputsBefore ?? outputs, outputs);
  const result = { notes, changes, outputs, ...(outputChanges && { outputChanges }), seen };
  const enabled = protectionToSet(stack.resolved, current);
  if (enabled === undefined) return { outcome, ...result };
  await gates.pass();
  await gates.admitProtection(stack.resolved, enabled);
  await stack.cloudFormation.setTerminationProtection(current.name, enabled);
  notes.push(`termination protection ${enabled ? 'enabled' : 'disabled'}`);
  return { outcome: outcome === 'unchanged' ? 'updated' : outcome, ...result };
}
