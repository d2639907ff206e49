import { statSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';

/** Content of a file, names in a folder, whether something is there, or a program: as in `reads.ts`. */
export type ProgramRead = readonly [kind: 'd' | 'f' | 's' | 'x', path: string];

export const isInPackage = (path: string) => path.includes(`${sep}node_modules${sep}`);
export const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Where another source could appear that a compiler would take: the folders of the sources, up to that of all. */
export function foldersOf(files: readonly string[], top: string): string[] {
  const folders = new Set<string>();
  for (const file of files.filter((path) => !isInPackage(path))) {
    let folder = dirname(file);
    const isAbove = () => relative(folder, top).split(sep)[0] !== '..' && folder !== top;
    for (; !folders.has(folder) && !isAbove(); folder = dirname(folder)) folders.add(folder);
  }
  return [...folders];
}
