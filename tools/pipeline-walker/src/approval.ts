import { createInterface } from 'node:readline/promises';
import { Failure } from 'nx-cdk/failure';

/** Where an approval is asked for. */
export interface Conversation {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly signal?: AbortSignal;
}

/** Whether there is somebody to ask. */
export function canAsk({ input, output }: Conversation): boolean {
  return input.isTTY === true && output.isTTY === true;
}

/**
 * Asks whether an approval is given. Anything but a yes is a no, Ctrl-C included.
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
    // Where the input ends without an answer, readline leaves its question open for ever.
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([terminal.question(`Approve ${action}? y/N `, signal ? { signal } : {}), ended]);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch {
    // Ctrl-C is a no, too.
  } finally {
    terminal.close();
  }
  throw new Failure('NotApproved', { what: `The action ${action} was not approved` });
}
