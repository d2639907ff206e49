import { targetName } from '@nx-cdk/environments';
import { formatTable } from '../progress/index.ts';
import type { Plan, PlannedDeletion, PlannedStack, Verdict } from './model.ts';
import { wordAccepted, wordRefusal } from './rules.ts';
import {
  ACCEPTED,
  attentionOf,
  changing,
  countsOf,
  deletionOf,
  deletionsTitle,
  driftLine,
  DRIFTED,
  outcomeOf,
  outputsLine,
  permissionsTitle,
  REFUSED,
  resourcesOf,
  revertsLine,
  shortened,
} from './wording.ts';

/** Characters of a line that says what is allowed; the whole of it is in the JSON. */
const LONGEST_LINE = 400;

/**
 * A plan as people read it in a terminal or a log.
 *
 * @param digest of the plan's file, by which a reviewer and a deployment know that they speak of the same
 * @param width columns of the terminal; a log has none, and is read on a wide one
 */
export function planAsText(plan: Plan, digest: string, width?: number): string {
  const { project, release, stacks, deletions, verdict } = plan;
  const parts = [`plan ${digest.slice(0, 12)} of ${project}`, `release ${release.slice(0, 12)}`, revertsLine(plan)];
  const head = parts.filter(Boolean).join(', ');
  const end = deletions === undefined ? '' : `\n\n${deletionsAsText(deletions, width)}`;
  const rules = verdict === undefined ? '' : `\n\n${verdictAsText(verdict)}`;
  return `${head}\n\n${changesAsText(stacks, width)}${end}${rules}`;
}

/**
 * What the rules of the workspace say, one thing a line; empty if that is nothing.
 *
 * @param title over what they refuse
 */
export function verdictAsText({ refused, accepted }: Verdict, title = REFUSED): string {
  const lines = (heading: string, texts: readonly string[]) =>
    texts.length === 0 ? [] : [[heading, ...texts.map((text) => `  ${shortened(text, LONGEST_LINE)}`)].join('\n')];
  return [
    ...lines(
      title,
      refused.map((one) => `${one.stack}: ${wordRefusal(one)}`),
    ),
    ...lines(
      ACCEPTED,
      accepted.map((one) => `${one.stack}: ${wordAccepted(one)}`),
    ),
  ].join('\n\n');
}

/**
 * What is deleted: each stack with its resources and what becomes of their data.
 *
 * @param title @default - that they were left behind
 */
export function deletionsAsText(
  deletions: readonly PlannedDeletion[],
  width?: number,
  title = deletionsTitle(deletions),
): string {
  if (deletions.length === 0) return title;
  return [`${title}:`, ...deletions.map((one) => deletionAsText(one, width))].join('\n\n');
}

function deletionAsText(deletion: PlannedDeletion, width = 120): string {
  const head = `${deletion.stackName} (${targetName(deletion)}): ${deletionOf(deletion)}`;
  const table = resourceTable({ id: deletion.stackName, changes: deletion.changes }, width);
  return [head, ...table].join('\n');
}

/** What a deployment would change: a table of all stacks, then each one that changes. */
export function changesAsText(stacks: readonly PlannedStack[], width = 120): string {
  const rows = stacks.map((stack) => ({
    stack: stack.id,
    where: targetName(stack),
    change: `${stack.outcome} ${inSigns(stack)}`,
    attention: attentionOf(stack)
      // Numbers tell the rest.
      .filter((word) => ['data loss', 'allows more', 'unprotects', 'drifted'].includes(word))
      .join(', '),
  }));
  const columns = ['stack', 'where', { key: 'change', whole: true }, { key: 'attention', whole: true }];
  const details = changing(stacks).map((stack) => `\n${stackAsText(stack, width)}`);
  return [formatTable(rows, columns, { width }), ...details].join('\n');
}

function resourceTable(stack: Pick<PlannedStack, 'id' | 'changes'>, width: number): string[] {
  const rows = resourcesOf(stack).map(({ data, properties, ...resource }) => ({
    ...resource,
    details: [data, properties].filter(Boolean).join('; '),
  }));
  const columns = ['what', { key: 'name', title: 'resource' }, 'type', 'details'];
  return rows.length === 0 ? [] : [formatTable(rows, columns, { width, indent: 2 })];
}

function stackAsText(stack: PlannedStack, width: number): string {
  const { permissions, drift = [] } = stack;
  const { lines } = permissions;
  return [
    [
      `${stack.id} (${targetName(stack)}): ${outcomeOf(stack)}`,
      ...stack.reasons,
      ...outputsLine(stack).map((line) => shortened(line, LONGEST_LINE)),
    ].join('; '),
    ...resourceTable(stack, width),
    ...(lines.length > 0 ? [`  ${permissionsTitle(stack)}:`] : []),
    ...lines.map(({ text, widens }) => `  ${widens ? '!' : ' '} ${shortened(text, LONGEST_LINE)}`),
    ...(drift.length > 0 ? [`  ${DRIFTED}:`] : []),
    ...drift.map((one) => `    ${shortened(driftLine(one, stack), LONGEST_LINE)}`),
  ].join('\n');
}

/** `+1 ~2 ±1 -1`: added, changed, replaced, removed. */
function inSigns(stack: PlannedStack): string {
  const { added, changed, replaced, removed } = countsOf(stack);
  const signs = Object.entries({ '+': added, '~': changed, '±': replaced, '-': removed });
  return signs.flatMap(([sign, number]) => (number > 0 ? [`${sign}${number}`] : [])).join(' ');
}
