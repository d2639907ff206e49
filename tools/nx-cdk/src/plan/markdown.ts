import { oneLine } from '../progress/index.ts';
import type { Plan, PlannedStack } from './model.ts';
import { actionOf, attentionOf, bySeverity, countsOf, dataOf, inNumbers, nameOf } from './wording.ts';

/** Characters that a comment on GitHub may have: 65,536; a little is left for what somebody puts around it. */
const LONGEST = 64_000;

/** Of these, how many the table of all stacks may take. */
const LONGEST_TABLE = 24_000;

/** Of these, how many one stack may take. */
const LONGEST_STACK = 24_000;

/** Characters of one name or line: what is longer is cut, and in the JSON. */
const LONGEST_NAME = 300;

/**
 * A plan for a pull request: a table of all stacks, and each one that changes folded away below it. It fits into a
 * comment; what is cut is named. Names come from templates; they are written so that they cannot break out of a table
 * or mention anybody.
 *
 * @param digest of the plan's file
 */
export function planAsMarkdown(plan: Plan, digest: string): string {
  const head = `**Plan for ${code(plan.project)}**: plan ${code(digest.slice(0, 12))}, release ${code(plan.release.slice(0, 12))}`;
  const table = tableOf(plan.stacks);
  const changing = plan.stacks.filter(({ outcome }) => outcome !== 'unchanged');
  const sections = new Map(changing.map((stack) => [stack.id, sectionOf(stack)]));
  // What needs attention gets its place first; if all have one, they stand in their order.
  const first = changing.toSorted((a, b) => Number(attentionOf(b).length > 0) - Number(attentionOf(a).length > 0));
  const shown = new Set<string>();
  let left = LONGEST - head.length - table.length - 500;
  for (const { id } of first) {
    const { length } = sections.get(id)!;
    if (length + 1 > left) break;
    left -= length + 1;
    shown.add(id);
  }
  const cut = changing.filter(({ id }) => !shown.has(id));
  return [
    `${head}\n`,
    table,
    ...changing.filter(({ id }) => shown.has(id)).map(({ id }) => sections.get(id)!),
    ...(cut.length === 0 ? [] : [leftOut(cut)]),
  ].join('\n');
}

function tableOf(stacks: readonly PlannedStack[]): string {
  const head =
    '| Stack | Where | Action | Add | Change | Replace | Remove | Attention |\n| --- | --- | --- | --: | --: | --: | --: | --- |\n';
  // Those that nothing happens to give way first.
  const order = stacks.toSorted((a, b) => Number(a.outcome === 'unchanged') - Number(b.outcome === 'unchanged'));
  const lines: string[] = [];
  let length = head.length;
  for (const stack of order) {
    const line = rowOf(stack);
    length += line.length;
    if (length > LONGEST_TABLE) break;
    lines.push(line);
  }
  const rest = order.slice(lines.length);
  const changing = rest.filter(({ outcome }) => outcome !== 'unchanged').length;
  const note =
    rest.length === 0
      ? ''
      : `\n**${rest.length} more stacks are not in this table, ${changing} of them change.** They are in the JSON of the plan.\n`;
  return `${head}${lines.join('')}${note}`;
}

function rowOf(stack: PlannedStack): string {
  const { added, changed, replaced, removed } = countsOf(stack);
  const attention = attentionOf(stack).map((word) => `**${word}**`);
  const cells = [
    code(stack.id),
    code(`${stack.account}/${stack.region}`),
    stack.outcome,
    ...[added, changed, replaced, removed].map((number) => (number === 0 ? '' : String(number))),
    attention.join(', '),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

function sectionOf(stack: PlannedStack): string {
  const attention = attentionOf(stack);
  const marks = attention.length > 0 ? ` <b>${attention.join(', ')}</b>` : '';
  const parts = [
    `<details>\n<summary>${code(stack.id)}: ${stack.outcome}, ${inNumbers(stack)}${marks}</summary>\n`,
    ...(stack.reasons.length > 0 ? [`${stack.reasons.map(code).join(', ')}\n`] : []),
    resourcesOf(stack),
    permissionsOf(stack),
    '</details>\n',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function resourcesOf(stack: PlannedStack): string {
  if (stack.changes.length === 0) return '';
  const head = '| What | Resource | Type | Data | Properties |\n| --- | --- | --- | --- | --- |\n';
  const rows = bySeverity(stack).map((change) => {
    const data = dataOf(change);
    const cells = [
      actionOf(change),
      code(nameOf(change, stack)),
      code(change.resourceType),
      change.data === 'lost' ? `**${data}**` : data,
      change.properties.length > 0 ? code(change.properties.join(', ')) : '',
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  const { kept, left } = fitting(rows, LONGEST_STACK / 2);
  return `${head}${kept.join('')}${left === 0 ? '' : `\n**${left} more resources** are in the JSON of the plan.\n`}`;
}

function permissionsOf({ permissions }: PlannedStack): string {
  if (permissions.lines.length === 0) return '';
  const title = permissions.widened ? '**Allows more than now**' : 'Allows less than now, or the same in other words';
  // What widens comes first: what is cut is then what matters least.
  const lines = permissions.lines
    .toSorted((a, b) => Number(b.widens) - Number(a.widens))
    .map(({ text, widens }) => `${shortened(text)}${widens ? '' : '  (not more than now)'}\n`);
  const { kept, left } = fitting(lines, LONGEST_STACK / 2);
  const text = kept.join('');
  // A fence longer than any in the text: a name must not end it and speak in our name.
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const note = left === 0 ? '' : `\n**${left} more lines** are in the JSON of the plan.\n`;
  return `${title}\n\n${fence}diff\n${text}${fence}\n${note}`;
}

function leftOut(stacks: readonly PlannedStack[]): string {
  const names = stacks.slice(0, 5).map(({ id }) => code(id));
  const more = stacks.length > names.length ? ` and ${stacks.length - names.length} more` : '';
  return `**Not shown here, for want of space:** ${names.join(', ')}${more}. They are in the JSON of the plan.\n`;
}

function fitting(lines: readonly string[], budget: number): { kept: readonly string[]; left: number } {
  let length = 0;
  const kept = lines.filter((line) => (length += line.length) <= budget);
  return { kept, left: lines.length - kept.length };
}

/**
 * A name as code, in which GitHub and GitLab neither see mentions, issues and commits, nor format anything. All that
 * means something to Markdown or HTML is written as a character reference, which a table's cell and a summary take as
 * well.
 */
function code(name: string): string {
  const text = shortened(name)
    .replace(/[^A-Za-z0-9 /:.,;=+-]/g, (char) => (char.codePointAt(0)! < 128 ? `&#${char.codePointAt(0)};` : char))
    // What looks like an address would become a link.
    .replaceAll('://', '&#58;//')
    .replaceAll('www.', 'www&#46;');
  return `<code>${text}</code>`;
}

function shortened(name: string): string {
  const text = oneLine(name);
  return text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME - 1)}…` : text;
}
