import type { PlanRule } from '@nx-cdk/environments';
import type { Assessment } from './assess.ts';
import type { JudgedDeletion, PlannedChange, Violation } from './model.ts';

const NESTED = 'AWS::CloudFormation::Stack';

/** What each rule is against, in what a stack would do. What is not known counts. */
const FINDERS: Readonly<Record<PlanRule, (about: Assessment) => Omit<Violation, 'rule' | 'stack'>[]>> = {
  'deletes-stateful': ({ changes }) => changes.flatMap(deletionIn),
  'widens-permissions': ({ permissions }) =>
    permissions.lines
      .filter(({ widens }) => widens)
      .map(({ text, resource }) => ({ ...(resource && { resource }), what: `allows more than now: ${text}` })),
  'public-access': ({ permissions, exposed = [] }) => [
    ...permissions.lines
      .filter((line) => line.public)
      .map(({ text, resource }) => ({ ...(resource && { resource }), what: `lets everybody in: ${text}` })),
    ...exposed.map(({ resource, text }) => ({ resource, what: text })),
  ],
};

/**
 * What rules are against in a stack.
 *
 * @param stack its id; the name of one that was left behind
 */
export function violationsOf(stack: string, about: Assessment, rules: readonly PlanRule[]): Violation[] {
  return rules.flatMap((rule) => FINDERS[rule](about).map((found): Violation => ({ rule, stack, ...found })));
}

/** The same of a stack that is deleted. */
export function violationsOfDeletion(
  { stackName: stack, changes, transformed }: JudgedDeletion,
  rules: readonly PlanRule[],
): Violation[] {
  if (!rules.includes('deletes-stateful')) return [];
  const rule = 'deletes-stateful';
  const found = changes.flatMap(deletionIn).map((one): Violation => ({ rule, stack, ...one }));
  // A transform may have made what the template does not name.
  if (transformed) found.push({ rule, stack, what: 'it may hold data in resources that its template does not name' });
  return found;
}

/** A stateful resource that goes, with its data or with no more of it than a snapshot. */
function deletionIn(change: PlannedChange): Omit<Violation, 'rule' | 'stack'>[] {
  const { action, logicalId, constructPath, resourceType, replacement, data } = change;
  const resource = constructPath ?? logicalId;
  if (data === 'lost' || data === 'snapshot') {
    const removed = action === 'Remove' ? 'is deleted' : 'is replaced';
    const may = replacement === 'maybe' ? 'may be replaced' : removed;
    const rest = data === 'lost' ? 'with its data' : 'and leaves a snapshot';
    return [{ resource, what: `${resourceType} ${may} ${rest}` }];
  }
  if (resourceType !== NESTED || action !== 'Modify') return [];
  return [{ resource, what: `${resourceType} changes, and what it deletes is not known` }];
}
