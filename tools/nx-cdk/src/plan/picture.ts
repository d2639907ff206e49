import type { AssemblyStack, PromotionGroup } from '../assembly/index.ts';
import { withUnseenShown } from '../progress/index.ts';
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

/** Of more stacks, a picture says nothing. */
const MOST = 30;

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
 * Empty if there is no order to show: for a single stack, and for more than a few dozen.
 */
export function drawStacks(shown: readonly PicturedStack[], { stacks, promotion }: PlanOrder): string {
  if (shown.length < 2 || shown.length > MOST) return '';
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
  const lines = groups.flatMap(({ name, group, own }) => [
    `  subgraph g${group}["${label(name)}"]`,
    ...own.map((stack) => `    ${box(stack)}`),
    '  end',
  ]);
  for (const stack of shown.filter(({ id }) => !groupOf.has(id))) lines.push(`  ${box(stack)}`);
  for (const [before, after] of waitsOf(new Set(numbers.keys()), stacks)) {
    const [a, b] = [groupOf.get(before), groupOf.get(after)];
    // One environment after the other says it for all of their stacks.
    if (a === b || a === undefined || b === undefined)
      lines.push(`  s${numbers.get(before)!} --> s${numbers.get(after)!}`);
  }
  for (const [index, { group }] of groups.entries()) {
    const next = groups[index + 1];
    if (next !== undefined) lines.push(`  g${group} --> g${next.group}`);
  }
  return `\`\`\`mermaid\nflowchart LR\n${lines.join('\n')}\n\`\`\`\n`;
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
    left.push(...(needs.get(id) ?? []));
  }
  return found;
}

/** A text in quotes, in which Mermaid and Markdown see nothing but letters: all else is the number of a character. */
function label(text: string): string {
  return withUnseenShown(shortened(text, LONGEST_NAME))
    .replaceAll(/[^A-Za-z0-9 ,/-]/gu, (character) => `#${character.codePointAt(0)!};`)
    .replace(/^-/, '#45;');
}
