import { targetName } from '@nx-cdk/environments';
import { formatTable } from '../progress/index.ts';
import type { Plan, PlannedStack } from './model.ts';
import { attentionOf, changing, countsOf, outcomeOf, permissionsTitle, resourcesOf, shortened } from './wording.ts';

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
    where: targetName(stack),
    change: `${stack.outcome} ${inSigns(stack)}`,
    attention: attentionOf(stack)
      // Numbers tell the rest.
      .filter((word) => ['data loss', 'allows more', 'unprotects'].includes(word))
      .join(', '),
  }));
  const columns = ['stack', 'where', { key: 'change', whole: true }, { key: 'attention', whole: true }];
  const details = changing(stacks).map((stack) => `\n${stackAsText(stack, width)}`);
  return [formatTable(rows, columns, { width }), ...details].join('\n');
}

function stackAsText(stack: PlannedStack, width: number): string {
  const rows = resourcesOf(stack).map(({ data, properties, ...resource }) => ({
    ...resource,
    details: [data, properties].filter(Boolean).join('; '),
  }));
  const columns = ['what', { key: 'name', title: 'resource' }, 'type', 'details'];
  const { lines } = stack.permissions;
  return [
    [`${stack.id} (${targetName(stack)}): ${outcomeOf(stack)}`, ...stack.reasons].join('; '),
    ...(rows.length > 0 ? [formatTable(rows, columns, { width, indent: 2 })] : []),
    ...(lines.length > 0 ? [`  ${permissionsTitle(stack)}:`] : []),
    ...lines.map(({ text, widens }) => `  ${widens ? '!' : ' '} ${shortened(text, LONGEST_LINE)}`),
  ].join('\n');
}

/** `+1 ~2 ±1 -1`: added, changed, replaced, removed. */
function inSigns(stack: PlannedStack): string {
  const { added, changed, replaced, removed } = countsOf(stack);
  const signs = Object.entries({ '+': added, '~': changed, '±': replaced, '-': removed });
  return signs.flatMap(([sign, number]) => (number > 0 ? [`${sign}${number}`] : [])).join(' ');
}
