import { join } from 'node:path';
import { commandsOf, packageManagerOf } from '@nx-cdk/environments';
import { generateFiles, type GeneratorCallback, readJson, type Tree } from '@nx/devkit';
import { writeExample } from '../../example/index.ts';
import { APP_PACKAGES, nodeCommand } from '../../new-project/index.ts';
import {
  addPackages,
  finish,
  ignoreFiles,
  makeEnvironmentsFile,
  newEnvironments,
  type NewEnvironments,
  type PackageName,
} from '../../workspace/index.ts';
import initGenerator from '../init/generator.ts';
import pipelineGenerator from '../pipeline/generator.ts';
import { linkProjects, writeNxSettings, writeScripts } from './root-files.ts';
import type { PresetGeneratorSchema } from './schema.d.ts';

/** What the app and its handlers need, besides what every app does. */
const PACKAGES: readonly PackageName[] = [
  ...APP_PACKAGES,
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/client-sqs',
  '@nx-cdk/local-aws',
  '@types/aws-lambda',
  'cdk-nag',
  'esbuild',
];

/** What no workspace commits. */
const IGNORED = ['node_modules', 'dist', '.nx/cache', '.nx/workspace-data'];

/**
 * Fills a new workspace: the orders service with its two handlers, the pipeline that ships it, and the environments.
 *
 * @throws Failure `Option` for an account, region or environment that cannot be
 */
export default async function presetGenerator(tree: Tree, options: PresetGeneratorSchema): Promise<GeneratorCallback> {
  const { name } = options;
  const manager = packageManagerOf(tree.root);
  const pipeline = manager === 'npm' || hasChecksum(tree);
  const commands = commandsOf(manager, tree.root);
  linkProjects(tree, manager);
  writeScripts(tree);
  writeNxSettings(tree, commands.lockfile);
  const title = name.split('/').at(-1)!;
  generateFiles(tree, join(import.meta.dirname, 'files'), '.', {
    title,
    manager,
    pipeline,
    nx: commands.exec('nx'),
  });

  makeEnvironmentsFile(tree, checkingFirst(newEnvironments(options)));
  // What they would tell a person to do next is told below, for all of it.
  await initGenerator(tree, {});
  const install = addPackages(tree, PACKAGES);
  if (pipeline) await pipelineGenerator(tree, { ...(/^[a-z][a-z0-9-]{0,29}$/.test(title) && { pipelineName: title }) });
  await writeExample(tree, 'apps/infra');
  await writeExample(tree, 'libs/handlers/orders-api');
  await writeExample(tree, 'libs/handlers/orders-worker');
  ignoreFiles(tree, IGNORED);
  return finish(tree, {
    install,
    next: [
      ...nodeCommand().note,
      `Deploy it to an AWS on this machine, and call its API: ${manager} start`,
      'Read README.md: it says what is where, and how to deploy to your accounts',
      ...(pipeline
        ? []
        : [
            `Make a pipeline, if you want one: npx corepack use ${manager}@latest, and ${commands.exec('nx g nx-cdk:pipeline')}`,
          ]),
    ],
  });
}

/** The example has a check of its own. It holds up what is deployed later, so the first environment shows it. */
function checkingFirst({ ci, environments: [first, ...others] }: NewEnvironments): NewEnvironments {
  const { name, ...rest } = first!;
  return { ci, environments: [{ name, verify: 'verify', ...rest }, ...others] };
}

/** A pipeline runs a package manager other than npm only if `package.json` says by a checksum which one. */
function hasChecksum(tree: Tree): boolean {
  const { packageManager } = readJson<{ packageManager?: string }>(tree, 'package.json');
  return /\+sha\d+\./.test(packageManager ?? '');
}
