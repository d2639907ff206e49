import { relative } from 'node:path';
import { ENVIRONMENTS_FILE } from '@nx-cdk/environments';
import { createProjectGraphAsync, joinPathFragments, readJson, type Tree } from '@nx/devkit';
import { type CdkJson, ENVIRONMENTS_CONTEXT } from '../../cdk-json/index.ts';
import { Failure } from '../../failure/index.ts';

/** The app that a conversion is about. */
export interface App {
  /** As a person names it. */
  readonly project: string;
  /** Folder, relative to the workspace. */
  readonly root: string;
  readonly cdkJson: CdkJson;
  /** The environments file, relative to the app. */
  readonly environmentsFile: string;
  /** The file that it begins with, relative to the workspace; undefined if its command names none. */
  readonly entry: string | undefined;
}

/**
 * Finds an app.
 *
 * @param project name of the project, or its folder
 * @throws Failure `Option` if it is none
 */
export async function findApp(tree: Tree, project: string): Promise<App> {
  const root = isApp(tree, project) ? project : await rootOf(project);
  if (root === undefined || !isApp(tree, root)) {
    const next = 'name a project, or a folder, with a cdk.json';
    throw new Failure('Option', { what: `${project} is no CDK app`, next });
  }
  const cdkJson = readJson<CdkJson>(tree, joinPathFragments(root, 'cdk.json'));
  const environmentsFile = joinPathFragments(relative(root, '.'), ENVIRONMENTS_FILE);
  return { project, root, cdkJson, environmentsFile, entry: entryOf(tree, root, cdkJson) };
}

/** Whether the app names an environments file already. */
export function namesEnvironments({ cdkJson }: App): boolean {
  return cdkJson.context?.[ENVIRONMENTS_CONTEXT] !== undefined;
}

function isApp(tree: Tree, root: string): boolean {
  return tree.exists(joinPathFragments(root, 'cdk.json'));
}

/** Projects that only plugins know are in the graph, and in no file that a generator could look at. */
async function rootOf(project: string): Promise<string | undefined> {
  const { nodes } = await createProjectGraphAsync();
  return nodes[project]?.data.root;
}

/** The last file that the command names: `npx tsc && npx tsx bin/shop.ts`. */
function entryOf(tree: Tree, root: string, { app = '' }: CdkJson): string | undefined {
  const files = app.split(/[\s"']+/).filter((part) => /\.(?:[cm]?[jt]s|py)$/.test(part));
  return files.map((file) => joinPathFragments(root, file)).findLast((file) => tree.exists(file));
}
