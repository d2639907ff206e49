import { createInterface } from 'node:readline/promises';
import { isCI } from '@nx-cdk/processes';
import type { Environment } from './terminal.ts';
import { oneLine } from './text-width.ts';

/** Where a question is asked. */
export interface Conversation {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly signal?: AbortSignal;
  /** @default - that of the process */
  readonly env?: Environment;
}

/** Whether a person can be asked: at a terminal, and not in a CI, which may have one and nobody who sits there. */
export function canAsk({ input, output, env = process.env }: Conversation): boolean {
  return input.isTTY === true && output.isTTY === true && !isCI(env);
}

/**
 * Shows some lines and asks a question. Anything but a yes is a no, Ctrl-C and the end of the input included.
 *
 * @param lines from outside or not: they are made safe for a terminal
 */
export async function askYesOrNo(
  question: string,
  lines: readonly string[],
  { input, output, signal }: Conversation,
): Promise<boolean> {
  for (const line of lines) output.write(`${line.match(/^ */)![0]}${oneLine(line)}\n`);
  return /^y(es)?$/i.test(await answerTo(`${oneLine(question)} y/N `, { input, output, signal }));
}

/** Asks for a text. Ctrl-C and the end of the input are an empty one. */
export async function askForText(question: string, conversation: Conversation): Promise<string> {
  return answerTo(`${oneLine(question)} `, conversation);
}

async function answerTo(prompt: string, { input, output, signal }: Conversation): Promise<string> {
  const terminal = createInterface({ input, output });
  try {
    // If the input ends without an answer, readline leaves its question open for ever.
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const asked = terminal.question(prompt, signal ? { signal } : {});
    return (await Promise.race([asked, ended])).trim();
  } catch {
    return '';
  } finally {
    terminal.close();
  }
}
