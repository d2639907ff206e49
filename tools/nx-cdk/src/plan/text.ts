import { formatTable, oneLine } from '../progress/index.ts';
import type { Plan, PlannedStack } from './model.ts';
import { actionOf, attentionOf, bySeverity, countsOf, dataOf, inNumbers, nameOf } from './wording.ts';

/** Characters of a line that says what is allowed; the whole of it is in the JSON. */
const LONGEST_LINE = 400;

/**
 * A plan as people read it in a terminal or a log.
 *
 * @param digest of the plan's file, by which a reviewer and a deployment know that they speak of the same
 * @param width columns of the terminal; a log has none, and is read on a wide one
 */
export function planAsText({ project, release, stacks }: Plan, digest: string, width?: number): string {
  const head = `plan ${digest.slice(0, 12)} of ${project}, release ${release.slice(0, 12)}`;
  return `${head}\n\n${changesAsText(stacks, width)}`;
}

/** What a deployment would change: a table of all stacks, then each one that changes. */
export function changesAsText(stacks: readonly PlannedStack[], width = 120): string {
  const rows = stacks.map((stack) => ({
    stack: stack.id,
    where: whereOf(stack),
    change: `${stack.outcome} ${inSigns(stack)}`,
    attention: attentionOf(stack)
      // Numbers tell the rest.
      .filter((word) => word === 'data loss' || word === 'allows more')
      .join(', '),
  }));
  const columns = ['stack', 'where', { key: 'change', whole: true }, { key: 'attention', whole: true }];
  return [
    formatTable(rows, columns, { width }),
    ...stacks.filter(({ outcome }) => outcome !== 'unchanged').map((stack) => `\n${stackAsText(stack, width)}`),
  ].join('\n');
}

function stackAsText(stack: PlannedStack, width: number): string {
  const why = stack.reasons.length > 0 ? `; ${stack.reasons.join('; ')}` : '';
  const rows = bySeverity(stack).map((change) => ({
    what: actionOf(change),
    resource: nameOf(change, stack),
    type: change.resourceType,
    details: [dataOf(change), change.properties.join(', ')].filter(Boolean).join('; '),
  }));
  const columns = ['what', 'resource', 'type', 'details'];
  const { lines, widened } = stack.permissions;
  const title = widened ? '  allows more than now:' : '  allows less than now, or the same in other words:';
  return [
    `${stack.id} (${whereOf(stack)}): ${stack.outcome}, ${inNumbers(stack)}${why}`,
    ...(rows.length > 0 ? [formatTable(rows, columns, { width, indent: 2 })] : []),
    ...(lines.length > 0 ? [title] : []),
    ...lines.map(({ text, widens }) => `  ${widens ? '!' : ' '} ${cut(oneLine(text))}`),
  ].join('\n');
}

function whereOf({ account, region }: PlannedStack): string {
  return `${account}/${region}`;
}

/** `+1 ~2 ±1 -1`: added, changed, replaced, removed. */
function inSigns(stack: PlannedStack): string {
  const { added, changed, replaced, removed } = countsOf(stack);
  const signs = [
    ['+', added],
    ['~', changed],
    ['±', replaced],
    ['-', removed],
  ] as const;
  return signs.flatMap(([sign, number]) => (number > 0 ? [`${sign}${number}`] : [])).join(' ');
}

function cut(text: string): string {
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 1)}…` : text;
}
