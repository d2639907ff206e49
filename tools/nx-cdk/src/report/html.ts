import { withUnseenShown } from '../progress/index.ts';

/** Markup, of which every part that was not written in this room is escaped. Made by {@link html} alone. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What may stand in a template: text is escaped, nothing is left out. */
export type Part = Html | string | number | undefined | false | readonly Part[];

/**
 * Markup from a template. Everything that is put in is text, also where it looks like markup; in attributes it has to
 * stand in double quotes.
 *
 *     html`<td title="${path}">${name}</td>`
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const own = written(strings);
  let markup = own[0]!;
  for (let index = 0; index < parts.length; index += 1) markup += markupOf(parts[index]) + own[index + 1]!;
  return new Html(markup);
}

const templates = new WeakMap<TemplateStringsArray, readonly string[]>();

/** A template without the indentation that it has in the source: a page holds many of each. */
function written(strings: TemplateStringsArray): readonly string[] {
  const known = templates.get(strings) ?? strings.map((part) => part.replace(/\s*\n\s*/g, '\n'));
  templates.set(strings, known);
  return known;
}

function markupOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'object') return part.map(markupOf).join('');
  return escaped(String(part));
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** All control characters but tabs and line ends; HTML allows no reference to most of them. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text as markup. What nobody sees, such as marks of direction, is shown as its number. */
function escaped(text: string): string {
  return withUnseenShown(text)
    .replace(CONTROL, '\u{fffd}')
    .replace(/[&<>"']/g, (character) => REFERENCES[character]!);
}

/** Parts with another part between them. */
export function joined(parts: readonly Part[], between: Part): Part[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [between, part]));
}
