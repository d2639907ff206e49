import type { DeployGroup, DeploymentEnvironment, Environments } from '@libs/environments';
import { Failure } from '../failure/index.ts';

/** A deploy group of one environment, and the SSM parameter that says what was released to it. */
export interface ReleaseGroup extends DeployGroup {
  readonly environment: string;
  /** Name of the parameter in the CI account. */
  readonly parameter: string;
  /** `111111111111/eu-west-1`, in the order of the file. */
  readonly targetNames: readonly string[];
}

/** Every group of every environment, in promotion order. */
export async function releaseGroups(environments: Environments): Promise<ReleaseGroup[]> {
  const groups = environments.environments.map((environment) => groupsOf(environments, environment));
  return (await Promise.all(groups)).flat();
}

/**
 * One group.
 *
 * @param group its name; an environment with a single group needs none
 * @throws Failure `UnknownEnvironment`, `UnknownGroup`, or `NoGroup` where several could be meant; each names those
 * there are
 */
export async function releaseGroup(
  environments: Environments,
  environmentName: string,
  group?: string,
): Promise<ReleaseGroup> {
  const environment = environments.environments.find(({ name }) => name === environmentName);
  if (environment === undefined) {
    const known = environments.environments.map(({ name }) => name).join(', ');
    throw new Failure('UnknownEnvironment', `There is no environment "${environmentName}": there are ${known}.`);
  }
  const groups = await groupsOf(environments, environment);
  const known = groups.map(({ name }) => name).join(', ');
  if (group === undefined) {
    if (groups.length === 1) return groups[0]!;
    throw new Failure('NoGroup', `${environmentName} is deployed in several groups: name one with --group: ${known}.`);
  }
  const found = groups.find(({ name }) => name === group);
  if (found !== undefined) return found;
  throw new Failure('UnknownGroup', `${environmentName} has no group "${group}": there are ${known}.`);
}

async function groupsOf(environments: Environments, environment: DeploymentEnvironment): Promise<ReleaseGroup[]> {
  const { deployGroups, releaseParameterName, targetName } = await import('@libs/environments');
  return deployGroups(environments, environment).map((group) => ({
    ...group,
    environment: environment.name,
    parameter: releaseParameterName(environments, environment.name, group.name),
    targetNames: group.targets.map(targetName),
  }));
}
