import { targetName } from '@nx-cdk/environments';
import { leftBehindLine, leftBehindTitle } from '../deploy/index.ts';
import { code, LONGEST_NAME } from './markdown-code.ts';
import type { Plan, PlannedDeletion, PlannedStack, Verdict } from './model.ts';
import { type PlanOrder, pictureOf } from './picture.ts';
import { wordAccepted, wordRefusal } from './rules.ts';
import {
  ACCEPTED,
  attentionOf,
  attentionOfDeletion,
  changing,
  countsOf,
  deletionOf,
  deletionsTitle,
  driftLine,
  DRIFTED,
  outcomeOf,
  permissionsTitle,
  REFUSED,
  resourcesOf,
  revertsLine,
  shortened,
} from './wording.ts';

/** Characters that a comment on GitHub may have: 65,536; a little is left for what somebody puts around it. */
const LONGEST = 64_000;

/** Of these, how many the table of all stacks may take. */
const LONGEST_TABLE = 24_000;

/** Of these, how many the resources of one stack may take, and how many what it allows. */
const LONGEST_PART = 12_000;

/** Of these, how many the table of the stacks may take that are deleted. */
const LONGEST_DELETIONS = 8_000;

/** Of these, how many the stacks may take that were left behind. */
const LONGEST_LEFT_BEHIND = 6_000;

/** Of these, how many what the rules refuse may take, and how many what is accepted. */
const LONGEST_RULES = 6_000;

/**
 * A plan for a pull request: a table of all stacks, and each one that changes folded away below it. It fits into a
 * comment; what is cut is named. Names from templates cannot break out of a table or mention anybody.
 *
 * @param digest of the plan's file
 * @param order for a picture of the stacks that change. @default - there is none
 */
export function planAsMarkdown(plan: Plan, digest: string, order?: PlanOrder): string {
  const { project, release, stacks, leftBehind = [], deletions, verdict } = plan;
  const head = `**Plan for ${code(project)}**: plan ${code(digest.slice(0, 12))}, release ${code(release.slice(0, 12))}`;
  const reverts = plan.revertsDrift ? `It ${revertsLine(plan)}.\n` : '';
  const rules = verdictOf(verdict);
  const picture = order === undefined ? '' : pictureOf(stacks, order);
  const table = `${stackTableOf(stacks)}${deletionTableOf(deletions)}${leftBehindOf(leftBehind)}`;
  const sections = [
    ...changing(stacks).map((stack) => ({ name: stack.id, attention: attentionOf(stack), text: sectionOf(stack) })),
    ...(deletions ?? []).map((deletion) => ({
      name: deletion.stackName,
      attention: attentionOfDeletion(deletion),
      text: deletionSectionOf(deletion),
    })),
  ];
  // What needs attention gets its place first; if all have one, they stand in their order.
  const byNeed = firstly(sections, ({ attention }) => attention.length > 0);
  const texts = byNeed.map(({ text }) => `${text}\n`);
  const shown = new Set(
    byNeed.slice(0, numberThatFits(texts, LONGEST - head.length - rules.length - picture.length - table.length - 500)),
  );
  const cut = sections.filter((section) => !shown.has(section)).map(({ name }) => name);
  const left = sections.filter((section) => shown.has(section)).map(({ text }) => text);
  const isRefused = verdict !== undefined && verdict.refused.length > 0;
  const approve = isRefused ? '' : `Deploy it, and nothing else, with ${code(`--planDigest=${digest}`)}.\n`;
  return [
    `${head}\n`,
    ...[reverts, approve, rules, picture].filter(Boolean),
    table,
    ...left,
    ...(cut.length === 0 ? [] : [leftOut(cut)]),
  ].join('\n');
}

/** What the rules of the workspace say. */
function verdictOf({ refused, accepted }: Verdict = { refused: [], accepted: [] }): string {
  const list = (title: string, texts: readonly string[]) => {
    if (texts.length === 0) return '';
    const lines = texts.map((text) => `- ${code(text)}\n`);
    const number = numberThatFits(lines, LONGEST_RULES);
    const left = lines.length - number;
    const rest = left === 0 ? '' : `\n**${left} more** are in the JSON of the plan.\n`;
    return `**${title}**\n\n${lines.slice(0, number).join('')}${rest}`;
  };
  const lists = [
    list(
      REFUSED,
      refused.map((one) => `${one.stack}: ${wordRefusal(one)}`),
    ),
    list(
      ACCEPTED,
      accepted.map((one) => `${one.stack}: ${wordAccepted(one)}`),
    ),
  ];
  return lists.filter((text) => text !== '').join('\n');
}

function stackTableOf(stacks: readonly PlannedStack[]): string {
  const head =
    '| Stack | Where | Action | Add | Change | Replace | Remove | Attention |\n| --- | --- | --- | --: | --: | --: | --: | --- |\n';
  // Those that nothing happens to give way first.
  const order = firstly(stacks, ({ outcome }) => outcome !== 'unchanged');
  const rows = order.map((stack) => {
    const { added, changed, replaced, removed } = countsOf(stack);
    const numbers = [added, changed, replaced, removed].map((number) => (number === 0 ? '' : String(number)));
    const attention = attentionOf(stack).map((word) => `**${word}**`);
    return [code(stack.id), code(targetName(stack)), stack.outcome, ...numbers, attention.join(', ')];
  });
  return tableOf(head, rows, LONGEST_TABLE - head.length, (left) => {
    const changed = order.slice(-left).filter(({ outcome }) => outcome !== 'unchanged').length;
    return `**${left} more stacks are not in this table, ${changed} of them change.** They are`;
  });
}

/** A table of as many rows as fit, and a note if some are left out. */
function tableOf(
  head: string,
  cells: readonly (readonly string[])[],
  budget: number,
  note: (left: number) => string,
): string {
  const rows = cells.map((row) => `| ${row.join(' | ')} |\n`);
  const number = numberThatFits(rows, budget);
  const left = rows.length - number;
  const rest = left === 0 ? '' : `\n${note(left)} in the JSON of the plan.\n`;
  return `${head}${rows.slice(0, number).join('')}${rest}`;
}

/** The stacks that go in the end, in their order. */
function deletionTableOf(deletions: readonly PlannedDeletion[] | undefined): string {
  if (deletions === undefined) return '';
  if (deletions.length === 0) return `\n${deletionsTitle(deletions)}.\n`;
  const head = '| Stack | Where | Action | Attention |\n| --- | --- | --- | --- |\n';
  const rows = deletions.map((deletion) => [
    code(deletion.stackName),
    code(targetName(deletion)),
    code(deletionOf(deletion)),
    attentionOfDeletion(deletion)
      .map((word) => `**${word}**`)
      .join(', '),
  ]);
  const table = tableOf(head, rows, LONGEST_DELETIONS, (left) => `**${left} more stacks to delete** are`);
  return `\n**${deletionsTitle(deletions)}:**\n\n${table}`;
}

function deletionSectionOf(deletion: PlannedDeletion): string {
  const { stackName: id, changes } = deletion;
  const marks = `<b>${attentionOfDeletion(deletion).join(', ')}</b>`;
  const parts = [`<details>\n<summary>${code(id)}: ${deletionOf(deletion)} ${marks}</summary>\n`];
  return [...parts, resourceTableOf({ id, changes }), '</details>\n'].join('\n');
}

/** The stacks that the deployment leaves where they are, though the app does not hold them any more. */
function leftBehindOf(stacks: NonNullable<Plan['leftBehind']>): string {
  if (stacks.length === 0) return '';
  const lines = stacks.map((stack) => `- ${code(leftBehindLine(stack))}\n`);
  const number = numberThatFits(lines, LONGEST_LEFT_BEHIND);
  const left = lines.length - number;
  const rest = left === 0 ? '' : `\n**${left} more** are in the JSON of the plan.\n`;
  const them = stacks.length === 1 ? 'it' : 'them';
  return `\n**${leftBehindTitle(stacks)}.** This plan leaves ${them} alone.\n\n${lines.slice(0, number).join('')}${rest}`;
}

function sectionOf(stack: PlannedStack): string {
  const attention = attentionOf(stack);
  const marks = attention.length > 0 ? ` <b>${attention.join(', ')}</b>` : '';
  const parts = [
    `<details>\n<summary>${code(stack.id)}: ${outcomeOf(stack)}${marks}</summary>\n`,
    ...(stack.reasons.length > 0 ? [`${stack.reasons.map(code).join(', ')}\n`] : []),
    outputsOf(stack),
    resourceTableOf(stack),
    permissionsOf(stack),
    driftOf(stack),
    '</details>\n',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** Outputs that a section names. */
const NAMED = 20;

function outputsOf({ outputs }: PlannedStack): string {
  const lines = Object.entries(outputs ?? {}).flatMap(([what, names]: [string, readonly string[]]) => {
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
    return names.length > 0 ? [`Outputs ${what}: ${names.slice(0, NAMED).map(code).join(', ')}${more}`] : [];
  });
  return lines.length === 0 ? '' : `${lines.join('; ')}\n`;
}

function resourceTableOf(stack: Pick<PlannedStack, 'id' | 'changes'>): string {
  if (stack.changes.length === 0) return '';
  const head = '| What | Resource | Type | Data | Properties |\n| --- | --- | --- | --- | --- |\n';
  const rows = resourcesOf(stack).map(({ what, name, type, data, isLost, properties }) => {
    return [what, code(name), code(type), isLost ? `**${data}**` : data, properties && code(properties)];
  });
  return tableOf(head, rows, LONGEST_PART, (left) => `**${left} more resources** are`);
}

function permissionsOf(stack: PlannedStack): string {
  const { lines, widened } = stack.permissions;
  if (lines.length === 0) return '';
  const title = permissionsTitle(stack).replace(/^a/, 'A');
  // What widens comes first: what is cut is then what matters least.
  const texts = firstly(lines, ({ widens }) => widens).map(
    ({ text, widens }) => `${shortened(text, LONGEST_NAME)}${widens ? '' : '  (not more than now)'}\n`,
  );
  const number = numberThatFits(texts, LONGEST_PART);
  const text = texts.slice(0, number).join('');
  const left = texts.length - number;
  // A fence longer than any in the text: a name must not end it and speak in our name.
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const note = left === 0 ? '' : `\n**${left} more lines** are in the JSON of the plan.\n`;
  return `${widened ? `**${title}**` : title}\n\n${fence}diff\n${text}${fence}\n${note}`;
}

/** What had drifted when the stack was planned. */
function driftOf(stack: PlannedStack): string {
  const { drift = [] } = stack;
  if (drift.length === 0) return '';
  const lines = drift.map((one) => `- ${code(driftLine(one, stack))}\n`);
  const number = numberThatFits(lines, LONGEST_PART);
  const left = lines.length - number;
  const rest = left === 0 ? '' : `\n**${left} more** are in the JSON of the plan.\n`;
  return `**It ${DRIFTED}:**\n\n${lines.slice(0, number).join('')}${rest}`;
}

function leftOut(stacks: readonly string[]): string {
  const names = stacks.slice(0, 5).map(code);
  const more = stacks.length > names.length ? ` and ${stacks.length - names.length} more` : '';
  return `**Not shown here, to fit into a comment:** ${names.join(', ')}${more}. They are in the JSON of the plan.\n`;
}

/** What matters first, each part in its order. */
function firstly<T>(things: readonly T[], matters: (thing: T) => boolean): T[] {
  return things.toSorted((a, b) => Number(matters(b)) - Number(matters(a)));
}

/** How many texts, from the first on, fit into so many characters. */
function numberThatFits(texts: readonly string[], budget: number): number {
  let length = 0;
  const over = texts.findIndex((text) => (length += text.length) > budget);
  return over === -1 ? texts.length : over;
}
