import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Failure } from 'nx-cdk/failure';

/** Where an approval is asked for. */
export interface Conversation {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly signal?: AbortSignal;
}

/** Whether a person can be asked. */
export function canAsk({ input, output }: Conversation): boolean {
  return input.isTTY === true && output.isTTY === true;
}

/**
 * Asks for an approval. Anything but a yes is a no, Ctrl-C included.
 *
 * @param action `Prod/Approve`
 * @throws Failure `NotApproved` if nobody can be asked, or the answer is no
 */
export async function askForApproval(
  action: string,
  details: string | undefined,
  conversation: Conversation,
): Promise<void> {
  if (!canAsk(conversation)) {
    throw new Failure('NotApproved', {
      what: `The action ${action} waits for an approval, and there is no terminal to ask on`,
      next: 'add --approve to approve it',
    });
  }
  const { input, output, signal } = conversation;
  const terminal = createInterface({ input, output });
  try {
    if (details) output.write(`  ${details}\n`);
    const answer = terminal.question(`Approve ${action}? y/N `, signal ? { signal } : {});
    // If the input ends without an answer, readline never answers its question.
    const ended = once(terminal, 'close').then(() => '');
    if (/^y(es)?$/i.test((await Promise.race([answer, ended])).trim())) return;
  } catch {
    // Ctrl-C is a no.
  } finally {
    terminal.close();
  }
  throw new Failure('NotApproved', { what: `The action ${action} was not approved` });
}
