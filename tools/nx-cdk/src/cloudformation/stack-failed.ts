import type { ResourceOrigin } from '../assembly/index.ts';
import { Failure, type FailureCode, type FailureParts } from '../failure/index.ts';
import type { ResolvedStack } from './resolved-stack.ts';

/** A resource that failed. */
export interface FailureCause extends ResourceOrigin {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly status: string;
  readonly reason: string;
}

/** CloudFormation has refused an operation on a stack, or the operation has failed. */
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

/**
 * The failure of an operation.
 *
 * @param what `the update`
 * @param ended the stack as the operation left it
 * @param next what to do about it. @default - by the status of the stack
 */
export function stackFailed(
  { stack, targetName }: ResolvedStack,
  what: string,
  { status, statusReason }: { readonly status: string; readonly statusReason?: string },
  causes: readonly FailureCause[],
  next = NEXT_STEPS[status] ?? 'look at the stack in the console before deploying again',
): StackFailed {
  const [root] = causes;
  const type = [root?.resourceType, root?.source].filter(Boolean).join(', ');
  const place = root ? `${targetName} at ${root.constructPath ?? root.logicalId} (${type})` : targetName;
  const why = (root?.reason ?? statusReason ?? 'CloudFormation gave no reason').replace(/\.$/, '');
  const happened = `${what} failed in ${place}: ${why}; status is ${status}`;
  return new StackFailed('StackFailed', { subject: stack.id, what: happened, next }, causes);
}
