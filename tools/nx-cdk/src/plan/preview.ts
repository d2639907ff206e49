import pLimit from 'p-limit';
import {
  deployAction,
  deployedTemplateOf,
  type ExistingState,
  NO_CHANGES,
  type OpenedStack,
  seenStack,
  type StackAction,
  type StackState,
  reasonsToUpdate,
  UNCHANGED,
} from '../cloudformation/index.ts';
import {
  type DeployReport,
  type DeployRequest,
  ExportsInUse,
  isEmpty,
  lookAgainIfOutdated,
  twoStepsNote,
  notesOf,
  notesOfUnchanged,
  openRun,
  prepareChangeSet,
  protectionToSet,
  runStacks,
  type StackDependencies,
  type StackReport,
  type StackResult,
  type StackRun,
  stateOf,
} from '../deploy/index.ts';
import { Failure } from '../failure/index.ts';
import type { PlannedStack } from './model.ts';
import { creationChanges, type Outlook, planStack } from './plan-stack.ts';
import { COMPARED_AT_ONCE } from './template.ts';

/** What a deployment would change. Lists are in the order of the assembly. */
interface Preview {
  /** A stack with an unclear outcome counts as planned, with a note. */
  readonly report: DeployReport;
  /** Without stacks that failed, and those with an unclear outcome. */
  readonly planned: readonly PlannedStack[];
  /** Why it is unclear what would change, for each such stack. */
  readonly unclear: readonly Failure[];
}

interface Unclear extends Pick<Outlook, 'notes' | 'changes'> {
  readonly outcome: 'unclear';
  readonly failure: Failure;
}

/**
 * Works out what a deployment would change, and changes nothing: CloudFormation makes a change set for each stack that
 * differs, which is described and deleted again. For a new stack see `creationChanges`.
 *
 * @param action as the display names it: `plan`, `deploy (dry run)`
 * @param conclude what to say in the end. @default - how many stacks ended in which way
 * @throws Failure for a request that makes no sense, as `deploy` does
 */
export async function preview(
  request: DeployRequest,
  dependencies: StackDependencies,
  action: string,
  conclude: (preview: Omit<Preview, 'report'>, reports: readonly StackReport[]) => [string?, boolean?] = () => [],
): Promise<Preview> {
  const run = await openRun(request, dependencies);
  const exports = new ExportsInUse(run);
  const limit = pLimit(COMPARED_AT_ONCE);
  const planned = new Map<string, PlannedStack>();
  const unclear = new Map<string, Failure>();
  const work = async (stack: OpenedStack): Promise<StackResult> => {
    return lookAgainIfOutdated(await stateOf(run, stack), async (state) => {
      const { id } = stack.resolved.stack;
      const found = await outlookOf(run, stack, state);
      const kept = found.outcome === 'update' ? (await exports.find()).get(id) : undefined;
      const outlook = kept === undefined ? found : { ...found, notes: [...found.notes, twoStepsNote(kept)] };
      if (outlook.outcome === 'unclear') unclear.set(id, outlook.failure);
      else planned.set(id, await limit(() => planStack(state, { ...outlook, mode: run.settingsOf(id).mode })));
      const { outcome, notes, changes } = outlook;
      const outputs = outcome === 'create' ? {} : (state.current?.outputs ?? {});
      return {
        outcome: outcome === 'unchanged' ? outcome : 'planned',
        notes,
        changes,
        outputs,
        seen: seenStack(state),
      };
    });
  };
  const lists = () => ({
    planned: run.stacks.flatMap(({ id }) => planned.get(id) ?? []),
    unclear: run.stacks.flatMap(({ id }) => unclear.get(id) ?? []),
  });
  const report = await runStacks(run, action, work, (reports) => conclude(lists(), reports));
  return { report, ...lists() };
}

async function outlookOf(run: StackRun, stack: OpenedStack, state: StackState): Promise<Outlook | Unclear> {
  const outlook = await outlookOfResources(run, stack, state);
  const { resolved } = stack;
  const isNew = outlook.outcome === 'create' || outlook.outcome === 'recreate';
  const terminationProtection = protectionToSet(resolved, isNew ? undefined : state.current);
  if (outlook.outcome === 'unclear' || terminationProtection === undefined) return outlook;
  const note = `termination protection ${terminationProtection ? 'enabled' : 'disabled'}`;
  const outcome = outlook.outcome === 'unchanged' ? 'update' : outlook.outcome;
  return { ...outlook, outcome, terminationProtection, notes: [...outlook.notes, note] };
}

async function outlookOfResources(run: StackRun, stack: OpenedStack, state: StackState): Promise<Outlook | Unclear> {
  const { desired, current } = state;
  const action = current ? deployAction(current, run.settingsOf(desired.resolved.stack.id)) : 'create';
  if (!current || action === 'create') {
    await run.bootstrap.verify(stack.resolved);
    const notes = isEmpty(desired) ? ['it has no resources: there is nothing to deploy'] : [];
    notes.push(...(await run.leftBehind.notesOfNew(stack.resolved, desired.template.text)));
    return { outcome: 'create', notes, changes: creationChanges(desired) };
  }
  if (action === 'update') return outlookOfUpdate(run, stack, { ...state, current });
  const [first, next] = FIRST[action];
  const what = `status is ${current.status}: ${first}`;
  if (action === 'recreate') return { outcome: 'recreate', notes: [what], changes: creationChanges(desired) };
  const parts = { what: `what changes depends on how that ends: ${what}`, next };
  return unclearOutlook([what], new Failure('Unplannable', { subject: desired.resolved.stack.id, ...parts }));
}

function unclearOutlook(notes: readonly string[], failure: Failure): Unclear {
  return { outcome: 'unclear', notes, changes: NO_CHANGES, failure };
}

const BRING_BACK = 'bring it back with nx rollback <project>, then plan again';

/** What a deployment would do first, and what to do about it before a plan can be made. */
const FIRST: Readonly<Record<Exclude<StackAction, 'create' | 'update'>, readonly [what: string, next: string]>> = {
  recreate: ['the stack would be deleted and created anew', ''],
  wait: ['the running operation would be waited for first', 'plan again when it is done'],
  'roll-back': ['the stack would be rolled back first', BRING_BACK],
  'continue-rollback': ['the rollback would be continued first', BRING_BACK],
  'go-on-express': [
    'it failed in express mode, and only another deployment in that mode leads it on',
    'plan it with --express',
  ],
  repair: ['the stack has to be repaired in the CloudFormation console first', 'repair it, then plan again'],
};

async function outlookOfUpdate(run: StackRun, stack: OpenedStack, state: ExistingState): Promise<Outlook | Unclear> {
  const { cloudFormation, desired } = state;
  const deployedTemplate = deployedTemplateOf(state);
  const force = run.request.force ?? false;
  const reasons = force ? [] : await reasonsToUpdate(state, deployedTemplate);
  if (reasons.length === 0 && !force && !run.request.revertDrift) {
    return {
      outcome: 'unchanged',
      notes: notesOfUnchanged(state, run.settingsOf(desired.resolved.stack.id)),
      changes: UNCHANGED,
      deployedTemplate,
    };
  }
  await run.bootstrap.verify(stack.resolved);
  try {
    const changeSet = await prepareChangeSet(run, state, { deployedTemplate });
    await cloudFormation.deleteChangeSet(changeSet);
    const { hasChanges, changes } = changeSet;
    const notes = [...reasons, ...notesOf(changeSet)];
    return { outcome: hasChanges ? 'update' : 'unchanged', notes, changes, deployedTemplate };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'AssetMissing') throw error;
    const notes = [...reasons, 'not published yet, so CloudFormation cannot say which resources change'];
    const parts = { what: notes.join('; '), next: 'run publish first (nx publish <project>), then plan again' };
    return unclearOutlook(notes, new Failure('NotPublished', { subject: desired.resolved.stack.id, ...parts }));
  }
}
