import { type ChangeSet, type DeploymentSettings, rollsBack, type StackState } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { prepareChangeSet } from './prepare.ts';
import type { StackDeployment } from './stack-deployment.ts';

/** A change set, and how it has to be executed. */
interface Executable {
  readonly changeSet: ChangeSet;
  readonly settings: DeploymentSettings;
}

/**
 * Sees to it that a change set can replace what it wants to replace. CloudFormation replaces no resource while rollback
 * is off: it says so after it has changed others, and the stack is stuck then
 * (https://github.com/aws/aws-cdk-cli/issues/1931). In express mode rollback is off unless somebody asks for it, so a
 * replacement asks for it: by another change set, since it cannot be said later.
 *
 * @param first a change set with the settings of the run; if it is not the one to execute, it is deleted
 * @throws Failure `ReplacementNeedsRollback` if rollback may not be on
 */
export async function ableToReplace(
  { id, notes, run, stack: { cloudFormation } }: StackDeployment,
  state: StackState,
  first: ChangeSet,
  deployedTemplate?: () => Promise<string>,
): Promise<Executable> {
  const settings = run.settingsOf(id);
  const needed = needsRollback(first, settings, state);
  if (needed === undefined) return { changeSet: first, settings };
  await cloudFormation.deleteChangeSet(first);
  if (needed instanceof Failure) throw needed;
  notes.push('with rollback, because CloudFormation replaces no resource without it');
  // The name of a change set has its time in milliseconds.
  await cloudFormation.clock.sleep(1);
  const withRollback = { ...settings, rollback: true };
  const changeSet = await prepareChangeSet(run, state, { settings: withRollback, verify: false, deployedTemplate });
  return { changeSet, settings: withRollback };
}

/** Whether a change set needs rollback that it does not have; a failure if it may not have it. */
function needsRollback(
  { changes }: ChangeSet,
  settings: DeploymentSettings,
  { current, desired }: StackState,
): true | Failure | undefined {
  const isThere = current !== undefined && current.status !== 'REVIEW_IN_PROGRESS';
  const replaced = changes.resources.filter(({ replacement }) => replacement !== undefined);
  if (!isThere || replaced.length === 0 || rollsBack(settings)) return undefined;
  const hasFailed = current.status.endsWith('_FAILED');
  if (settings.rollback === undefined && !hasFailed) return true;
  // What may be replaced is tried, if there is no better way.
  const resource = replaced.find(({ replacement }) => replacement === 'always');
  if (resource === undefined) return undefined;
  const name = `${resource.constructPath ?? resource.logicalId} (${resource.resourceType})`;
  return new Failure('ReplacementNeedsRollback', {
    subject: desired.resolved.stack.id,
    what: `it would replace ${name}, which CloudFormation does only with rollback`,
    next: hasFailed
      ? `its status is ${current.status}: deploy what worked last, and then this`
      : 'leave --no-rollback out',
  });
}
