/** How a language writes comments and strings. */
export interface Syntax {
  readonly lineComment: string;
  /** @default - there are none */
  readonly blockComment?: readonly [begin: string, end: string];
  /** Longer ones first. */
  readonly quotes: readonly string[];
  /** Quote whose strings hold expressions, `${...}`. @default - there is none */
  readonly template?: string;
}

/** Stands for a line end inside a string, where an indentation would change what the string says. */
export const LINE_END_IN_STRING = '\u0002';

/**
 * A source with the content of its comments and strings blanked out, in the same length: what is left are words and
 * brackets, so that a pattern finds code only, and its place in the source.
 */
export function masked(source: string, syntax: Syntax): string {
  const { lineComment, blockComment, quotes, template } = syntax;
  let result = '';
  /** Copies as blanks until the end mark, and that mark as it is. */
  const blankUntil = (end: string, from: number, lineEnd: string, escapes: boolean): number => {
    let index = from;
    while (index < source.length && !source.startsWith(end, index)) {
      const isEscape = escapes && source[index] === '\\';
      for (const char of source.slice(index, index + (isEscape ? 2 : 1))) result += char === '\n' ? lineEnd : ' ';
      index += isEscape ? 2 : 1;
    }
    result += source.slice(index, index + end.length);
    return index + end.length;
  };
  /** Copies code until the bracket that closes it, or the end of the source. */
  const copyCode = (from: number): number => {
    let depth = 0;
    for (let index = from; index < source.length;) {
      const at = (mark: string) => source.startsWith(mark, index);
      const quote = quotes.find(at);
      if (at(lineComment)) {
        index = blankUntil('\n', index, '\n', false);
      } else if (blockComment !== undefined && at(blockComment[0])) {
        index = blankUntil(blockComment[1], index, '\n', false);
        result = `${result.slice(0, -blockComment[1].length)}${' '.repeat(blockComment[1].length)}`;
      } else if (quote !== undefined) {
        result += quote;
        index =
          quote === template
            ? copyTemplate(index + 1)
            : blankUntil(quote, index + quote.length, LINE_END_IN_STRING, true);
      } else {
        const char = source[index]!;
        if (char === '{') depth++;
        if (char === '}' && depth-- === 0) return index;
        result += char;
        index++;
      }
    }
    return source.length;
  };
  const copyTemplate = (from: number): number => {
    let index = from;
    while (index < source.length && source[index] !== template) {
      if (source.startsWith('${', index)) {
        result += '${';
        index = copyCode(index + 2);
        result += source[index] ?? '';
        index++;
      } else {
        const length = source[index] === '\\' ? 2 : 1;
        for (const char of source.slice(index, index + length)) result += char === '\n' ? LINE_END_IN_STRING : ' ';
        index += length;
      }
    }
    result += source[index] ?? '';
    return index + 1;
  };
  for (let index = 0; index < source.length;) {
    index = copyCode(index);
    // A bracket that closes nothing: the source is broken, and whoever looks for code will find none.
    if (index < source.length) result += source[index++];
  }
  return result.slice(0, source.length);
}

/** Place of the bracket that closes the one at `open`; -1 if none does. */
export function closing(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    if ('([{'.includes(text[index]!)) depth++;
    if (')]}'.includes(text[index]!) && --depth === 0) return index;
  }
  return -1;
}

/** How many brackets are open at a place. */
export function depthAt(text: string, place: number): number {
  const before = text.slice(0, place);
  return (before.match(/[([{]/g) ?? []).length - (before.match(/[)\]}]/g) ?? []).length;
}

/** A part of a source, by its places. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What commas separate between two places, without the white space around it; nothing for an empty last one. */
export function separated(text: string, { start, end }: Span): Span[] {
  const spans: Span[] = [];
  let from = start;
  for (let index = start; index <= end; index++) {
    if ('([{'.includes(text[index] ?? ' ')) {
      const close = closing(text, index);
      if (close === -1) return [];
      index = close;
    } else if (index === end || text[index] === ',') {
      spans.push({ start: from, end: index });
      from = index + 1;
    }
  }
  return spans.map((span) => trimmed(text, span)).filter((span) => span.start < span.end);
}

function trimmed(text: string, { start, end }: Span): Span {
  const part = text.slice(start, end);
  return { start: start + part.length - part.trimStart().length, end: start + part.trimEnd().length };
}
