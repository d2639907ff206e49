import type { GeneratorCallback, Tree } from '@nx/devkit';
import { writeExample } from '../../example/index.ts';
import { addPlace, APP_PACKAGES, isThere, nodeCommand, placeOf } from '../../new-project/index.ts';
import {
  addPackages,
  finish,
  ignoreFiles,
  nxCommand,
  readEnvironmentsFile,
  WRITTEN_FILES,
} from '../../workspace/index.ts';
import type { ReadOnlyRoleGeneratorSchema } from './schema.d.ts';

const NAME = 'required-resources';

/**
 * Makes the app with the role that reads, in every account of the environments file.
 *
 * @throws Failure `Option` without an environments file, `BadDirectory`, `AlreadyThere`
 */
export default async function readOnlyRoleGenerator(
  tree: Tree,
  { directory }: ReadOnlyRoleGeneratorSchema,
): Promise<GeneratorCallback> {
  readEnvironmentsFile(tree);
  const place = placeOf(tree, 'app', NAME, directory);
  if (isThere(tree, place.root, NAME, 'cdk.json')) {
    return finish(tree, { next: [`nothing to do: ${place.root} is a CDK app already`] });
  }
  await writeExample(tree, 'apps/required-resources', place.root);
  addPlace(tree, place, NAME);
  ignoreFiles(tree, WRITTEN_FILES);
  return finish(tree, {
    install: addPackages(tree, ['@nx-cdk/environments', ...APP_PACKAGES]),
    next: [...nodeCommand().note, `Deploy the role: ${nxCommand(tree, `deploy ${NAME}`)}`],
  });
}
