import pLimit from 'p-limit';
import {
  desire,
  type GivenParameters,
  type Snapshot,
  type ResolvedStack,
  summarize,
  judge,
  type PendingStack,
} from '../cloudformation/index.ts';

/** Templates read at a time: each may have a megabyte. */
const READ_AT_ONCE = 8;

/** What finding pending stacks works with. */
export interface PendingOptions {
  readonly targets: Iterable<ResolvedStack>;
  readonly snapshotOf: (target: ResolvedStack) => Snapshot;
  readonly given: GivenParameters;
  /** Counts every stack. */
  readonly force: boolean;
}

/**
 * The stacks that are not known to be unchanged, in the order of the targets. What only the deployed template could
 * tell counts as pending: a gate that looks at too much is a slower gate, one that looks at too little is none.
 *
 * A stack that cannot be looked at is left out. It fails by itself, before it changes.
 */
export async function pendingStacks({ targets, snapshotOf, given, force }: PendingOptions): Promise<PendingStack[]> {
  const limit = pLimit(READ_AT_ONCE);
  const looks = [...targets].map((target) =>
    limit(async (): Promise<PendingStack[]> => {
      try {
        const { stack } = target;
        const current = await snapshotOf(target).read(stack.stackName);
        const template = await summarize(stack.id, stack.templateFile);
        const desired = desire(target, template, given.forStack(stack, template));
        return !force && current && judge(desired, current).is === 'unchanged' ? [] : [{ desired, current }];
      } catch {
        return [];
      }
    }),
  );
  return (await Promise.all(looks)).flat();
}
