import { withUnseenShown } from '../progress/index.ts';

/** Markup, of which every part that was not written in this room is escaped. */
export class Html {
  /** Its text in pieces: what is large is never copied again, since a page can have megabytes. */
  readonly pieces: readonly string[];

  /** @param pieces markup as it is */
  constructor(pieces: readonly string[]) {
    this.pieces = pieces;
  }

  get markup(): string {
    return this.pieces.join('');
  }
}

/** Characters of a piece, about. */
const PIECE = 8192;

/** Puts small texts together into pieces. */
class Pieces {
  readonly #done: string[] = [];
  #open: string[] = [];
  #length = 0;

  add(text: string): void {
    if (this.#length + text.length > PIECE) this.#close();
    this.#open.push(text);
    this.#length += text.length;
  }

  addPart(part: Part): void {
    if (part === undefined || part === false) return;
    if (part instanceof Html) for (const piece of part.pieces) this.add(piece);
    else if (typeof part === 'object') for (const one of part) this.addPart(one);
    else this.add(escaped(String(part)));
  }

  end(): readonly string[] {
    this.#close();
    return this.#done;
  }

  #close(): void {
    if (this.#open.length > 0) this.#done.push(this.#open.join(''));
    this.#open = [];
    this.#length = 0;
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
  const pieces = new Pieces();
  for (const [index, text] of written(strings).entries()) {
    pieces.add(text);
    pieces.addPart(parts[index]);
  }
  return new Html(pieces.end());
}

const templates = new WeakMap<TemplateStringsArray, readonly string[]>();

/** A template without the indentation that it has in the source: a page holds many of each. */
function written(strings: TemplateStringsArray): readonly string[] {
  const known = templates.get(strings) ?? strings.map((part) => narrow(part.replace(/\s*\n\s*/g, '\n')));
  templates.set(strings, known);
  return known;
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What most names are made of: nothing in it has to be escaped. */
const PLAIN = /^[\w .,:;/+*=()-]*$/;

/** All control characters but tabs and line ends; HTML allows no reference to most of them. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text as markup. What nobody sees, such as marks of direction, is shown as its number. */
function escaped(text: string): string {
  if (PLAIN.test(text)) return text;
  return narrow(
    withUnseenShown(text)
      .replace(CONTROL, '\u{fffd}')
      .replace(/[&<>"']/g, (character) => REFERENCES[character]!),
  );
}

/** Without characters of more than a byte: with one of them, Node keeps a whole page in two bytes a character. */
function narrow(markup: string): string {
  return markup.replace(/[^\u0000-\u00ff]/gu, (character) => `&#${character.codePointAt(0)!};`);
}

/** Parts with another part between them. */
export function joined(parts: readonly Part[], between: Part): Part[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [between, part]));
}
