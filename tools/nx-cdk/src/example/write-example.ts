import { posix } from 'node:path';
import { offsetFromRoot, type Tree } from '@nx/devkit';
import { linkedRange, nodeCommand, writeJestConfig, writeTsConfig } from '../new-project/index.ts';
import { exampleFiles } from './example-files.ts';

/** The folders of the example; `example.json` says to the package what it is made of. */
export type ExampleFolder =
  | 'apps/infra'
  | 'apps/pipeline'
  | 'apps/required-resources'
  | 'libs/handlers/orders-api'
  | 'libs/handlers/orders-worker';

/**
 * Writes a project of the example into a workspace. Settings of TypeScript and Jest build on those of the workspace, if
 * it has its own.
 *
 * @param root folder of the project, relative to the workspace root. @default the one that it has in the example
 */
export async function writeExample(tree: Tree, folder: ExampleFolder, root: string = folder): Promise<void> {
  for (const { path, content } of await exampleFiles(folder)) {
    const file = `${root}/${path}`;
    if (path === 'tsconfig.json')
      writeTsConfig(tree, root, { output: folder.startsWith('apps/') ? 'cdk.out' : 'dist', jest: true });
    else if (path === 'jest.config.mjs') writeJestConfig(tree, root, posix.basename(root));
    else if (path === 'package.json') tree.write(file, packageJson(content, tree.root));
    else if (path === 'cdk.json') tree.write(file, cdkJson(content, root));
    else tree.write(file, content);
  }
}

/** With the way to the root of the workspace, and the command that its Node needs. */
function cdkJson(content: string, root: string): string {
  return content.replace('../../', offsetFromRoot(root)).replace('node src/', `${nodeCommand().program} src/`);
}

/** With the range by which the package manager of the workspace links its packages, and the command of its Node. */
function packageJson(manifest: string, workspaceRoot: string): string {
  return manifest
    .replaceAll('": "*"', `": "${linkedRange(workspaceRoot)}"`)
    .replaceAll('"node src/', `"${nodeCommand().program} src/`);
}
