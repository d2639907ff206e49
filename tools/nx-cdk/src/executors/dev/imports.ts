import { readFileSync } from 'node:fs';

/** How JavaScript and TypeScript name what they need. */
const IMPORT = /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"]([^'"]+)['"]/g;

/** What a source file imports, as one text that tells whether that has changed; undefined for another kind of file. */
export function importsOf(file: string): string | undefined {
  if (!/\.[cm]?[jt]sx?$/.test(file)) return undefined;
  const found = [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, name]) => name!);
  return [...new Set(found)].toSorted().join('\n');
}
