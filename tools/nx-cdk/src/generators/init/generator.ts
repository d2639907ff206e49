import { ENVIRONMENTS_FILE, isExampleAccount } from '@nx-cdk/environments';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import {
  addPackages,
  finish,
  ignoreFiles,
  makeEnvironmentsFile,
  newEnvironments,
  type NewEnvironments,
  nxCommand,
  registerPlugin,
  WRITTEN_FILES,
} from '../../workspace/index.ts';
import type { InitGeneratorSchema } from './schema.d.ts';

/**
 * Sets a workspace up for nx-cdk. What is there stays as it is: a second time there is nothing to write.
 *
 * @throws Failure `Option` for an account, region or environment that cannot be
 */
export default async function initGenerator(tree: Tree, options: InitGeneratorSchema): Promise<GeneratorCallback> {
  registerPlugin(tree, 'nx-cdk/plugin', { configurations: { 'local-aws': { requireEndpoint: true } } });
  ignoreFiles(tree, WRITTEN_FILES);
  const environments = newEnvironments(options);
  const isMade = makeEnvironmentsFile(tree, environments);
  // Apps read the file with it, and editors find the file's schema in it.
  const install = addPackages(tree, ['nx-cdk', '@nx-cdk/environments', '@nx/devkit']);
  return finish(tree, { install, next: isMade ? nextSteps(tree, environments) : [] });
}

function nextSteps(tree: Tree, { ci, environments }: NewEnvironments): string[] {
  const accounts = [ci, ...environments.flatMap(({ targets }) => targets)].map(({ account }) => account);
  const examples = [...new Set(accounts.filter(isExampleAccount))];
  return [
    `Each folder with a cdk.json has Nx targets now. See them: ${nxCommand(tree, 'show project NAME')}`,
    ...(examples.length > 0
      ? [`Write your own accounts into ${ENVIRONMENTS_FILE}: ${examples.join(', ')} are those of an example.`]
      : []),
    `An app goes on as before until its cdk.json names the file. To put it into these environments: ${nxCommand(tree, 'g nx-cdk:convert NAME')}`,
  ];
}
