import { targetName } from '@nx-cdk/environments';
import { Failure } from '../failure/index.ts';
import { askYesOrNo, canAsk, type Conversation, count } from '../progress/index.ts';
import type { ExistingStack } from './destroy.ts';

/**
 * Lists the stacks and asks whether to delete them. Anything but a yes is a no, Ctrl-C included.
 *
 * @throws Failure `NotConfirmed` if nobody can be asked
 */
export async function askToDelete(stacks: readonly ExistingStack[], conversation: Conversation): Promise<boolean> {
  const targets = [...new Set(stacks.map(targetName))];
  const where = targets.length <= 3 ? targets.join(', ') : `${targets.length} targets`;
  const question = `Delete ${count(stacks.length, 'stack')} in ${where}?`;
  if (!canAsk(conversation)) {
    throw new Failure('NotConfirmed', {
      what: `${question} There is no terminal to ask on, so nothing was deleted`,
      next: `add --force to delete ${stacks.map(({ id }) => id).join(', ')}`,
    });
  }
  const lines = stacks.map((stack) => `  ${stack.id} (${stack.stackName}, ${targetName(stack)}, ${stack.status})`);
  return askYesOrNo(question, lines, conversation);
}
