import { Failure, type FailureCode } from '../failure/index.ts';
import type { FailureCause } from './changes.ts';
import type { ResolvedStack } from './resolved-stack.ts';

/** An operation on a stack that CloudFormation carried out and that failed. */
export class StackFailed extends Failure {
  /** The resources that failed, the root cause first. */
  readonly causes: readonly FailureCause[];

  constructor(code: FailureCode, message: string, causes: readonly FailureCause[]) {
    super(code, message);
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

/** Words a failed operation. */
export function stackFailed(
  target: ResolvedStack,
  what: string,
  status: string,
  reason: string | undefined,
  causes: readonly FailureCause[],
): StackFailed {
  const [root] = causes;
  const where =
    root &&
    ` at ${root.constructPath ?? root.logicalId} (${[root.resourceType, root.source].filter(Boolean).join(', ')})`;
  const why = root?.reason ?? reason ?? 'CloudFormation gave no reason';
  const next = NEXT_STEPS[status] ?? 'look at the stack in the console before deploying again';
  return new StackFailed(
    'StackFailed',
    `${target.stack.id}: ${what} failed in ${target.targetName}${where ?? ''}: ${why.replace(/\.$/, '')}; status is ${status}: ${next}`,
    causes,
  );
}
