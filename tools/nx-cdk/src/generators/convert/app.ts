import { relative } from 'node:path';
import { ENVIRONMENTS_FILE } from '@nx-cdk/environments';
import { createProjectGraphAsync, joinPathFragments, readJson, type Tree } from '@nx/devkit';
import { type CdkJson, ENVIRONMENTS_CONTEXT } from '../../cdk-json/index.ts';
import { type CdkApp, cdkApp } from '../../new-project/index.ts';

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
 * @param wanted name of the project, or its folder. @default - the app of the workspace, if it has only one
 * @throws Failure `NotAnApp`, with the names that there are
 */
export async function findApp(tree: Tree, wanted: string | undefined): Promise<App> {
  const { name: project, root } = await placeOf(tree, wanted);
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

async function placeOf(tree: Tree, wanted: string | undefined): Promise<CdkApp> {
  if (wanted === undefined) return cdkApp(tree);
  if (isApp(tree, wanted)) return { name: wanted, root: wanted };
  // Projects that only plugins know are in the graph, and in no file that a generator could look at.
  const { nodes } = await createProjectGraphAsync();
  const root = nodes[wanted]?.data.root;
  return root !== undefined && isApp(tree, root) ? { name: wanted, root } : cdkApp(tree, wanted);
}

/** The last file that the command names: `npx tsc && npx tsx bin/shop.ts`. */
function entryOf(tree: Tree, root: string, { app = '' }: CdkJson): string | undefined {
  const files = app.split(/[\s"']+/).filter((part) => /\.(?:[cm]?[jt]s|py)$/.test(part));
  return files.map((file) => joinPathFragments(root, file)).findLast((file) => tree.exists(file));
}
