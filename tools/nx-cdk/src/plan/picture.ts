import type { AssemblyStack, PromotionGroup } from '../assembly/index.ts';
import { count, withUnseenShown } from '../progress/index.ts';
import type { PlannedStack } from './model.ts';
import { attentionOf, changing, shortened } from './wording.ts';

/** What decides in which order stacks are deployed. */
export interface PlanOrder {
  /** All stacks of the assembly. */
  readonly stacks: readonly Pick<AssemblyStack, 'id' | 'dependencies'>[];
  /** Environments in promotion order. */
  readonly promotion: readonly PromotionGroup[];
}

/** A stack in a picture. */
export interface PicturedStack {
  readonly id: string;
  /** What happens to it, and what to look at. */
  readonly words: readonly string[];
}

/** More boxes cannot be read: of more stacks, there is one for each environment. */
const MOST = 30;

/** Boxes beside each other that fit into a comment with letters of their size, about. */
const BESIDE = 4;

/** Characters of a name: what is longer is cut, and in the table. */
const LONGEST_NAME = 60;

/** The picture of a plan, as {@link drawStacks} has it. */
export function pictureOf(planned: readonly PlannedStack[], order: PlanOrder): string {
  const shown = changing(planned).map((stack) => ({ id: stack.id, words: [stack.outcome, ...attentionOf(stack)] }));
  return drawStacks(shown, order);
}

/**
 * A small picture of the stacks that change, each after those that it waits for, as Mermaid in Markdown: GitHub and
 * GitLab draw it (https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/creating-diagrams).
 * Of more than a few dozen stacks, it shows their environments. Empty if there is no order to show, as for one.
 */
export function drawStacks(shown: readonly PicturedStack[], order: PlanOrder): string {
  const { stacks, promotion } = order;
  if (shown.length > MOST) return drawEnvironments(shown, order);
  if (shown.length < 2) return '';
  const numbers = new Map(shown.map(({ id }, index) => [id, index]));
  const groupOf = new Map(promotion.flatMap(({ stackIds }, group) => stackIds.map((id) => [id, group] as const)));
  const box = (stack: PicturedStack) => {
    const group = groupOf.get(stack.id);
    const environment = group === undefined ? undefined : promotion[group]!.name;
    const own = environment !== undefined && stack.id.startsWith(`${environment}/`);
    const name = own ? stack.id.slice(environment.length + 1) : stack.id;
    const words = stack.words.length > 0 ? `<br/>${label(stack.words.join(', '))}` : '';
    return `s${numbers.get(stack.id)!}["${label(name)}${words}"]`;
  };
  const groups = promotion
    .map(({ name }, group) => ({ name, group, own: shown.filter(({ id }) => groupOf.get(id) === group) }))
    .filter(({ own }) => own.length > 0);
  const waits = waitsOf(new Set(numbers.keys()), stacks);
  // Environments stand below each other: beside each other they would be made too small to be read.
  const directionOf = (own: readonly PicturedStack[]) => directionFor(new Set(own.map(({ id }) => id)), waits);
  const lines = groups.flatMap(({ name, group, own }) => [
    `  subgraph g${group}["${label(name)}"]`,
    // Else it is another one in each version of Mermaid.
    `    direction ${directionOf(own)}`,
    ...own.map((stack) => `    ${box(stack)}`),
    '  end',
  ]);
  for (const stack of shown.filter(({ id }) => !groupOf.has(id))) lines.push(`  ${box(stack)}`);
  for (const [before, after] of waits) {
    const [a, b] = [groupOf.get(before), groupOf.get(after)];
    // One environment after the other says it for all of their stacks.
    if (a === b || a === undefined || b === undefined)
      lines.push(`  s${numbers.get(before)!} --> s${numbers.get(after)!}`);
  }
  for (const [index, { group }] of groups.entries()) {
    const next = groups[index + 1];
    if (next !== undefined) lines.push(`  g${group} --> g${next.group}`);
  }
  return asMarkdown(groups.length > 0 ? 'TB' : directionOf(shown), lines);
}

/** Of many stacks: how many of each environment change in which way, one environment after the other. */
function drawEnvironments(shown: readonly PicturedStack[], { promotion }: PlanOrder): string {
  const wordsOf = new Map(shown.map(({ id, words }) => [id, words]));
  const groups = promotion
    .map(({ name, stackIds }) => ({
      name,
      own: stackIds.flatMap((id) => [wordsOf.get(id) ?? []].filter((one) => one.length > 0)),
    }))
    .filter(({ own }) => own.length > 0);
  if (groups.length === 0 || groups.length > MOST) return '';
  const boxes = groups.map(({ name, own }, index) => {
    const words = Map.groupBy(own.flat(), (word) => word);
    const counted = [...words].map(([word, { length }]) => `${length} ${word}`);
    return `  g${index}["${label(name)}<br/>${label(`${count(own.length, 'stack')}: ${counted.join(', ')}`)}"]`;
  });
  const arrows = groups.slice(1).map((_, index) => `  g${index} --> g${index + 1}`);
  return asMarkdown(groups.length > BESIDE ? 'TB' : 'LR', [...boxes, ...arrows]);
}

function asMarkdown(direction: 'LR' | 'TB', lines: readonly string[]): string {
  return `\`\`\`mermaid\nflowchart ${direction}\n${lines.join('\n')}\n\`\`\`\n`;
}

/**
 * In which direction boxes are drawn, so that their letters stay as large as they can: a reader scrolls down, but a
 * picture that is too wide is made smaller.
 */
function directionFor(
  own: ReadonlySet<string>,
  waits: readonly (readonly [before: string, after: string])[],
): 'LR' | 'TB' {
  const ranks = new Map([...own].map((id) => [id, 0]));
  // As often as the longest chain can be; one that is a circle has no end.
  for (let time = 0; time < own.size; time += 1) {
    for (const [before, after] of waits) {
      if (own.has(before) && own.has(after)) ranks.set(after, Math.max(ranks.get(after)!, ranks.get(before)! + 1));
    }
  }
  const byRank = Map.groupBy(ranks.values(), (rank) => Math.min(rank, own.size));
  const widest = Math.max(...[...byRank.values()].map(({ length }) => length));
  return byRank.size <= BESIDE || byRank.size <= widest ? 'LR' : 'TB';
}

/**
 * Which of some stacks waits for which, also by way of stacks that are not among them; without what follows from
 * others.
 */
function waitsOf(
  shown: ReadonlySet<string>,
  stacks: PlanOrder['stacks'],
): (readonly [before: string, after: string])[] {
  const needs = new Map(stacks.map(({ id, dependencies }) => [id, dependencies]));
  /** All that a stack waits for, however far away. */
  const reached = new Map([...shown].map((id) => [id, reach(id, needs)] as const));
  return [...shown].flatMap((after) => {
    const all = [...reached.get(after)!].filter((id) => shown.has(id) && id !== after);
    const between = all.filter((before) => !all.some((other) => other !== before && reached.get(other)!.has(before)));
    return between.map((before) => [before, after] as const);
  });
}

function reach(start: string, needs: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  const left = [...(needs.get(start) ?? [])];
  while (left.length > 0) {
    const id = left.pop()!;
    if (found.has(id)) continue;
    found.add(id);
    for (const need of needs.get(id) ?? []) left.push(need);
  }
  return found;
}

/**
 * A text in quotes, in which Mermaid and Markdown see nothing but letters: all else is the number of a character. What
 * Mermaid takes for a formula or an icon after that is taken apart.
 */
function label(text: string): string {
  return shortened(withUnseenShown(text), LONGEST_NAME)
    .replaceAll('$$', '$ $')
    .replaceAll(':fa-', ': fa-')
    .replaceAll(/[^A-Za-z0-9 ,/-]/gu, (character) => `#${character.codePointAt(0)!};`)
    .replace(/^-/, '#45;');
}
