import { commandsOf, ENVIRONMENTS_FILE, packageManagerOf } from '@nx-cdk/environments';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import { writeExample } from '../../example/index.ts';
import { addPlace, APP_PACKAGES, isThere, nodeCommand, placeOf } from '../../new-project/index.ts';
import {
  addPackages,
  finish,
  ignoreFiles,
  nxCommand,
  type PackageName,
  registerPlugin,
  WRITTEN_FILES,
} from '../../workspace/index.ts';
import { installForSteps } from './install-for-steps.ts';
import type { PipelineGeneratorSchema } from './schema.d.ts';
import { addSource } from './source.ts';

const NAME = 'pipeline';

/** What a rehearsal needs: the walker of pipelines, and the AWS that it walks on. */
const REHEARSAL: readonly PackageName[] = ['@nx-cdk/local-aws', '@nx-cdk/pipeline-walker'];

/**
 * Makes the app with the pipeline of the CI account, and names its source in the environments file.
 *
 * @throws Failure `Option` without an environments file, `BadDirectory`, `AlreadyThere`; EnvironmentsError for a source
 *   that cannot be
 */
export default async function pipelineGenerator(
  tree: Tree,
  options: PipelineGeneratorSchema,
): Promise<GeneratorCallback> {
  const place = placeOf(tree, 'app', NAME, options.directory);
  if (isThere(tree, place.root, NAME, 'cdk.json')) {
    return finish(tree, { next: [`nothing to do: ${place.root} is a CDK app already`] });
  }
  const isExample = addSource(tree, options);
  await writeExample(tree, 'apps/pipeline', place.root);
  addPlace(tree, place, NAME);
  ignoreFiles(tree, WRITTEN_FILES);
  const rehearsal = options.rehearsal ?? true;
  if (rehearsal) {
    const configurations = { 'local-aws': { requireEndpoint: true } };
    registerPlugin(tree, '@nx-cdk/pipeline-walker/plugin', { configurations });
  }
  const install = addPackages(tree, ['@nx-cdk/environments', ...APP_PACKAGES, ...(rehearsal ? REHEARSAL : [])]);
  installForSteps(tree);
  return finish(tree, {
    install,
    next: [
      ...nodeCommand().note,
      ...(isExample
        ? [
            `Make a connection to your repository in the CI account (console, Developer Tools, Connections), and write it into pipeline.source of ${ENVIRONMENTS_FILE}`,
          ]
        : []),
      ...(rehearsal ? rehearse(tree) : []),
      `Deploy it once by hand, after which it deploys itself: ${nxCommand(tree, `deploy ${NAME}`)}`,
    ],
  });
}

function rehearse(tree: Tree): string[] {
  const { exec } = commandsOf(packageManagerOf(tree.root), tree.root);
  return [
    `Commit, and start a local AWS: ${exec('local-aws start')}`,
    `Walk the pipeline there: ${nxCommand(tree, `rehearse ${NAME} -c local-aws`)}`,
  ];
}
