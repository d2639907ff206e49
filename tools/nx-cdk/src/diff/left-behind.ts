import { type Assembly, type AssemblyStack, readData } from '../assembly/index.ts';
import type { EngineDependencies } from '../aws/index.ts';
import { type OpenedStacks, openStacks, type StackOwner, systemClock } from '../cloudformation/index.ts';
import { LeftBehind, type LeftBehindReport, othersOf } from '../deploy/index.ts';

/** What is looked for, and with which roles; see `DiffRequest`. */
interface Search {
  readonly assembly: Assembly;
  readonly owner?: StackOwner;
  readonly method?: 'template' | 'change-set';
}

/**
 * Looks for what the app left behind in the targets of the stacks, with the roles that compare them. What cannot be
 * looked at is said not to have been seen: a diff does not fail for it.
 *
 * @returns undefined if nobody is known to own the stacks
 */
export async function lookForLeftBehind(
  { assembly, owner, method }: Search,
  stacks: readonly AssemblyStack[],
  dependencies: EngineDependencies,
): Promise<LeftBehindReport | undefined> {
  const others = othersOf(owner);
  if (others === undefined) return undefined;
  const role = method === 'change-set' ? 'deploy' : 'lookup';
  const opened = await openStacks(stacks, dependencies.aws, systemClock, { others, role });
  const leftBehind = new LeftBehind({ assembly, owner }, opened, dependencies);
  for (const { resolved } of opened.all)
    if (await isMissing(opened, resolved.stack)) {
      const template = await readData(resolved.stack.templateFile).catch(() => '{}');
      await leftBehind.notesOfNew(resolved, () => template.toString());
    }
  return leftBehind.seen();
}

async function isMissing(opened: OpenedStacks, stack: AssemblyStack): Promise<boolean> {
  return opened.read(stack).then(
    (current) => current === undefined,
    () => false,
  );
}
