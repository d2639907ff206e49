import type { Tree } from '@nx/devkit';
import { applyEdits, type JSONPath, modify } from 'jsonc-parser';

/** One change of a JSON file. */
export interface JsonEdit {
  /** Keys and indexes from the root of the file: `['plugins', 0, 'options']`. */
  readonly path: JSONPath;
  /** What stands there afterwards; `undefined` takes it away. */
  readonly value: unknown;
  /** Whether it becomes a new entry of the list, before the one of this index (-1: at its end). @default false */
  readonly insert?: boolean;
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
  for (const { path, value, insert = false, position } of edits) {
    const getInsertionIndex = position && ((keys: string[]) => position(keys));
    const changes = modify(text, path, value, { formattingOptions, isArrayInsertion: insert, getInsertionIndex });
    text = applyEdits(text, changes);
  }
  if (text !== before) tree.write(file, text);
}

/** How a file is indented, by its first line that is, and how its lines end. */
function formatOf(text: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const [, indent = '  '] = /^([ \t]+)\S/m.exec(text) ?? [];
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
