import picomatch from 'picomatch';
import type { Assembly, AssemblyStack } from './model.ts';
import { Failure } from '../failure/index.ts';

/**
 * Ids of the stacks that the patterns select, in the order of the assembly. A pattern is a glob of hierarchical ids, as
 * in the CDK CLI: `*` stays inside one level, `staging/**` is everything of a stage. The stacks that the selected ones
 * depend on are selected too. No pattern selects every stack.
 *
 * @param options.exclusively leaves out the stacks that the selected ones depend on. @default false
 * @throws Failure `NoStackMatches` naming the pattern and the stacks there are, `NoStacks`
 */
export function selectStacks(
  { stacks, directory }: Pick<Assembly, 'stacks' | 'directory'>,
  patterns: readonly string[],
  { exclusively = false }: { readonly exclusively?: boolean } = {},
): string[] {
  const ids = stacks.map((stack) => stack.id);
  if (ids.length === 0) {
    const what = `The assembly in ${directory} holds no stack`;
    throw new Failure('NoStacks', { what, next: 'synthesize an app that has one' });
  }
  if (patterns.length === 0) return ids;

  const selected = new Set<string>();
  for (const pattern of patterns) {
    const matches = picomatch(pattern, { dot: true });
    const matching = ids.filter((id) => id === pattern || matches(id));
    if (matching.length === 0)
      throw new Failure('NoStackMatches', { what: `No stack matches "${pattern}"`, next: `there are ${list(ids)}` });
    for (const id of matching) selected.add(id);
  }
  if (!exclusively) addDependencies(selected, stacks);
  return ids.filter((id) => selected.has(id));
}

/**
 * Patterns as people give them: one, several separated by commas, or a list of either. A comma in braces belongs to the
 * pattern: `staging/{Data,Service}`.
 */
export function parsePatterns(given: readonly string[] | string | undefined): string[] {
  // Joined first: a list may be a pattern with braces that was split at its comma on the way here.
  const text = [given ?? []].flat().join(',');
  return text
    .split(/,(?![^{}]*\})/)
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
}

function addDependencies(selected: Set<string>, stacks: readonly AssemblyStack[]): void {
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  // A set also iterates over what is added to it meanwhile.
  for (const id of selected)
    for (const dependency of byId.get(id)?.dependencies ?? []) if (byId.has(dependency)) selected.add(dependency);
}

/** Ids for a sentence; the first ten of many. */
export function list(ids: readonly string[]): string {
  const shown = ids.slice(0, 10).join(', ');
  return ids.length > 10 ? `${shown} and ${ids.length - 10} more` : shown;
}
