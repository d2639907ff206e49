import {
  type DeployGroup,
  type Environments,
  deployGroups,
  promotedEnvironments,
  recordParameterName,
} from '@nx-cdk/environments';
import { Failure } from '../failure/index.ts';

/** A deploy group of one environment. */
export interface RecordedGroup extends DeployGroup {
  readonly environment: string;
  /** Name of the SSM parameter in the CI account that holds its deployment record. */
  readonly parameter: string;
}

/** Every group of every environment, in promotion order. */
export function recordedGroups(environments: Environments): RecordedGroup[] {
  return promotedEnvironments(environments).flatMap((environment) =>
    deployGroups(environments, environment).map((group) => ({
      ...group,
      environment: environment.name,
      parameter: recordParameterName(environments, environment.name, group.name),
    })),
  );
}

/**
 * One group.
 *
 * @param group its name; not needed for an environment with a single group
 * @throws Failure `UnknownEnvironment`, `UnknownGroup`, or `NoGroup` if there are several; each names those there are
 */
export function recordedGroup(environments: Environments, environment: string, group?: string): RecordedGroup {
  const names = promotedEnvironments(environments).map(({ name }) => name);
  if (!names.includes(environment)) {
    const what = `There is no environment "${environment}"`;
    throw new Failure('UnknownEnvironment', { what, next: `there are ${names.join(', ')}` });
  }
  const groups = recordedGroups(environments).filter((each) => each.environment === environment);
  const found = group === undefined && groups.length === 1 ? groups[0] : groups.find(({ name }) => name === group);
  if (found !== undefined) return found;
  const known = groups.map(({ name }) => name).join(', ');
  if (group !== undefined) {
    throw new Failure('UnknownGroup', { what: `${environment} has no group "${group}"`, next: `there are ${known}` });
  }
  const what = `${environment} is deployed in several groups`;
  throw new Failure('NoGroup', { what, next: `name one with --group: ${known}` });
}
