import { readJson, type Tree } from '@nx/devkit';
import picomatch from 'picomatch';
import { parseDocument, type YAMLSeq } from 'yaml';
import { editJson } from '../workspace/index.ts';

const PNPM_FILE = 'pnpm-workspace.yaml';

/** A package.json; `workspaces` may be a list, or an object that has one. */
interface Manifest {
  readonly workspaces?: readonly string[] | { readonly packages?: readonly string[] };
}

/**
 * The globs of the folders whose packages the package manager links with each other.
 *
 * @returns undefined for a workspace in which nothing is linked: one package.json for everything
 */
export function workspaceGlobs(tree: Tree): readonly string[] | undefined {
  const ofPnpm = pnpmGlobs(tree);
  if (ofPnpm !== undefined) return ofPnpm;
  const { workspaces } = readJson<Manifest>(tree, 'package.json');
  return workspaces === undefined || isList(workspaces) ? workspaces : workspaces.packages;
}

function pnpmGlobs(tree: Tree): readonly string[] | undefined {
  const content = tree.read(PNPM_FILE, 'utf8');
  if (content === null) return undefined;
  // The file also holds settings of pnpm: without `packages`, nothing is linked.
  return (parseDocument(content).toJS() as { packages?: readonly string[] } | null)?.packages;
}

/** Whether packages in a folder are linked. */
export function isCovered(folder: string, globs: readonly string[]): boolean {
  const plain = (glob: string) => glob.replace(/^\.\//, '').replace(/\/$/, '');
  const excluded = globs.filter((glob) => glob.startsWith('!')).map((glob) => plain(glob.slice(1)));
  const included = globs.filter((glob) => !glob.startsWith('!')).map(plain);
  return picomatch.isMatch(folder, included) && !picomatch.isMatch(folder, excluded);
}

/** Adds a glob where the package manager of the workspace reads them; the rest of the file stays as it is. */
export function addWorkspaceGlob(tree: Tree, glob: string): void {
  if (pnpmGlobs(tree) !== undefined) {
    const document = parseDocument(tree.read(PNPM_FILE, 'utf8')!);
    (document.get('packages') as YAMLSeq).add(glob);
    tree.write(PNPM_FILE, document.toString());
    return;
  }
  const { workspaces } = readJson<Manifest>(tree, 'package.json');
  const list = workspaces === undefined || isList(workspaces) ? ['workspaces'] : ['workspaces', 'packages'];
  editJson(tree, 'package.json', [{ path: [...list, -1], value: glob, insert: true }]);
}

function isList(workspaces: NonNullable<Manifest['workspaces']>): workspaces is readonly string[] {
  return Array.isArray(workspaces);
}
