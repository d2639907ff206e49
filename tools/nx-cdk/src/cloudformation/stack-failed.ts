import { Failure, type FailureCode, type FailureParts } from '../failure/index.ts';
import type { StackOperation } from './client.ts';
import type { DescribedStack } from './described-stack.ts';
import { ALARM, type FailureCause, findCauses } from './events.ts';
import type { OpenedStack } from './open-stacks.ts';

/** CloudFormation refused an operation on a stack, or the operation failed. */
export class StackFailed extends Failure {
  /** The resources that failed, the root cause first. */
  readonly causes: readonly FailureCause[];

  constructor(code: FailureCode, parts: FailureParts, causes: readonly FailureCause[]) {
    super(code, parts);
    this.causes = causes;
  }
}

/** What can be done about a stack in the status that a failed operation left it in. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  ROLLBACK_COMPLETE: 'correct the cause and deploy again, which creates the stack anew',
  ROLLBACK_FAILED: 'correct the cause and deploy again, which creates the stack anew',
  CREATE_FAILED: 'correct the cause and deploy again',
  UPDATE_ROLLBACK_COMPLETE: 'the stack is as it was before: correct the cause and deploy again',
  UPDATE_FAILED: 'correct the cause and deploy again, or undo the update with nx rollback',
  UPDATE_ROLLBACK_FAILED:
    'the rollback got stuck as well: correct the cause and deploy again, or skip resources with nx rollback',
  REVIEW_IN_PROGRESS: 'CloudFormation did not start it: deploy again',
  DELETE_FAILED: 'remove what keeps these resources from being deleted, then deploy again',
};

const LOOK = 'look at the stack in the console before deploying again';

/** After an alarm of the environment has ended an update. */
const ALARM_STEPS =
  'the stack is rolled back: look at that alarm in CloudWatch (CloudFormation also ends an update if it is missing), correct the cause and deploy again';

/** After an operation in express mode: CloudFormation then takes no rollback, and no other mode. */
const EXPRESS_STEPS: Readonly<Record<string, string>> = {
  CREATE_FAILED: 'correct the cause and deploy again, with --express to go on where it stopped',
  UPDATE_FAILED: 'correct the cause and deploy again with --express: nothing else leads it on, and no rollback',
};

/**
 * The failure of an operation, with its causes.
 *
 * @param what `the update`
 * @param ended the stack as the operation left it
 * @param next what to do about it. @default - by the status of the stack
 */
export async function stackFailed(
  { resolved, cloudFormation }: Pick<OpenedStack, 'resolved' | 'cloudFormation'>,
  what: string,
  operation: StackOperation,
  { status, statusReason, mode }: Pick<DescribedStack, 'status' | 'statusReason' | 'mode'>,
  next?: string,
): Promise<StackFailed> {
  const { stack, targetName } = resolved;
  const causes = await findCauses(cloudFormation, operation, stack).catch(() => []);
  const [root] = causes;
  const type = [root?.resourceType, root?.source].filter(Boolean).join(', ');
  const place = root ? `${targetName} at ${root.constructPath ?? root.logicalId} (${type})` : targetName;
  const why = (root?.reason ?? statusReason ?? 'CloudFormation gave no reason').replace(/\.$/, '');
  const happened = `${what} failed in ${place}: ${why}; status is ${status}`;
  const advice =
    (root?.status === ALARM && ALARM_STEPS) || (mode === 'express' && EXPRESS_STEPS[status]) || NEXT_STEPS[status];
  const parts = { subject: stack.id, what: happened, next: next ?? advice ?? LOOK };
  return new StackFailed('StackFailed', parts, causes);
}
