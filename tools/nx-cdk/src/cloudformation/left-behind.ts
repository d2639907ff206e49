import type { AssemblyStack } from '../assembly/index.ts';
import { type AwsClients, resolveTarget } from '../aws/index.ts';
import { parseChangeSetName, type StackOwner } from './change-set-name.ts';
import type { DescribedStack } from './described-stack.ts';
import type { StackFacts } from './open-stacks.ts';

/** A stack that an app deployed, and that its assembly does not hold any more. Plain data. */
export interface LeftBehindStack extends Omit<StackFacts, 'id'> {
  readonly status: string;
  /** When the app deployed it last: ISO 8601 in UTC, to the second. */
  readonly deployedAt: string;
  /** Why it is not deleted where all others are, as the end of a sentence; absent if nothing is known against it. */
  readonly stays?: string;
}

/** Which stack names an assembly holds in which target, whatever was chosen of it. */
export type HeldNames = (targetName: string, stackName: string) => boolean;

/**
 * Reads the names of all stacks of an assembly. A stack whose target cannot be told, since the caller is not known, is
 * held in every target: nothing may be called left behind by mistake.
 */
export async function heldNames(stacks: readonly AssemblyStack[], aws: Pick<AwsClients, 'caller'>): Promise<HeldNames> {
  const held = new Set<string>();
  for (const { stackName, target } of stacks) {
    const resolved = await resolveTarget(aws, target).catch(() => undefined);
    held.add(resolved === undefined ? stackName : `${resolved.account}/${resolved.region} ${stackName}`);
  }
  return (targetName, stackName) => held.has(`${targetName} ${stackName}`) || held.has(stackName);
}

/**
 * Whether an app deployed a stack last, and it is a stack of the app itself: no instance of it, whose life is its own,
 * and no part of another stack. A change set that nobody has executed makes no stack.
 */
export function isOwnedBy({ changeSetId, nested, status }: DescribedStack, owner: StackOwner): boolean {
  const executed = parseChangeSetName(changeSetId);
  return (
    nested !== true && status !== 'REVIEW_IN_PROGRESS' && executed?.owner === owner.id && executed.more === undefined
  );
}

/** What reports say of a stack that `isOwnedBy` somebody. */
export function leftBehindStack(stack: DescribedStack, account: string, region: string): LeftBehindStack {
  const { createdAt } = parseChangeSetName(stack.changeSetId)!;
  const deployedAt = new Date(createdAt).toISOString().replace(/\.\d+Z$/, 'Z');
  return { stackName: stack.name, account, region, status: stack.status, deployedAt };
}
