import { describeOutputs } from '../deploy/index.ts';
import { count, oneLine } from '../progress/index.ts';
import type { Plan, PlannedChange, PlannedDeletion, PlannedDrift, PlannedStack } from './model.ts';

/** Above what rules refuse. */
export const REFUSED = 'Refused by the rules of the workspace, so it cannot be deployed:';

/** Above what exceptions accept. */
export const ACCEPTED = 'Accepted by exceptions from the rules of the workspace:';

/** What makes a reviewer look twice, the worst first. */
export function attentionOf(stack: PlannedStack): string[] {
  const { replaced, removed } = countsOf(stack);
  return [
    ...(stack.changes.some(({ data }) => data === 'lost') ? ['data loss'] : []),
    ...(replaced > 0 ? ['replaces'] : []),
    ...(removed > 0 ? ['removes'] : []),
    ...(stack.permissions.widened ? ['allows more'] : []),
    ...(stack.terminationProtection === false ? ['unprotects'] : []),
    ...((stack.drift ?? []).length > 0 ? ['drifted'] : []),
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

/** `update in express mode, 1 added, 2 changed`; `1 output changed`; `no resource changes` if only tags or such do. */
export function outcomeOf(stack: PlannedStack): string {
  const mode = stack.deploymentMode === 'express' ? ' in express mode' : '';
  const what = inWords(countsOf(stack)) || describeOutputs(stack.outputs) || 'no resource changes';
  return `${stack.outcome}${mode}, ${what}`;
}

/** `3 added, 1 removed` */
function inWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .flatMap(([word, number]) => (number > 0 ? [`${number} ${word}`] : []))
    .join(', ');
}

/** `outputs added: Url; removed: Arn`; nothing if none changes. */
export function outputsLine({ outputs }: Pick<PlannedStack, 'outputs'>): string[] {
  const parts = Object.entries(outputs ?? {}).flatMap(([what, names]: [string, readonly string[]]) =>
    names.length > 0 ? [`${what}: ${names.map(oneLine).join(', ')}`] : [],
  );
  return parts.length === 0 ? [] : [`outputs ${parts.join('; ')}`];
}

/** The stacks that something happens to, or has happened to. */
export function changing(stacks: readonly PlannedStack[]): PlannedStack[] {
  return stacks.filter(({ outcome, drift = [] }) => outcome !== 'unchanged' || drift.length > 0);
}

/** Stands above what drifted. */
export const DRIFTED = 'has drifted since it was deployed';

/** What a plan says of drift, for its head. */
export function revertsLine({ revertsDrift }: Pick<Plan, 'revertsDrift'>): string {
  return revertsDrift ? 'brings back what drifted' : '';
}

/** `changed Queue (AWS::SQS::Queue): VisibilityTimeout` */
export function driftLine(
  { status, logicalId, nestedIn, constructPath, resourceType, properties }: PlannedDrift,
  stack: Pick<PlannedStack, 'id'>,
): string {
  const name = nestedIn === undefined ? nameOf({ constructPath, logicalId }, stack) : `${nestedIn}/${logicalId}`;
  const what = properties.length === 0 ? '' : `: ${properties.join(', ')}`;
  return `${status === 'deleted' ? 'deleted' : 'changed'} ${name} (${resourceType})${what}`;
}

/** The resources of a stack in words, what matters most first. */
export function resourcesOf(stack: Pick<PlannedStack, 'id' | 'changes'>) {
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
  Retain: 'stays',
  Import: 'import',
  Dynamic: 'undecided',
  SyncWithActual: 'as it is',
};

function actionOf({ action, replacement, drift }: PlannedChange): string {
  if (replacement === 'always') return 'replace';
  if (replacement === 'maybe') return 'may be replaced';
  if (drift === 'deleted') return 'make again';
  return ACTIONS[action] ?? (drift === 'modified' ? 'bring back' : 'change');
}

/** The construct that a resource is made by, within its stack; its logical id if that is not known. */
function nameOf(
  { constructPath, logicalId }: Pick<PlannedChange, 'constructPath' | 'logicalId'>,
  { id }: Pick<PlannedStack, 'id'>,
): string {
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
export function summaryOf(stacks: readonly PlannedStack[], deletions: readonly PlannedDeletion[] = []): string {
  const numberOf = (is: (stack: PlannedStack) => boolean) => stacks.filter(is).length;
  const outcomes = inWords({
    'to create': numberOf(({ outcome }) => outcome === 'create' || outcome === 'recreate'),
    'to update': numberOf(({ outcome }) => outcome === 'update'),
    unchanged: numberOf(({ outcome }) => outcome === 'unchanged'),
  });
  const isLost = ({ changes }: Pick<PlannedStack, 'changes'>) => changes.some(({ data }) => data === 'lost');
  const drifted = numberOf(({ drift = [] }) => drift.length > 0);
  const lost = numberOf(isLost) + deletions.filter(isLost).length;
  const widened = numberOf(({ permissions }) => permissions.widened);
  return [
    `${count(stacks.length, 'stack')}: ${outcomes || 'nothing to do'}`,
    ...(deletions.length > 0 ? [`${deletions.length} left behind to delete`] : []),
    ...(drifted > 0 ? [`${drifted} drifted`] : []),
    ...(lost > 0 ? [`data is lost in ${lost}`] : []),
    ...(widened > 0 ? [`more is allowed in ${widened}`] : []),
  ].join('; ');
}

/** What makes a reviewer look twice at a deletion. */
export function attentionOfDeletion({ changes }: Pick<PlannedDeletion, 'changes'>): string[] {
  return ['deletes', ...(changes.some(({ data }) => data === 'lost') ? ['data loss'] : [])];
}

/** `delete, 3 resources, 1 stays; last deployed 2026-01-01T10:00:00Z` */
export function deletionOf({ changes, deployedAt, transformed }: PlannedDeletion): string {
  const staying = changes.filter(({ action }) => action === 'Retain').length;
  const going = `${count(changes.length - staying, 'resource')}${transformed ? ' and what a transform made' : ''}`;
  const stays = staying === 0 ? '' : `, ${staying} ${staying === 1 ? 'stays' : 'stay'}`;
  return `delete, ${going}${stays}; last deployed ${deployedAt}`;
}

/** `2 stacks were left behind and are deleted, in this order` */
export function deletionsTitle({ length }: { readonly length: number }): string {
  if (length === 0) return 'No stack is deleted: the app has left none behind that may be deleted';
  const stacks = count(length, 'stack');
  return length === 1
    ? `${stacks} was left behind and is deleted`
    : `${stacks} were left behind and are deleted, in this order`;
}

/** A text in one line, cut if it is longer. */
export function shortened(text: string, longest: number): string {
  const line = oneLine(text);
  // Not in the middle of a letter that takes two places.
  return line.length > longest ? `${line.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
}
