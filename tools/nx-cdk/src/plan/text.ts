import { formatTable } from '../progress/index.ts';
import type { Plan, PlannedStack } from './model.ts';
import { actionOf, attentionOf, bySeverity, dataOf, inNumbers, nameOf } from './wording.ts';

/** Characters of a line that says what is allowed; the whole of it is in the JSON. */
const LONGEST_LINE = 400;

/**
 * A plan as people read it in a terminal or a log: a table of all stacks, then each one that changes.
 *
 * @param digest of the plan's file, by which a reviewer and a deployment know that they speak of the same
 * @param width columns of the terminal. A log has none; there nothing but the longest lines is cut.
 */
export function planAsText(plan: Plan, digest: string, width = 120): string {
  const rows = plan.stacks.map((stack) => ({
    stack: stack.id,
    where: `${stack.account}/${stack.region}`,
    action: stack.outcome,
    resources: inNumbers(stack),
    attention: attentionOf(stack).join(', '),
  }));
  const columns = ['stack', { key: 'where', whole: true }, 'action', 'resources', 'attention'];
  return [
    `plan ${digest.slice(0, 12)} of ${plan.project}, release ${plan.release.slice(0, 12)}`,
    '',
    formatTable(rows, columns, { width }),
    ...plan.stacks.filter(({ outcome }) => outcome !== 'unchanged').map((stack) => `\n${stackAsText(stack, width)}`),
  ].join('\n');
}

function stackAsText(stack: PlannedStack, width: number): string {
  const why = stack.reasons.length > 0 ? ` (${stack.reasons.join('; ')})` : '';
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
    `${stack.id}: ${stack.outcome}${why}`,
    ...(rows.length > 0 ? [formatTable(rows, columns, { width, indent: 2 })] : []),
    ...(lines.length > 0 ? [title] : []),
    ...lines.map(({ text, widens }) => `  ${widens ? '!' : ' '} ${cut(text)}`),
  ].join('\n');
}

function cut(text: string): string {
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 1)}…` : text;
}
