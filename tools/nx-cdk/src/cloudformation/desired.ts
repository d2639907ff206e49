import { hash } from 'node:crypto';
import type { CloudFormation, DescribedStack } from './client.ts';
import type { OpenedStack } from './open-stacks.ts';
import type { GivenParameters } from './parameters.ts';
import type { ResolvedStack } from './resolved-stack.ts';
import { summarizeTemplate, type TemplateSummary } from './template.ts';

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

/** A stack as it is wanted, and as it is. */
export interface StackState {
  readonly cloudFormation: CloudFormation;
  readonly desired: DesiredStack;
  /** Undefined if there is no such stack. */
  readonly current: DescribedStack | undefined;
}

/** A stack that is there. */
export type ExistingState = StackState & { readonly current: DescribedStack };

/** What was wanted of a stack, and what a run saw of it before it changed anything. */
export interface SeenStack {
  /** Digest of the desired stack. */
  readonly desired: string;
  /** Absent if there was no stack. */
  readonly stack?: Pick<DescribedStack, 'id' | 'status' | 'updatedAt' | 'changeSetId'>;
}

/** Reads what is wanted of a stack. @throws Failure `BrokenAssembly`, `BadParameter` */
export async function readDesired(resolved: ResolvedStack, given: GivenParameters): Promise<DesiredStack> {
  const { stack } = resolved;
  const template = await summarizeTemplate(stack.id, stack.templateFile);
  return desiredStack(resolved, template, given.forStack(stack, template));
}

/** Reads what is wanted of a stack, and what there is. @throws Failure as `readDesired` does */
export async function readState(
  { cloudFormation, resolved, snapshot }: OpenedStack,
  given: GivenParameters,
): Promise<StackState> {
  const [desired, current] = await Promise.all([readDesired(resolved, given), snapshot.read(resolved.stack.stackName)]);
  return { cloudFormation, desired, current };
}

export function desiredStack(
  resolved: ResolvedStack,
  template: TemplateSummary,
  parameters: ReadonlyMap<string, string>,
): DesiredStack {
  const { stack, targetName, executionRoleArn = '' } = resolved;
  const notificationArns = stack.notificationArns.map(resolved.resolve);
  // A secret must not be in the digest: somebody who may list change sets could try out guesses against it.
  const open = [...parameters].filter(([key]) => !template.parameters.get(key)?.noEcho);
  const inputs = [
    // The target too: names of change sets serve as idempotency tokens, which are compared across stacks.
    targetName,
    stack.stackName,
    template.digest,
    sorted(open),
    sorted(Object.entries(stack.tags)),
    executionRoleArn,
    notificationArns.toSorted(),
  ];
  const digest = hash('sha256', JSON.stringify(inputs)).slice(0, 32);
  return { resolved, template, parameters, notificationArns, digest };
}

/** What a report says of a stack as it was found. One that is deleted counts as none. */
export function seenStack({ desired: { digest }, current }: Omit<StackState, 'cloudFormation'>): SeenStack {
  if (!current || current.status === 'DELETE_COMPLETE') return { desired: digest };
  const { id, status, updatedAt, changeSetId } = current;
  return { desired: digest, stack: { id, status, updatedAt, ...(changeSetId && { changeSetId }) } };
}

function sorted(entries: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
