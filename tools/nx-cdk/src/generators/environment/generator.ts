import { ENVIRONMENTS_FILE, type Environments, targetName } from '@nx-cdk/environments';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import { Failure } from '../../failure/index.ts';
import { editJson, finish, nxCommand, parseTargets, readEnvironmentsFile } from '../../workspace/index.ts';
import type { EnvironmentGeneratorSchema } from './schema.d.ts';

/**
 * Adds an environment to the workspace's environments file. One that is there already, with the same targets, stays as
 * it is.
 *
 * @throws Failure `Option` for an option that cannot be, EnvironmentsError if the file would be wrong
 */
export default async function environmentGenerator(
  tree: Tree,
  options: EnvironmentGeneratorSchema,
): Promise<GeneratorCallback> {
  const { name, approval = false } = options;
  const targets = parseTargets('targets', options.targets);
  const file = readEnvironmentsFile(tree);
  const known = file.environments.find((one) => one.name === name);
  if (known === undefined) {
    const value = { name, ...(approval && { approval }), targets };
    editJson(tree, ENVIRONMENTS_FILE, [
      { path: ['environments', placeOf(file, options)], value, insert: true, compact: true },
    ]);
  } else if (known.targets.map(targetName).join() !== targets.map(targetName).join()) {
    const what = `${ENVIRONMENTS_FILE} has an environment ${name} with the targets ${known.targets.map(targetName).join(', ')}`;
    throw new Failure('Option', { what, next: 'choose another name, or edit the file' });
  }
  const order = readEnvironmentsFile(tree).environments.map((one) => one.name);
  const next = [
    `Check the promotion order, which is that of ${ENVIRONMENTS_FILE}: ${order.join(', ')}`,
    `Prepare its accounts and regions, as an administrator: ${nxCommand(tree, `run-many -t bootstrap-${name}`)}`,
    `Deploy to it: ${nxCommand(tree, `run-many -t deploy-${name}`)}`,
  ];
  return finish(tree, { next });
}

/** @throws Failure `Option` if a neighbour is unknown, or the two contradict each other */
function placeOf({ environments }: Environments, { before, after }: EnvironmentGeneratorSchema): number {
  // Who presses Enter at the question gives an empty name.
  const next = !before ? undefined : indexOf(environments, 'before', before);
  const previous = after === undefined ? undefined : indexOf(environments, 'after', after);
  const place = next ?? (previous === undefined ? environments.length : previous + 1);
  if (previous === undefined || previous + 1 === place) return place;
  throw new Failure('Option', { what: `${before} does not come right after ${after}`, next: 'give one of the two' });
}

function indexOf(environments: Environments['environments'], option: string, name: string): number {
  const index = environments.findIndex((one) => one.name === name);
  if (index !== -1) return index;
  const names = environments.map((one) => one.name).join(', ');
  throw new Failure('Option', { what: `--${option} names no environment: ${name}`, next: `there are ${names}` });
}
