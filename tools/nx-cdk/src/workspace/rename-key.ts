import type { Tree } from '@nx/devkit';
import { type JSONPath, visit } from 'jsonc-parser';
import { editJson } from './json.ts';

interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * Renames a key of a JSON file wherever it stands, at its place. Where an object has the new name as well, the old one
 * goes: the new one said the last word.
 */
export function renameKey(tree: Tree, file: string, from: string, to: string): void {
  const text = tree.read(file, 'utf8') ?? '';
  if (!text.includes(`"${from}"`)) return;
  const old: (Place & { readonly path: JSONPath })[] = [];
  const known = new Set<string>();
  visit(text, {
    onObjectProperty: (name, offset, length, _line, _column, path) => {
      if (name === from) old.push({ offset, length, path: path() });
      if (name === to) known.add(JSON.stringify(path()));
    },
  });
  const isDouble = ({ path }: { path: JSONPath }) => known.has(JSON.stringify(path));
  // From the end, so that the places before stay what they are.
  const renamed = old
    .filter((one) => !isDouble(one))
    .toReversed()
    .reduce(
      (content, { offset, length }) => content.slice(0, offset) + JSON.stringify(to) + content.slice(offset + length),
      text,
    );
  if (renamed !== text) tree.write(file, renamed);
  editJson(
    tree,
    file,
    old.filter(isDouble).map(({ path }) => ({ path: [...path, from], value: undefined })),
  );
}
