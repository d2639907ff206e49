import { createInterface } from 'node:readline/promises';
import { targetName } from '@libs/environments';
import { Failure } from '../failure/index.ts';
import { count, oneLine } from '../progress/index.ts';
import type { ExistingStack } from './destroy.ts';

/** Where the question is asked. */
export interface Conversation {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly signal?: AbortSignal;
}

/**
 * Lists the stacks and asks whether to delete them. Anything but a yes is a no, Ctrl-C included.
 *
 * @throws Failure `NotConfirmed` if nobody can be asked
 */
export async function askToDelete(
  stacks: readonly ExistingStack[],
  { input, output, signal }: Conversation,
): Promise<boolean> {
  const targets = [...new Set(stacks.map(targetName))];
  const where = targets.length <= 3 ? targets.join(', ') : `${targets.length} targets`;
  const question = `Delete ${count(stacks.length, 'stack')} in ${where}?`;
  if (!input.isTTY || !output.isTTY) {
    throw new Failure('NotConfirmed', {
      what: `${question} There is no terminal to ask on, so nothing was deleted`,
      next: `add --force to delete ${stacks.map(({ id }) => id).join(', ')}`,
    });
  }
  for (const stack of stacks) {
    output.write(`  ${oneLine(`${stack.id} (${stack.stackName}, ${targetName(stack)}, ${stack.status})`)}\n`);
  }
  const terminal = createInterface({ input, output });
  try {
    // If the input ends without an answer, readline leaves its question open for ever.
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([terminal.question(`${question} y/N `, signal ? { signal } : {}), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
