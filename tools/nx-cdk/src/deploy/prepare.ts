import {
  type Changes,
  type ChangeSet,
  type DeploymentSettings,
  createChangeSet,
  type DescribedStack,
  type DesiredStack,
  hasOtherAlarms,
  nameOf,
  type ResolvedStack,
  Skipped,
  type StackState,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { count } from '../progress/index.ts';
import type { StackRun } from './run-stacks.ts';

const NEW_DEFAULTS =
  'A parameter that nobody gave a value gets the new default of its template. The CDK CLI keeps the old one: to do so here, give it with --parameters.';

/** What CloudFormation says of a stack that is no longer as it was described a moment ago. */
const OUTDATED = /^Stack[ :].*(_IN_PROGRESS state|can ?not be updated|does not exist|already exists)/;

/** How often to look again at such a stack, and how long to wait before, in milliseconds. */
const MAXIMUM_LOOKS = 3;
const LOOK_AGAIN_AFTER = 1000;

interface Preparation {
  /** How it will be executed. @default - as the request says */
  readonly settings?: DeploymentSettings;
  /** Whether to check first that all assets are published. @default true */
  readonly verify?: boolean;
  /** See `createChangeSet`. */
  readonly deployedTemplate?: () => Promise<string>;
}

/** Whether a template has no resources, which CloudFormation refuses, and the CDK CLI skips. */
export function isEmpty({ template: { resources } }: DesiredStack): boolean {
  return resources.size === 0;
}

/**
 * Lets CloudFormation work out a change set.
 *
 * @throws Failure `EmptyStack` if nothing would be left of a stack, `AssetMissing` if something is not published;
 * Skipped if the run is interrupted before
 */
export async function prepareChangeSet(
  run: StackRun,
  state: StackState,
  { settings, verify = true, deployedTemplate }: Preparation = {},
): Promise<ChangeSet> {
  const { resolved } = state.desired;
  if (isEmpty(state.desired)) {
    const { id: subject } = resolved.stack;
    const what = 'its template has no resources any more, and CloudFormation keeps no stack without any';
    throw new Failure('EmptyStack', { subject, what, next: `delete it: nx destroy <project> --stacks='${subject}'` });
  }
  if (verify) await run.assets.verify(resolved);
  if (run.signal?.aborted) throw new Skipped();
  try {
    const { owner, release } = run.request;
    const how = { settings: settings ?? run.settingsOf(resolved.stack.id), deployedTemplate, owner, release };
    const changeSet = await createChangeSet(state, how);
    if (changeSet.newDefaults.length > 0) run.sayOnce(NEW_DEFAULTS);
    return changeSet;
  } catch (error) {
    throw await run.assets.explain(resolved, error);
  }
}

/** What is special about a change set, for reports. */
export function notesOf({ newDefaults, changes }: ChangeSet): string[] {
  const drifted = changes.resources.filter(({ drift }) => drift !== undefined).length;
  const reverts = drifted === 0 ? [] : [`${count(drifted, 'resource')} had drifted`];
  return [...newDefaults.map((name) => `parameter ${name} gets its new default`), ...reverts];
}

/** What a drift-aware change set brings back, a line for each resource, without values. */
export function revertedIn({ resources }: Changes): string[] {
  return resources.flatMap(({ action, drift, properties = [], ...resource }) => {
    if (drift === undefined) return [];
    const name = `${resource.constructPath ?? resource.logicalId} (${resource.resourceType})`;
    if (drift === 'deleted') return [`${name} was deleted by other means`];
    const paths = properties.filter(({ drifted }) => drifted).map(({ path }) => path);
    const what = paths.length === 0 ? '' : `: ${paths.join(', ')}`;
    return [`${action === 'SyncWithActual' ? 'drift that the app has too' : 'reverting drift'} of ${name}${what}`];
  });
}

/** What a stack that is unchanged may lack all the same, for reports. */
export function notesOfUnchanged(
  { desired, current }: Pick<StackState, 'desired' | 'current'>,
  { monitoring }: DeploymentSettings,
): string[] {
  const { resolved, template } = desired;
  const { mayMove } = template;
  const moving =
    mayMove.length > 0 && `${mayMove.join(', ')} may have changed in SSM: --force lets CloudFormation look`;
  const alarms =
    current !== undefined &&
    monitoring !== undefined &&
    hasOtherAlarms(current, resolved, monitoring) &&
    'it gets the alarms of its environment with its next change';
  return [moving, alarms].filter((note) => note !== false);
}

/** Works on a stack as it was found, and up to three times more if it turns out to be in another state meanwhile. */
export async function lookAgainIfOutdated<T>(found: StackState, work: (state: StackState) => Promise<T>): Promise<T> {
  const { cloudFormation, desired } = found;
  let { current } = found;
  for (let looks = 1; ; looks += 1) {
    try {
      return await work({ ...found, current });
    } catch (error) {
      if (!isOutdated(error) || looks > MAXIMUM_LOOKS) throw error;
      await cloudFormation.clock.sleep(LOOK_AGAIN_AFTER);
      current = await cloudFormation.describe(desired.resolved.stack.stackName);
    }
  }
}

function isOutdated(error: unknown): boolean {
  if (nameOf(error) === 'AlreadyExistsException') return true;
  return nameOf(error) === 'ValidationError' && OUTDATED.test((error as Error).message);
}

/** What termination protection has to be switched to; undefined if the app does not say, or it is so already. */
export function protectionToSet({ stack }: ResolvedStack, current: DescribedStack | undefined): boolean | undefined {
  const wanted = stack.terminationProtection;
  return wanted === (current?.terminationProtection ?? false) ? undefined : wanted;
}
