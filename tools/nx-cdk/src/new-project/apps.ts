import { posix } from 'node:path';
import { isClassicYarn, packageManagerOf } from '@nx-cdk/environments';
import { getProjects, globAsync, readJson, type Tree } from '@nx/devkit';
import { Failure } from '../failure/index.ts';
import { editJson } from '../workspace/index.ts';

/** A CDK app of the workspace. */
export interface CdkApp {
  /** Name of its project. */
  readonly name: string;
  /** Its folder, relative to the workspace root. */
  readonly root: string;
}

/** The CDK apps of a workspace: every folder with a `cdk.json`. */
async function cdkApps(tree: Tree): Promise<CdkApp[]> {
  const files = await globAsync(tree, ['**/cdk.json']);
  const projects = [...getProjects(tree).values()];
  return files
    .map((file) => posix.dirname(file))
    .filter((root) => !/(^|\/)(node_modules|cdk\.out|dist)(\/|$)/.test(root))
    .map((root) => ({
      root,
      name: projects.find((one) => one.root === root)?.name ?? posix.basename(posix.join(tree.root, root)),
    }))
    .sort((one, other) => one.root.localeCompare(other.root));
}

/** The app of this name, or the only one. @throws Failure `NotAnApp`, with the names that there are */
export async function cdkApp(tree: Tree, name?: string): Promise<CdkApp> {
  const apps = await cdkApps(tree);
  const found = name === undefined && apps.length === 1 ? apps[0] : apps.find((app) => app.name === name);
  if (found !== undefined) return found;
  const listed = apps.map((app) => app.name).join(', ');
  throw new Failure('NotAnApp', {
    what: name === undefined ? 'No CDK app was named' : `${name} is no CDK app of this workspace`,
    next: apps.length === 0 ? 'make one with the generator app' : `give --project; there is ${listed}`,
  });
}

/** The app of a workspace that has only one. */
export async function onlyApp(tree: Tree): Promise<CdkApp | undefined> {
  const [first, ...others] = await cdkApps(tree);
  return others.length === 0 ? first : undefined;
}

/** Has an app depend on a package of the workspace, if it has a package.json of its own to say so. */
export function dependOn(tree: Tree, { root }: CdkApp, packageName: string): void {
  const manifest = `${root}/package.json`;
  if (!tree.exists(manifest)) return;
  const range = linkedRange(tree.root);
  const { dependencies } = readJson<{ dependencies?: object }>(tree, manifest);
  // What npm reads stands before what Nx reads.
  const position = (keys: readonly string[]) => (keys.includes('nx') ? keys.indexOf('nx') : keys.length);
  const edit =
    dependencies === undefined
      ? { path: ['dependencies'], value: { [packageName]: range }, position }
      : { path: ['dependencies', packageName], value: range };
  editJson(tree, manifest, [edit]);
}

/**
 * The range by which a package manager takes a package of the workspace, and none of a registry. npm and Yarn 1 do not
 * know the protocol; pnpm and later versions of Yarn link nothing without it
 * (https://pnpm.io/workspaces#workspace-protocol-workspace).
 *
 * @param root of the workspace
 */
export function linkedRange(root: string): 'workspace:*' | '*' {
  const manager = packageManagerOf(root);
  return manager === 'pnpm' || (manager === 'yarn' && !isClassicYarn(root)) ? 'workspace:*' : '*';
}
