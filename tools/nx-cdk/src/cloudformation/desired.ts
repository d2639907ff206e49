import { hash } from 'node:crypto';
import { Failure } from '../failure/index.ts';
import type { CloudFormation } from './client.ts';
import type { DescribedStack } from './described-stack.ts';
import type { GivenParameters } from './parameters.ts';
import type { ResolvedStack } from './resolved-stack.ts';
import { readTemplate, type StackTemplate } from './template.ts';

/** A stack as the assembly and the command line want it. */
export interface DesiredStack {
  readonly resolved: ResolvedStack;
  readonly template: StackTemplate;
  /** Given values only; secrets among them. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Undefined if the app states none. */
  readonly notificationArns?: readonly string[];
  /** Identifies all of the above, except secret values. Part of the names of our change sets. */
  readonly digest: string;
}

/** A stack as it is wanted, and as it is. */
export interface StackState {
  readonly cloudFormation: CloudFormation;
  readonly desired: DesiredStack;
  /** Undefined if there is no such stack. */
  readonly current: DescribedStack | undefined;
  /** Digest of what this run has made of the stack in a first step, if this is its second one. */
  readonly after?: string;
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

/**
 * Reads what is wanted of a stack.
 *
 * @param expected SHA-256 of its template, if a release says so
 * @throws Failure `BrokenAssembly`, `BadParameter`; `ReleaseMismatch` if the template is another one
 */
export async function readDesired(
  resolved: ResolvedStack,
  given: GivenParameters,
  expected?: string,
): Promise<DesiredStack> {
  const { stack } = resolved;
  const template = await readTemplate(stack.id, stack.templateFile);
  if (expected !== undefined && template.digest !== expected) {
    const what = `its template ${stack.templateFile} is not the one of the release that this run began with`;
    const next = 'somebody has synthesized or changed it meanwhile: run it again';
    throw new Failure('ReleaseMismatch', { subject: stack.id, what, next });
  }
  return desiredStack(resolved, template, given.forStack(stack, template));
}

export function desiredStack(
  resolved: ResolvedStack,
  template: StackTemplate,
  parameters: ReadonlyMap<string, string>,
): DesiredStack {
  const { stack, targetName, executionRoleArn = '' } = resolved;
  const notificationArns = stack.notificationArns?.map(resolved.resolve);
  // A secret must not be in the digest: somebody who may list change sets could try out guesses against it.
  const open = [...parameters].filter(([key]) => !template.parameters.get(key)?.noEcho);
  const inputs = [
    // The target too: names of change sets serve as idempotency tokens, which are compared across stacks.
    targetName,
    stack.stackName,
    template.digest,
    sorted(open),
    sorted(Object.entries(stack.tags ?? {})),
    executionRoleArn,
    (notificationArns ?? []).toSorted(),
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
