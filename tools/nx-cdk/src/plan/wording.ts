import { count } from '../progress/index.ts';
import type { PlannedChange, PlannedStack } from './model.ts';

/** What makes a reviewer look twice, the worst first. */
export function attentionOf({ changes, permissions }: PlannedStack): string[] {
  const words: string[] = [];
  if (changes.some(({ data }) => data === 'lost')) words.push('data loss');
  if (changes.some(({ replacement }) => replacement !== 'never')) words.push('replaces');
  if (changes.some(({ action }) => action === 'Remove')) words.push('removes');
  if (permissions.widened) words.push('allows more');
  return words;
}

/** How many resources are added, changed, replaced and removed. */
export function countsOf({ changes }: Pick<PlannedStack, 'changes'>) {
  const numberOf = (is: (change: PlannedChange) => boolean) => changes.filter(is).length;
  const replaced = ({ replacement }: PlannedChange) => replacement !== 'never';
  return {
    added: numberOf(({ action }) => action === 'Add' || action === 'Import'),
    changed: numberOf((change) => !['Add', 'Import', 'Remove'].includes(change.action) && !replaced(change)),
    replaced: numberOf(replaced),
    removed: numberOf(({ action }) => action === 'Remove'),
  };
}

/** `1 added, 2 changed, 1 replaced`; for a stack of which only outputs, tags or protection change, why. */
export function inNumbers(stack: PlannedStack): string {
  const parts = Object.entries(countsOf(stack)).flatMap(([word, number]) => (number > 0 ? [`${number} ${word}`] : []));
  if (parts.length > 0) return parts.join(', ');
  return stack.outcome === 'unchanged' ? '' : 'no resource changes';
}

const ACTIONS: Readonly<Record<string, string>> = {
  Add: 'add',
  Remove: 'remove',
  Import: 'import',
  Dynamic: 'undecided',
};

/** What becomes of a resource, in one or two words. */
export function actionOf({ action, replacement }: PlannedChange): string {
  if (replacement === 'always') return 'replace';
  if (replacement === 'maybe') return 'may be replaced';
  return ACTIONS[action] ?? 'change';
}

/** What becomes of its data. */
export function dataOf({ data, replacement }: PlannedChange): string {
  if (data === undefined) return '';
  const words = { lost: 'data is lost', kept: 'data is kept', snapshot: 'data is kept in a snapshot' };
  return replacement === 'maybe' && data === 'lost' ? 'data may be lost' : words[data];
}

/** The resources of a stack, what matters most first. */
export function bySeverity({ changes }: PlannedStack): PlannedChange[] {
  const rank = ({ data, action, replacement }: PlannedChange) =>
    (data === 'lost' ? 0 : 10) +
    (action === 'Remove' ? 0 : { always: 1, maybe: 2, never: action === 'Add' ? 5 : 4 }[replacement]);
  return changes.toSorted((a, b) => rank(a) - rank(b));
}

/** The construct that a resource is made by, within its stack; its logical id if that is not known. */
export function nameOf({ constructPath, logicalId }: PlannedChange, { id }: PlannedStack): string {
  if (constructPath === undefined) return logicalId;
  return constructPath.replace(`${id}/`, '').replace(/\/Resource$/, '') || logicalId;
}

/** `3 stacks: 1 to create, 1 to update, 1 unchanged; data is lost in 1; more is allowed in 2` */
export function summaryOf(stacks: readonly PlannedStack[]): string {
  const numberOf = (is: (stack: PlannedStack) => boolean) => stacks.filter(is).length;
  const outcomes = [
    [numberOf(({ outcome }) => outcome === 'create' || outcome === 'recreate'), 'to create'],
    [numberOf(({ outcome }) => outcome === 'update'), 'to update'],
    [numberOf(({ outcome }) => outcome === 'unchanged'), 'unchanged'],
  ] as const;
  const counts = outcomes.flatMap(([number, word]) => (number > 0 ? [`${number} ${word}`] : []));
  const lost = numberOf((stack) => attentionOf(stack).includes('data loss'));
  const widened = numberOf(({ permissions }) => permissions.widened);
  return [
    `${count(stacks.length, 'stack')}: ${counts.join(', ') || 'nothing to do'}`,
    ...(lost > 0 ? [`data is lost in ${lost}`] : []),
    ...(widened > 0 ? [`more is allowed in ${widened}`] : []),
  ].join('; ');
}
