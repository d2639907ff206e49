import type { StackDependencies } from '../deploy/index.ts';
import { askToDeleteLeftBehind } from '../destroy/index.ts';
import { deletionsAsText } from '../plan/index.ts';
import { findSandboxStacks, type FoundStacks } from './delete.ts';
import type { Sandbox, SandboxesRequest } from './list.ts';
import { sandboxDeletionsTitle, sandboxesAsText } from './text.ts';

/** Who is asked before instances are deleted. */
export interface Agreement {
  /** Whether nobody has to be asked: it is only shown, or somebody has said yes. */
  readonly given: boolean;
  /** The option that says yes, such as `--force`. */
  readonly option: string;
  /** See `Command.ask`. */
  readonly ask: Parameters<typeof askToDeleteLeftBehind>[2];
  /** Width of the terminal in characters. @default - lines are not shortened */
  readonly columns?: number;
}

/**
 * Shows what the deletion of some instances would do, and asks.
 *
 * @param sandboxes what `listSandboxes` has found
 * @returns what to delete, and what stays; undefined if the answer was no
 * @throws Failure `NotConfirmed` if nobody can be asked
 */
export async function agreeOnDeletion(
  request: SandboxesRequest,
  sandboxes: readonly Sandbox[],
  { given, option, ask, columns }: Agreement,
  dependencies: StackDependencies,
): Promise<FoundStacks | undefined> {
  const tell = (level: 'info' | 'warning', text: string) => dependencies.listener({ type: 'message', level, text });
  tell('info', sandboxesAsText(sandboxes, Date.now()));
  const found = await findSandboxStacks(request, sandboxes, dependencies);
  const { deletions, kept } = found;
  for (const { stackName, stays } of kept) tell('warning', `${stackName} stays: ${stays}`);
  const shown = deletionsAsText(deletions, columns, sandboxDeletionsTitle(deletions));
  if (given || deletions.length === 0) {
    tell('info', shown);
    return found;
  }
  const next = `look at what it is (--dryRun), and add ${option}`;
  return (await askToDeleteLeftBehind(deletions, shown, ask, next)) ? found : undefined;
}
