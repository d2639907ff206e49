import { createHash } from 'node:crypto';
import type { DescribedStack } from './client.ts';
import type { StackSnapshot } from './changes.ts';
import type { ResolvedStack } from './resolved-stack.ts';
import type { TemplateSummary } from './template.ts';

/** A stack as the assembly and the command line want it. */
export interface DesiredStack {
  readonly resolved: ResolvedStack;
  readonly template: TemplateSummary;
  /** Given values only; secrets among them. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly notificationArns: readonly string[];
  /** Identifies all of the above, except secret values. Part of the names of our change sets. */
  readonly digest: string;
}

/** Puts a desired stack together. */
export function desire(
  target: ResolvedStack,
  template: TemplateSummary,
  parameters: ReadonlyMap<string, string>,
): DesiredStack {
  const notificationArns = target.stack.notificationArns.map(target.resolve);
  // A secret must not be in the digest: whoever may list change sets could try out guesses against it.
  const open = [...parameters].filter(([key]) => !template.parameters.get(key)?.noEcho);
  const inputs = [
    // The place too: names of change sets serve as idempotency tokens, which are compared across stacks.
    target.targetName,
    target.stack.stackName,
    template.digest,
    sorted(open),
    sorted(Object.entries(target.stack.tags)),
    target.executionRoleArn ?? '',
    [...notificationArns].sort(),
  ];
  const digest = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 32);
  return { resolved: target, template, parameters, notificationArns, digest };
}

/** What a report says of a stack as it was found. A stack that was never created, or is deleted, is none. */
export function snapshotOf({ digest }: DesiredStack, found: DescribedStack | undefined): StackSnapshot {
  if (!found || found.status === 'DELETE_COMPLETE') return { desired: digest };
  const { id, status, updatedAt, changeSetId } = found;
  return { desired: digest, stack: { id, status, updatedAt, ...(changeSetId && { changeSetId }) } };
}

function sorted(entries: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
