import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type DescribedStack,
  type ExistingState,
  nameOfChangeSet,
  parseChangeSetName,
  reasonsToUpdate,
  type SeenStack,
  type StackState,
} from '../cloudformation/index.ts';
import type { PlannedStack, StackBasis } from './model.ts';

/** Statuses after an operation that changed nothing in the end, or is not at its end. */
const WITHOUT_EFFECT = /ROLLBACK|_FAILED$|_IN_PROGRESS$/;

/** A stack as a plan remembers it. */
export function basisOf({ id, status, updatedAt, changeSetId }: NonNullable<SeenStack['stack']>): StackBasis {
  const changeSet = nameOfChangeSet(changeSetId);
  return { stackId: id, status, updatedAt: new Date(updatedAt).toISOString(), ...(changeSet && { changeSet }) };
}

/**
 * How a stack has moved since it was planned, as the end of a sentence. Undefined if it has not, is already what the
 * plan wants, or its last operation was an attempt at that: a deployment which failed half-way can be run again.
 * The deployed template is asked for only if nothing else can tell.
 */
export async function movedSince(planned: PlannedStack, state: StackState): Promise<string | undefined> {
  const { current } = state;
  const { basis } = planned;
  // A change set that nobody has executed makes no stack.
  const now = current?.status === 'REVIEW_IN_PROGRESS' || current?.status === 'DELETE_COMPLETE' ? undefined : current;
  if (now === undefined) {
    // What never came to life is deleted first, and a run may have ended right then.
    if (basis === null || planned.outcome === 'recreate') return undefined;
    return 'it was there when it was planned, and is gone';
  }
  const template = basis?.template;
  if (basis !== null && isDeepStrictEqual({ ...basis, template }, { ...basisOf(now), template })) return undefined;
  // The second step of this very run.
  if (state.after !== undefined && parseChangeSetName(now.changeSetId)?.digest === state.after) return undefined;
  const existing = { ...state, current: now };
  if ((await reasonsToUpdate(existing)).length === 0 || (await wasAttempted(planned, existing))) return undefined;
  if (basis === null) return `it was not there when it was planned, and is now in status ${now.status}`;
  if (basis.stackId !== now.id) return 'it was deleted and created anew since';
  const { status, updatedAt } = basisOf(now);
  return `it was in status ${basis.status}, last updated ${basis.updatedAt}, and is now in status ${status}, last updated ${updatedAt}`;
}

/**
 * Whether a stack that was left behind is what it was when its deletion was shown. An earlier run may have begun to
 * delete it: nothing but the status tells that.
 */
export function stillTheSame(basis: StackBasis, current: DescribedStack): boolean {
  const { stackId, status, updatedAt, changeSet } = basisOf(current);
  if (stackId !== basis.stackId || changeSet !== basis.changeSet) return false;
  return status.startsWith('DELETE_') || (status === basis.status && updatedAt === basis.updatedAt);
}

/**
 * Whether the last operation was an attempt at what is planned. The name of the change set says so; whether it stays
 * if somebody calls UpdateStack afterwards is not documented, so the template must be the planned one still.
 */
async function wasAttempted({ basis, outcome }: PlannedStack, state: ExistingState): Promise<boolean> {
  const { status, changeSetId, id } = state.current;
  if (parseChangeSetName(changeSetId)?.digest !== state.desired.digest || !WITHOUT_EFFECT.test(status)) return false;
  if (basis === null || outcome === 'recreate' || !status.includes('ROLLBACK')) return true;
  return basis.stackId === id && basis.template === hash('sha256', await state.cloudFormation.originalTemplate(id));
}
