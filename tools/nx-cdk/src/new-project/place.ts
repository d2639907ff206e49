import { posix } from 'node:path';
import {
  type GeneratorCallback,
  installPackagesTask,
  offsetFromRoot,
  readJson,
  readNxJson,
  type Tree,
  writeJson,
} from '@nx/devkit';
import { Failure } from '../failure/index.ts';
import { addWorkspaceGlob, isCovered, workspaceGlobs } from './workspace-globs.ts';

/** What a workspace keeps in folders of their own. */
export type ProjectKind = 'app' | 'handler';

/** Where a new project goes. */
export interface Place {
  /** Its folder, relative to the workspace root. */
  readonly root: string;
  /**
   * Whether the package manager links it, so that others import it by the name of its package. If not, they import its
   * files by their path.
   */
  readonly linked: boolean;
}

/** Folders that workspaces have for each kind, the likeliest first. */
const USUAL = {
  app: ['apps', 'packages'],
  handler: ['libs/handlers', 'handlers', 'libs', 'packages'],
} as const;

/**
 * The folder of a new project: the one that was asked for, else one named after it, where the workspace has projects of
 * its kind.
 *
 * @param directory relative to the workspace root
 * @throws Failure `BadDirectory` for a folder outside of the workspace, or the workspace itself
 */
export function placeOf(tree: Tree, kind: ProjectKind, name: string, directory?: string): Place {
  const globs = workspaceGlobs(tree);
  const root = directory === undefined ? posix.join(parentOf(tree, kind, name, globs), name) : checked(directory);
  return { root, linked: globs !== undefined };
}

/**
 * Makes a new project known: to the package manager, if it links packages and no glob covers the folder yet. Where it
 * links none, Nx takes only a folder with a project.json for a project.
 */
export function addPlace(tree: Tree, { root }: Place, name: string): void {
  const globs = workspaceGlobs(tree);
  if (globs === undefined) {
    const $schema = `${offsetFromRoot(root)}node_modules/nx/schemas/project-schema.json`;
    writeJson(tree, `${root}/project.json`, { $schema, name });
  } else if (!isCovered(root, globs)) {
    const parent = posix.dirname(root);
    addWorkspaceGlob(tree, parent === '.' ? root : `${parent}/*`);
  }
}

/** What links a new project, if projects are linked, so that others can import it; to be given to `finish`. */
export function installLinks(tree: Tree, { linked }: Place): GeneratorCallback[] {
  return linked ? [() => installPackagesTask(tree, true)] : [];
}

/**
 * The name of a package that others import: in the scope of the workspace, which is that of its own package.
 *
 * @example '@acme/order-report' in a workspace whose package.json has the name '@acme/source'
 */
export function packageNameOf(tree: Tree, name: string): string {
  const scope = /^@[^/]+/.exec(readJson<{ name?: string }>(tree, 'package.json').name ?? '')?.[0];
  return `${scope ?? '@handlers'}/${name}`;
}

function checked(directory: string): string {
  const folder = posix.normalize(directory.replaceAll('\\', '/').replace(/^\.\//, '')).replace(/\/$/, '');
  if (folder !== '.' && folder !== '' && !folder.startsWith('..') && !posix.isAbsolute(folder)) return folder;
  throw new Failure('BadDirectory', {
    what: `--directory is "${directory}"`,
    next: 'name a folder below the root of the workspace, relative to it, as in apps/shop',
  });
}

function parentOf(tree: Tree, kind: ProjectKind, name: string, globs: readonly string[] | undefined): string {
  const layout = readNxJson(tree)?.workspaceLayout;
  const wanted = kind === 'app' ? layout?.appsDir : layout?.libsDir;
  if (wanted !== undefined) return wanted;
  const usual: readonly string[] = USUAL[kind];
  const covered = (parent: string) => isCovered(`${parent}/${name}`, globs ?? []);
  const folders = globs?.flatMap((glob) => /^(?:\.\/)?([^!*{}[\]?]+)\/\*\/?$/.exec(glob)?.[1] ?? []) ?? [];
  // An app is no library, and a handler no app, even if such a folder is all that is linked.
  const others: readonly string[] = USUAL[kind === 'app' ? 'handler' : 'app'];
  return (
    usual.find(covered) ??
    usual.find((parent) => tree.exists(parent)) ??
    folders.find((parent) => covered(parent) && !others.includes(parent)) ??
    usual.at(kind === 'app' ? 0 : 1)!
  );
}
