import {
  type DeployGroup,
  type DeploymentEnvironment,
  type Environments,
  deployGroups,
  recordParameterName,
  targetName,
} from '@libs/environments';
import { Failure } from '../failure/index.ts';

/** A deploy group of one environment, and the SSM parameter with its deployment record. */
export interface RecordedGroup extends DeployGroup {
  readonly environment: string;
  /** Name of the parameter in the CI account. */
  readonly parameter: string;
  /** `111111111111/eu-west-1`, in the order of the file. */
  readonly targetNames: readonly string[];
}

/** Every group of every environment, in promotion order. */
export function recordedGroups(environments: Environments): RecordedGroup[] {
  return environments.environments.flatMap((environment) => groupsOf(environments, environment));
}

/**
 * One group.
 *
 * @param group its name; an environment with a single group needs none
 * @throws Failure `UnknownEnvironment`, `UnknownGroup`, or `NoGroup` if several could be meant; each names those
 * there are
 */
export function recordedGroup(environments: Environments, environmentName: string, group?: string): RecordedGroup {
  const environment = environments.environments.find(({ name }) => name === environmentName);
  if (environment === undefined) {
    const known = environments.environments.map(({ name }) => name).join(', ');
    const what = `There is no environment "${environmentName}"`;
    throw new Failure('UnknownEnvironment', { what, next: `there are ${known}` });
  }
  const groups = groupsOf(environments, environment);
  const known = groups.map(({ name }) => name).join(', ');
  if (group === undefined) {
    if (groups.length === 1) return groups[0]!;
    const what = `${environmentName} is deployed in several groups`;
    throw new Failure('NoGroup', { what, next: `name one with --group: ${known}` });
  }
  const found = groups.find(({ name }) => name === group);
  if (found !== undefined) return found;
  throw new Failure('UnknownGroup', {
    what: `${environmentName} has no group "${group}"`,
    next: `there are ${known}`,
  });
}

function groupsOf(environments: Environments, environment: DeploymentEnvironment): RecordedGroup[] {
  return deployGroups(environments, environment).map((group) => ({
    ...group,
    environment: environment.name,
    parameter: recordParameterName(environments, environment.name, group.name),
    targetNames: group.targets.map(targetName),
  }));
}
