import type { Tree } from '@nx/devkit';
import { applyEdits, type JSONPath, modify } from 'jsonc-parser';
import { compactJson } from './compact-json.ts';

/** One change of a JSON file. */
export interface JsonEdit {
  /** Keys and indexes from the root of the file: `['plugins', 0, 'options']`. */
  readonly path: JSONPath;
  /** What stands there afterwards; `undefined` takes it away. */
  readonly value: unknown;
  /** Whether it becomes a new entry of the list, before the one of this index (-1: at its end). @default false */
  readonly insert?: boolean;
  /** Whether it is written as `compactJson` writes it. @default false, with a line for each key */
  readonly compact?: boolean;
  /** Where a new key stands among the others. @default - after them */
  readonly position?: (keys: readonly string[]) => number;
}

/**
 * Changes a JSON file and leaves everything else in it as it is: comments, order, indentation and line ends.
 *
 * @throws if the file is not there, or the path leads through something that is no object or list
 */
export function editJson(tree: Tree, file: string, edits: readonly JsonEdit[]): void {
  const before = tree.read(file, 'utf8');
  if (before === null) throw new Error(`${file} is missing.`);
  const formattingOptions = formatOf(before);
  let text = before;
  for (const { path, value, insert = false, compact = false, position } of edits) {
    const getInsertionIndex = position && ((keys: string[]) => position(keys));
    const options = { isArrayInsertion: insert, getInsertionIndex };
    text = compact
      ? fill(applyEdits(text, modify(text, path, PLACE, options)), value, formattingOptions)
      : applyEdits(text, modify(text, path, value, { ...options, formattingOptions }));
  }
  if (text !== before) tree.write(file, text);
}

/** Holds the place of a value. What `modify` formats, it formats with all that stands beside it. */
const PLACE = 'nx-cdk: a value';

/** Writes the value into its place, in a line of its own if it is new. */
function fill(text: string, value: unknown, { insertSpaces, tabSize, eol }: FormattingOptions): string {
  const place = new RegExp(`^([ \\t]*)(.*?)("[^"]*": *)?"${PLACE}"`, 'm');
  const step = insertSpaces ? ' '.repeat(tabSize) : '\t';
  return text.replace(place, (_, outer: string, others: string, key = '') => {
    const indent = /[[{]$/.test(others) ? `${outer}${step}` : outer;
    const written = compactJson(value, { indent, step, before: key.length }).replaceAll('\n', eol);
    const isNew = /[,[{]$/.test(others);
    return `${outer}${others}${isNew ? `${eol}${indent}` : ''}${key}${written}`;
  });
}

interface FormattingOptions {
  readonly insertSpaces: boolean;
  readonly tabSize: number;
  readonly eol: string;
}

/** How a file is indented, by its first line that is, and how its lines end. */
function formatOf(text: string): FormattingOptions {
  const [, indent = '  '] = /^([ \t]+)\S/m.exec(text) ?? [];
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
