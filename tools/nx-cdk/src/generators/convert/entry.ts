import { closing, depthAt, LINE_END_IN_STRING, masked, separated, type Span, type Syntax } from './masked.ts';

/** A change of a source: what stands between two places afterwards. */
export interface Replacement extends Span {
  readonly text: string;
}

/** A stack that an entry file makes below its app. */
export interface StackCall extends Span {
  /** The argument that is the app. */
  readonly scope: Span;
  /** The argument that is the id, with its quotes. */
  readonly id: Span;
  readonly name: string;
  /** All other arguments. */
  readonly others: readonly Span[];
}

/** An entry file in the shape of `cdk init`: an app, and below it, one after the other, its stacks. */
export interface Entry {
  readonly source: string;
  readonly code: string;
  /** The variable that holds the app. */
  readonly app: string;
  /** How the file writes the names of the library: `cdk.`, or nothing. */
  readonly library: string;
  readonly stacks: readonly StackCall[];
  /** From the first stack to the end of the last one, whole lines. */
  readonly region: Span;
}

/** What a conversion is about. */
export interface Conversion {
  readonly source: string;
  /** Whether stacks keep the names that they have had. */
  readonly keepNames: boolean;
}

/** What came of it. */
export interface Converted {
  readonly text: string;
  /** Names of the stacks. */
  readonly stacks: readonly string[];
}

/** What differs from one language to another. */
export interface Language {
  readonly syntax: Syntax;
  /** Finds the app; its groups are the variable and the prefix of the library. */
  readonly app: RegExp;
  /** Makes what finds a construct right below a scope, from the start of its statement to its bracket. */
  readonly construct: (scope: string) => RegExp;
  /** Finds what a line declares; its group is the name. */
  readonly declaration: RegExp;
}

/** See {@link inLoops}. */
interface Loops {
  readonly head: readonly string[];
  readonly unit: string;
  readonly id: (name: string) => string;
  readonly envOf: (stack: StackCall) => Span | undefined;
}

/** Why an entry file is not in the shape of `cdk init`: a clause. */
export class OtherShape extends Error {}

/**
 * Finds the app and its stacks in a source.
 *
 * @throws OtherShape
 */
export function readEntry(source: string, { syntax, app: ofApp, construct, declaration }: Language): Entry {
  const code = masked(source, syntax);
  const apps = [...code.matchAll(ofApp)];
  if (apps.length !== 1)
    throw new OtherShape(`it makes ${apps.length === 0 ? 'no app' : 'several apps'} at its top level`);
  const [, app = '', library = ''] = apps[0]!;
  const stacks = [...code.matchAll(construct(app))].map((match) => stackOf(source, code, match.index, match[0]));
  const [first, last] = [stacks[0], stacks.at(-1)];
  if (first === undefined || last === undefined) throw new OtherShape('it makes no stack right below the app');
  const region = { start: first.start, end: endOfLine(code, last.end) };
  const inRegion = without(
    code,
    region,
    stacks.map(({ scope }) => scope),
  );
  const before = code.slice(apps[0]!.index + apps[0]![0].length, region.start);
  const after = code.slice(region.end);
  const name = word(app);
  // Stacks of another shape: in a function, or as somebody else's argument.
  if (name.test(inRegion)) throw new OtherShape(`what is between its stacks uses ${app}`);
  if (new RegExp(`\\b${app}\\s*,`).test(before + after)) throw new OtherShape(`it hands ${app} to other code`);
  for (const [, declared = ''] of inRegion.matchAll(declaration)) {
    if (word(declared).test(after)) throw new OtherShape(`${declared} is used after the last stack`);
  }
  return { source, code, app, library, stacks, region };
}

function stackOf(source: string, code: string, start: number, head: string): StackCall {
  if (depthAt(code, start) > 0) throw new OtherShape('it makes a stack inside of a function or a block');
  if (start > 0 && code[start - 1] !== '\n') throw new OtherShape('it makes a stack inside of another statement');
  const open = start + head.lastIndexOf('(');
  const close = closing(code, open);
  const [scope, id, ...others] = close === -1 ? [] : separated(code, { start: open + 1, end: close });
  const [, name] = /^(["'])([\w-]+)\1$/.exec(id === undefined ? '' : source.slice(id.start, id.end))?.slice(1) ?? [];
  if (scope === undefined || id === undefined || name === undefined) {
    throw new OtherShape('the id of a stack is not written where the stack is made');
  }
  return { start, end: close + 1, scope, id, name, others };
}

/** The text of a part, without other parts in it. */
function without(code: string, { start, end }: Span, others: readonly Span[]): string {
  const edges = [start, ...others.flatMap((other) => [other.start, other.end]), end];
  return Array.from({ length: edges.length / 2 }, (_, index) =>
    code.slice(edges[2 * index], edges[2 * index + 1]),
  ).join(' ');
}

/** A source with replacements, of which none overlaps another. */
export function replaced(source: string, replacements: readonly Replacement[]): string {
  return replacements
    .toSorted((one, other) => other.start - one.start || other.end - one.end)
    .reduce((text, { start, end, text: by }) => `${text.slice(0, start)}${by}${text.slice(end)}`, source);
}

/**
 * The stacks in a loop over targets, in a loop over environments: their new place, and the scope and id of each.
 *
 * @param head the lines that begin the loops
 * @param unit what indents a line once
 * @param id of a stack, in quotes
 * @param envOf the argument or property of a stack that says where it goes
 * @throws OtherShape if the stacks go to different places
 */
export function inLoops(entry: Entry, { head, unit, id, envOf }: Loops): Replacement[] {
  const { source, code, region, stacks } = entry;
  const places = stacks.map(envOf).map((env) => env && source.slice(env.start, env.end).replaceAll(/\s/g, ''));
  if (new Set(places).size > 1) throw new OtherShape('its stacks have different values of env');
  const indent = unit.repeat(2);
  return [
    { start: region.start, end: region.start, text: `${gapBefore(entry)}${head.join('\n')}\n${indent}` },
    ...indentations(code, region, indent).slice(1),
    ...stacks.flatMap((stack) => [
      { ...stack.scope, text: 'stage' },
      { ...stack.id, text: id(stack.name) },
    ]),
  ];
}

/** What indents every line of a part, except those inside of strings. */
function indentations(code: string, { start, end }: Span, indent: string): Replacement[] {
  const lines: Replacement[] = [];
  for (let index = start; index < end; index = code.indexOf('\n', index) + 1 || end) {
    if (code[index - 1] !== LINE_END_IN_STRING && code[index] !== '\n')
      lines.push({ start: index, end: index, text: indent });
  }
  return lines;
}

/** An empty line, if there is none before the stacks. */
function gapBefore({ source, region: { start } }: Pick<Entry, 'source' | 'region'>): string {
  return /(^|\n\r?\n)$/.test(source.slice(0, start)) ? '' : '\n';
}

function endOfLine(code: string, place: number): number {
  const end = code.indexOf('\n', place);
  return end === -1 ? code.length : end;
}

function word(name: string): RegExp {
  return new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}(?![\\w$])`);
}
