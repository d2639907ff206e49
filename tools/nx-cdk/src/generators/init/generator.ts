import type { GeneratorCallback, Tree } from '@nx/devkit';
import { addPackages, finish, ignoreFiles, registerPlugin, WRITTEN_FILES } from '../../workspace/index.ts';

/** Sets a workspace up for nx-cdk. What is there stays as it is: a second time there is nothing to write. */
export default async function initGenerator(tree: Tree): Promise<GeneratorCallback> {
  registerPlugin(tree, 'nx-cdk/plugin', { configurations: { 'local-aws': { requireEndpoint: true } } });
  ignoreFiles(tree, WRITTEN_FILES);
  return finish(tree, { install: addPackages(tree, ['nx-cdk', '@nx/devkit']) });
}
