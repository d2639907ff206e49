import { count, oneLine } from '../progress/index.ts';
import type { PlannedChange, PlannedStack } from './model.ts';

/** What makes a reviewer look twice, the worst first. */
export function attentionOf(stack: PlannedStack): string[] {
  const { replaced, removed } = countsOf(stack);
  return [
    ...(stack.changes.some(({ data }) => data === 'lost') ? ['data loss'] : []),
    ...(replaced > 0 ? ['replaces'] : []),
    ...(removed > 0 ? ['removes'] : []),
    ...(stack.permissions.widened ? ['allows more'] : []),
    ...(stack.terminationProtection === false ? ['unprotects'] : []),
  ];
}

/** How many resources are added, changed, replaced and removed. */
export function countsOf({ changes }: PlannedStack) {
  const counts = { added: 0, changed: 0, replaced: 0, removed: 0 };
  for (const { action, replacement } of changes) {
    if (replacement !== 'never') counts.replaced += 1;
    else if (action === 'Add' || action === 'Import') counts.added += 1;
    else if (action === 'Remove') counts.removed += 1;
    else counts.changed += 1;
  }
  return counts;
}

/** `update in express mode, 1 added, 2 changed`; `no resource changes` if only outputs, tags or protection change. */
export function outcomeOf(stack: PlannedStack): string {
  const mode = stack.deploymentMode === 'express' ? ' in express mode' : '';
  return `${stack.outcome}${mode}, ${inWords(countsOf(stack)) || 'no resource changes'}`;
}

/** `3 added, 1 removed` */
function inWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .flatMap(([word, number]) => (number > 0 ? [`${number} ${word}`] : []))
    .join(', ');
}

/** The stacks that something happens to. */
export function changing(stacks: readonly PlannedStack[]): PlannedStack[] {
  return stacks.filter(({ outcome }) => outcome !== 'unchanged');
}

/** The resources of a stack in words, what matters most first. */
export function resourcesOf(stack: PlannedStack) {
  const rank = ({ data, action, replacement }: PlannedChange) =>
    (data === 'lost' ? 0 : 10) +
    (action === 'Remove' ? 0 : { always: 1, maybe: 2, never: action === 'Add' ? 5 : 4 }[replacement]);
  const changes = stack.changes.toSorted((a, b) => rank(a) - rank(b));
  return changes.map((change) => ({
    what: actionOf(change),
    name: nameOf(change, stack),
    type: change.resourceType,
    data: dataOf(change),
    isLost: change.data === 'lost',
    properties: change.properties.join(', '),
  }));
}

const ACTIONS: Readonly<Record<string, string>> = {
  Add: 'add',
  Remove: 'remove',
  Import: 'import',
  Dynamic: 'undecided',
};

function actionOf({ action, replacement }: PlannedChange): string {
  if (replacement === 'always') return 'replace';
  return replacement === 'maybe' ? 'may be replaced' : (ACTIONS[action] ?? 'change');
}

/** The construct that a resource is made by, within its stack; its logical id if that is not known. */
function nameOf({ constructPath, logicalId }: PlannedChange, { id }: PlannedStack): string {
  return constructPath?.replace(`${id}/`, '').replace(/\/Resource$/, '') || logicalId;
}

function dataOf({ data, replacement }: PlannedChange): string {
  if (data === undefined) return '';
  const words = { lost: 'data is lost', kept: 'data is kept', snapshot: 'data is kept in a snapshot' };
  return replacement === 'maybe' && data === 'lost' ? 'data may be lost' : words[data];
}

/** Stands above what a stack allows otherwise than now. */
export function permissionsTitle({ permissions: { widened } }: PlannedStack): string {
  return widened ? 'allows more than now' : 'allows less than now, or the same in other words';
}

/** `3 stacks: 1 to create, 1 to update, 1 unchanged; data is lost in 1; more is allowed in 2` */
export function summaryOf(stacks: readonly PlannedStack[]): string {
  const numberOf = (is: (stack: PlannedStack) => boolean) => stacks.filter(is).length;
  const outcomes = inWords({
    'to create': numberOf(({ outcome }) => outcome === 'create' || outcome === 'recreate'),
    'to update': numberOf(({ outcome }) => outcome === 'update'),
    unchanged: numberOf(({ outcome }) => outcome === 'unchanged'),
  });
  const lost = numberOf(({ changes }) => changes.some(({ data }) => data === 'lost'));
  const widened = numberOf(({ permissions }) => permissions.widened);
  return [
    `${count(stacks.length, 'stack')}: ${outcomes || 'nothing to do'}`,
    ...(lost > 0 ? [`data is lost in ${lost}`] : []),
    ...(widened > 0 ? [`more is allowed in ${widened}`] : []),
  ].join('; ');
}

/** A text in one line, cut if it is longer. */
export function shortened(text: string, longest: number): string {
  const line = oneLine(text);
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
