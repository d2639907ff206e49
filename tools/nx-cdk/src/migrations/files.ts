import { basename } from 'node:path';
import { type Tree, visitNotIgnoredFiles } from '@nx/devkit';

/** The files of a workspace that have one of these names, except those that git or Nx ignores. */
export function filesNamed(tree: Tree, ...names: readonly string[]): string[] {
  const found: string[] = [];
  visitNotIgnoredFiles(tree, '.', (file) => {
    if (names.includes(basename(file))) found.push(file);
  });
  return found;
}
