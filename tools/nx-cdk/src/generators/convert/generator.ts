import { join } from 'node:path';
import { type Environments, targetName } from '@nx-cdk/environments';
import { type GeneratorCallback, joinPathFragments, logger, type Tree } from '@nx/devkit';
import { readAssembly } from '../../assembly/index.ts';
import { ENVIRONMENTS_CONTEXT } from '../../cdk-json/index.ts';
import { Failure } from '../../failure/index.ts';
import {
  addPackages,
  editJson,
  finish,
  makeEnvironmentsFile,
  newEnvironments,
  nxCommand,
  parseTargets,
  readEnvironmentsFile,
} from '../../workspace/index.ts';
import { adviceFor } from './advice.ts';
import { type App, findApp, namesEnvironments } from './app.ts';
import { OtherShape } from './entry.ts';
import { convertPython } from './python.ts';
import type { ConvertGeneratorSchema } from './schema.d.ts';
import { convertTypeScript } from './typescript.ts';

/**
 * Puts the stacks of an app into the environments of the workspace's file. An app that names a file stays as it is.
 *
 * @throws Failure `NotAnApp`, and `OtherShape` if its stacks are made in a way that this does not
 *   know: then it has printed what to write, and nothing changes
 */
export default async function convertGenerator(
  tree: Tree,
  options: ConvertGeneratorSchema,
): Promise<GeneratorCallback> {
  const app = await findApp(tree, options.project);
  if (namesEnvironments(app)) return finish(tree, { next: [`${app.project} names its environments already.`] });
  const deployed = targetsOfAssembly(tree, app);
  makeEnvironmentsFile(tree, newEnvironments(options, knownEnvironments(deployed)));
  const environments = readEnvironmentsFile(tree);
  const keepNames = !shareTarget(environments);
  const stacks = convertEntry(tree, app, keepNames);
  const cdkJson = joinPathFragments(app.root, 'cdk.json');
  editJson(tree, cdkJson, [{ path: ['context', ENVIRONMENTS_CONTEXT], value: app.environmentsFile }]);
  const install = app.entry?.endsWith('.py') ? [] : addPackages(tree, ['@nx-cdk/environments']);
  return finish(tree, { install, next: nextSteps(tree, app, environments, { stacks, keepNames, deployed }) });
}

/** @throws Failure `OtherShape` */
function convertEntry(tree: Tree, app: App, keepNames: boolean): readonly string[] {
  try {
    if (app.entry === undefined) throw new OtherShape('its command names no file');
    const source = tree.read(app.entry, 'utf8')!;
    const convert = app.entry.endsWith('.py') ? convertPython : convertTypeScript;
    const { text, stacks } = convert({ source, keepNames });
    tree.write(app.entry, text);
    return stacks;
  } catch (error) {
    if (!(error instanceof OtherShape)) throw error;
    logger.info(adviceFor(app));
    const what = `${app.entry ?? app.project} is not written as cdk init writes it: ${error.message}`;
    throw new Failure('OtherShape', { what, next: 'nothing was changed, see above for what to write' });
  }
}

/** Where the stacks go in the assembly of the last synthesis, `account/region`, if that says it. */
function targetsOfAssembly(tree: Tree, { root, cdkJson: { output = 'cdk.out' } }: App): string[] {
  try {
    const { stacks } = readAssembly(join(tree.root, root, output));
    const names = stacks.map(({ target }) => targetName(target)).filter((name) => /^\d{12}\/[a-z]/.test(name));
    return [...new Set(names)];
  } catch {
    return [];
  }
}

function knownEnvironments(deployed: readonly string[]) {
  const targets = parseTargets('environments', deployed.join());
  return targets.length === 0 ? undefined : [{ name: 'prod', targets }];
}

/** Whether two environments have a target in common, where stacks cannot have the same name. */
function shareTarget({ environments }: Environments): boolean {
  const names = environments.flatMap(({ targets }) => targets.map(targetName));
  return new Set(names).size < names.length;
}

interface Converted {
  readonly stacks: readonly string[];
  readonly keepNames: boolean;
  /** Where they went before. */
  readonly deployed: readonly string[];
}

function nextSteps(
  tree: Tree,
  { project }: App,
  { environments }: Environments,
  { stacks, keepNames, deployed }: Converted,
): string[] {
  const targets = environments.flatMap((one) => one.targets.map(targetName));
  const missing = deployed.filter((name) => !targets.includes(name));
  const [first] = environments;
  return [
    ...(missing.length > 0
      ? [`The stacks went to ${missing.join(', ')}, which no environment has: name it in environments.json.`]
      : []),
    keepNames
      ? `The names of stacks stay (${stacks.join(', ')}): what is deployed goes on being updated.`
      : `Two environments have a target in common, so the names of stacks change: ${stacks.map((name) => `${name} is now ${first!.name}-${name}-... and so on`).join(', ')}. Stacks that are deployed under the old names stay: destroy them, or give stackName.`,
    `See what a deployment would change, which should be metadata only: ${nxCommand(tree, `diff ${project}`)}`,
    `Deploy the first environment: ${nxCommand(tree, `deploy-${first!.name} ${project}`)}`,
  ];
}
