import { isDeepStrictEqual } from 'node:util';
import type { DescribedStack } from './described-stack.ts';
import { type ChangeSetFacts, parseChangeSetName } from './change-set-name.ts';
import type { DesiredStack, ExistingState } from './desired.ts';
import { deployAction } from './stack-status.ts';
import { sameTemplate } from './template.ts';

/** How far the start of an operation may lie from the creation of its change set, in milliseconds. */
const EARLIEST = -5_000;
const LATEST = 60_000;

/** Whether a stack is known to be what it should be without a look at its template. */
export function isKnownUnchanged(desired: DesiredStack, current: DescribedStack): boolean {
  return compareStack(desired, current)?.length === 0;
}

/** Reads the template of a stack as it was sent, once, if somebody asks for it. */
export function deployedTemplateOf({ cloudFormation, current }: ExistingState): () => Promise<string> {
  let asked: Promise<string> | undefined;
  return () => (asked ??= cloudFormation.originalTemplate(current.id));
}

/**
 * Why a stack has to be updated, such as `tags differ`; nothing if it is unchanged.
 *
 * @param deployedTemplate the template of the stack as it was sent; asked for only if nothing else can tell
 */
export async function reasonsToUpdate(
  state: ExistingState,
  deployedTemplate = deployedTemplateOf(state),
): Promise<readonly string[]> {
  const { desired, current } = state;
  const known = compareStack(desired, current);
  if (known !== undefined) return known;
  return sameTemplate(desired.template.text(), await deployedTemplate()) ? [] : ['template differs'];
}

/**
 * Why a stack differs from what is wanted, as far as DescribeStacks can tell; undefined if only the deployed template
 * can.
 *
 * DescribeStacks names the change set that was executed last, and the names of ours carry a digest of what they held.
 * Whether that name goes away if somebody later calls UpdateStack without a change set is not documented
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html says only "the unique ID of the
 * change set"). So it is believed only if the last operation on the stack started right after that change set was
 * created, which the time in its name shows; else the deployed template is compared. After a rollback or an import the
 * last change set is not what made the stack.
 */
export function compareStack(desired: DesiredStack, current: DescribedStack): readonly string[] | undefined {
  const reasons = differences(desired, current);
  if (deployAction(current) !== 'update') reasons.push(`status is ${current.status}`);
  if (reasons.length > 0) return reasons;

  const executed = parseChangeSetName(current.changeSetId);
  if (!executed || !['CREATE_COMPLETE', 'UPDATE_COMPLETE'].includes(current.status)) return undefined;
  return madeLastOperation(executed, current) && executed.digest === desired.digest ? [] : undefined;
}

/** Whether the last operation on a stack started right after a change set was created, as if it had executed that. */
export function madeLastOperation({ createdAt }: ChangeSetFacts, { updatedAt }: DescribedStack): boolean {
  const age = updatedAt - createdAt;
  return EARLIEST <= age && age <= LATEST;
}

function differences(
  { resolved, template, parameters, notificationArns }: DesiredStack,
  current: DescribedStack,
): string[] {
  const reasons: string[] = [];
  for (const [key, declared] of template.parameters) {
    const value = parameters.get(key);
    if (declared.fromSsm) reasons.push(`parameter ${key} is read from SSM and may have changed`);
    else if (value !== undefined && declared.noEcho) reasons.push(`parameter ${key} is secret and cannot be compared`);
    else if (value !== undefined && current.parameters[key] !== value) reasons.push(`parameter ${key} differs`);
  }
  const { tags } = resolved.stack;
  if (tags && !isDeepStrictEqual(withoutAwsTags(current.tags), tags)) reasons.push('tags differ');
  // A role that CloudFormation does not name is no difference: a change set cannot change the role alone.
  if (resolved.executionRoleArn && current.roleArn && current.roleArn !== resolved.executionRoleArn) {
    reasons.push('execution role differs');
  }
  if (notificationArns && !isDeepStrictEqual(current.notificationArns.toSorted(), notificationArns.toSorted()))
    reasons.push('notification topics differ');
  return reasons;
}

function withoutAwsTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  // AWS adds tags of its own, which nobody else may set.
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('aws:')));
}
