import { readJson, type Tree } from '@nx/devkit';

/** What the jobs run npm with, which then brings the Node that the workspace has pinned. */
export interface NodeVersion {
  /** The version that the workspace has pinned as the package `node`, or a major one. */
  readonly exact: string;
  readonly major: string;
}

const DEFAULT = '24';

/** The Node of a workspace. */
export function nodeVersion(tree: Tree): NodeVersion {
  const { dependencies = {}, devDependencies = {} } = readJson<{
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  }>(tree, 'package.json');
  const pinned = /\d+(\.\d+\.\d+)?/.exec(dependencies['node'] ?? devDependencies['node'] ?? '')?.[0] ?? DEFAULT;
  return { exact: pinned, major: pinned.split('.')[0]! };
}
