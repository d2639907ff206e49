import { type AssemblyStack, selectStacks } from '../assembly/index.ts';
import type { CommandLine } from './command-line.ts';

/**
 * The stacks that a command may touch: rather too many than too few, since only the CLI itself knows which of its words
 * are patterns and which are values of options. A word right after the command is a pattern. Without one, or if one
 * fits nothing here, it may be any stack. What the stacks depend on, and what depends on them, goes with them. After a
 * refactoring, the CLI deploys all stacks, whichever were chosen (`refactor` in the CDK toolkit's `toolkit.ts`).
 * @returns ids
 */
export function touchedStacks(
  stacks: readonly AssemblyStack[],
  { command, rest }: Pick<CommandLine, 'command' | 'rest'>,
): ReadonlySet<string> {
  const all = stacks.map(({ id }) => id);
  if (command === 'refactor') return new Set(all);
  const firstOption = rest.findIndex((word) => word.startsWith('-'));
  const patterns = firstOption === -1 ? rest : rest.slice(0, firstOption);
  const found = rest.map((pattern) => matching(stacks, pattern));
  if (patterns.length === 0 || found.slice(0, patterns.length).some((ids) => ids.length === 0)) return new Set(all);
  const touched = new Set(found.flat());
  // A set also iterates over what is added to it meanwhile.
  for (const id of touched) {
    for (const stack of stacks) {
      if (stack.id === id) stack.dependencies.forEach((dependency) => touched.add(dependency));
      if (stack.dependencies.includes(id)) touched.add(stack.id);
    }
  }
  return touched;
}

function matching(stacks: readonly AssemblyStack[], pattern: string): readonly string[] {
  try {
    return selectStacks({ stacks, directory: '' }, [pattern], { exclusively: true });
  } catch {
    return [];
  }
}
