import type { DescribedStack } from './client.ts';
import { readChangeSetMark } from './change-set-name.ts';
import type { DesiredStack } from './desired.ts';

/** `compare` where only the deployed template can tell. */
export type Verdict =
  { readonly is: 'unchanged' | 'compare' } | { readonly is: 'changed'; readonly reasons: readonly string[] };

/** Statuses in which the change set that was executed last is the one that made the stack what it is. */
const LAST_CHANGE_SET_COUNTS = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE']);

/**
 * Statuses in which a stack can be left as it is. After a rollback the template is that of before: it has to be
 * compared.
 */
const MAY_STAY = new Set([
  ...LAST_CHANGE_SET_COUNTS,
  'IMPORT_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

/** How far the start of an operation may lie from the creation of its change set. */
const EARLIEST = -5_000;
const LATEST = 60_000;

/**
 * Whether a stack is what it should be, as far as DescribeStacks can tell.
 *
 * DescribeStacks names the change set that was executed last, and the names of ours carry a digest of what they held.
 * Whether that name goes away when somebody later calls UpdateStack without a change set is not documented
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html says only "the unique ID of the
 * change set"). So it is believed only where the last operation on the stack started right after that change set was
 * created, which the time in its name shows; else the deployed template is compared.
 */
export function judge(desired: DesiredStack, current: DescribedStack): Verdict {
  const reasons = differences(desired, current);
  if (!MAY_STAY.has(current.status)) reasons.push(`status is ${current.status}`);
  if (reasons.length > 0) return { is: 'changed', reasons };

  const mark = readChangeSetMark(current.changeSetId);
  if (!mark || !LAST_CHANGE_SET_COUNTS.has(current.status)) return { is: 'compare' };
  const age = current.updatedAt - mark.createdAt;
  if (age < EARLIEST || age > LATEST) return { is: 'compare' };
  return mark.digest === desired.digest ? { is: 'unchanged' } : { is: 'compare' };
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
  if (!sameEntries(resolved.stack.tags, current.tags)) reasons.push('tags differ');
  // A role that CloudFormation does not tell of is no difference: the role alone cannot be changed by a change set.
  if (resolved.executionRoleArn && current.roleArn && current.roleArn !== resolved.executionRoleArn) {
    reasons.push('execution role differs');
  }
  if (!sameSet(notificationArns, current.notificationArns)) reasons.push('notification topics differ');
  return reasons;
}

function sameEntries(wanted: Readonly<Record<string, string>>, found: Readonly<Record<string, string>>): boolean {
  // AWS adds tags of its own, which nobody else may set.
  const own = Object.entries(found).filter(([key]) => !key.startsWith('aws:'));
  return own.length === Object.keys(wanted).length && own.every(([key, value]) => wanted[key] === value);
}

function sameSet(wanted: readonly string[], found: readonly string[]): boolean {
  return wanted.length === found.length && wanted.every((item) => found.includes(item));
}
