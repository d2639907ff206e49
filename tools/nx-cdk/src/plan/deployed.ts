import { type ExistingState, seenStack, type StackState } from '../cloudformation/index.ts';

/** Whether there is a stack with a template, and not one that waits for its first change set. */
export function isExisting(state: StackState): state is ExistingState {
  const { stack } = seenStack(state);
  return stack !== undefined && stack.status !== 'REVIEW_IN_PROGRESS';
}

/** Reads the template of a stack as it was sent, once until the stack changes. */
export function templatesReadOnce(): (state: ExistingState) => Promise<string> {
  const templates = new Map<string, Promise<string>>();
  return ({ cloudFormation, current: { id, updatedAt } }) => {
    const key = `${id} ${updatedAt}`;
    const known = templates.get(key) ?? cloudFormation.originalTemplate(id);
    templates.set(key, known);
    return known;
  };
}
