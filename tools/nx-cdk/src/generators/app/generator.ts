import { join } from 'node:path';
import { commandsOf, ENVIRONMENTS_FILE, packageManagerOf } from '@nx-cdk/environments';
import { generateFiles, type GeneratorCallback, offsetFromRoot, type Tree, writeJson } from '@nx/devkit';
import { Failure } from '../../failure/index.ts';
import {
  APP_PACKAGES,
  isThere,
  addPlace,
  namesOf,
  nodeCommand,
  placeOf,
  writeJestConfig,
  writeStack,
  writeTsConfig,
} from '../../new-project/index.ts';
import { addPackages, finish, ignoreFiles, WRITTEN_FILES } from '../../workspace/index.ts';
import { recommendedFlags } from './feature-flags.ts';
import type { AppGeneratorSchema } from './schema.d.ts';

/**
 * Makes a CDK app: a stage for each environment or plain stacks, a small stack, and tests.
 *
 * @throws Failure `BadName`, `BadDirectory`, `AlreadyThere`, `NoEnvironmentsFile`, `NoCdkLibrary`
 */
export default async function appGenerator(tree: Tree, options: AppGeneratorSchema): Promise<GeneratorCallback> {
  const names = namesOf(options.name);
  const { name } = names;
  const place = placeOf(tree, 'app', name, options.directory);
  const { root } = place;
  if (isThere(tree, root, name, 'cdk.json')) {
    return finish(tree, { next: [`nothing to do: ${root} is a CDK app already`] });
  }
  const commands = commandsOf(packageManagerOf(tree.root), tree.root);
  const environments = hasEnvironments(tree, options, commands.exec);
  const { app, note } = nodeCommand();

  const up = offsetFromRoot(root);
  const flags = recommendedFlags(tree.root, commands.add);
  const context = { ...(environments && { 'nx-cdk:environments': `${up}${ENVIRONMENTS_FILE}` }), ...flags };
  writeJson(tree, `${root}/cdk.json`, { app, context });

  const scope = environments ? `, in every environment of ${ENVIRONMENTS_FILE}` : '';
  const files = join(import.meta.dirname, 'files');
  generateFiles(tree, join(files, 'common'), root, { ...names, description: `${names.title.toLowerCase()}${scope}` });
  generateFiles(tree, join(files, environments ? 'environments' : 'plain'), root, names);
  writeStack(tree, namesOf('inbox'), { folder: `${root}/src`, importOf: (file) => `./${file}.ts`, flags: true });
  writeTsConfig(tree, root, { output: 'cdk.out', jest: true });
  writeJestConfig(tree, root, name);
  addPlace(tree, place, name);
  ignoreFiles(tree, WRITTEN_FILES);
  const install = addPackages(tree, environments ? ['@nx-cdk/environments', ...APP_PACKAGES] : APP_PACKAGES);
  const next = ['test', 'synth', 'deploy'].map((target) => commands.exec(`nx ${target} ${name}`));
  return finish(tree, { install, next: [...note, ...next] });
}

/** @throws Failure `NoEnvironmentsFile` if the app was asked to follow a file that is not there */
function hasEnvironments(tree: Tree, { environments }: AppGeneratorSchema, exec: (command: string) => string): boolean {
  const isThere = tree.exists(ENVIRONMENTS_FILE);
  if (environments !== true || isThere) return environments ?? isThere;
  throw new Failure('NoEnvironmentsFile', {
    what: `The workspace has no ${ENVIRONMENTS_FILE}`,
    next: `make it with ${exec('nx g nx-cdk:environment')}, or give --no-environments`,
  });
}
