import type { DeploymentEnvironment, Environments, Target } from './model.ts';
import { roleArn } from './roles.ts';

/** Targets that one action of the pipeline deploys to, with a role and a deployment record of its own. */
export interface DeployGroup {
  /** `<account>-<region>` for a single target, else `<n>-of-<count>`. Part of the names of its role and its record. */
  readonly name: string;
  readonly targets: readonly Target[];
}

/**
 * Actions that an environment gets by default. More would not start sooner, as accounts share CodeBuild's
 * limit on running builds.
 */
const ACTIONS_PER_ENVIRONMENT = 20;

/**
 * Deploy actions of all environments together. Each takes four resources of the pipeline's stack, which may have 500
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
 */
const ACTIONS_IN_ALL = 80;

/**
 * The groups that an environment's targets are deployed in: one target each if there are few, else equal shares, in
 * the order of the file.
 */
export function deployGroups(environments: Environments, environment: DeploymentEnvironment): DeployGroup[] {
  // Not those with instances, which no pipeline deploys: one more must not change the names of groups.
  const promoted = environments.environments.filter(({ instances }) => !instances).length;
  const share = Math.max(1, Math.floor(ACTIONS_IN_ALL / Math.max(1, promoted)));
  const most = environment.parallelActions ?? Math.min(ACTIONS_PER_ENVIRONMENT, share);
  const size = Math.ceil(environment.targets.length / most);
  const count = Math.ceil(environment.targets.length / size);
  return Array.from({ length: count }, (_, index) => {
    const targets = environment.targets.slice(index * size, (index + 1) * size);
    const [first, second] = targets;
    return { name: second ? `${index + 1}-of-${count}` : `${first!.account}-${first!.region}`, targets };
  });
}

/** How a target is written in options and reports. */
export function targetName(target: Target): string {
  return `${target.account}/${target.region}`;
}

/** Name of the SSM parameter in the CI account with the deployment record of a group. */
export function recordParameterName(environments: Environments, environment: string, group: string): string {
  return `/${environments.pipeline.name}/releases/${environment}/${group}`;
}

/** Name of the role in the CI account that people and jobs use for lookups in the targets. */
export function lookupsRoleName(environments: Environments): string {
  return `${environments.pipeline.name}-lookups`;
}

/**
 * ARN of the role in a target that `nx dev` changes the code of functions with. It works in one region alone: another
 * environment of the same account may be in another one.
 */
export function hotswapRoleArn(environments: Pick<Environments, 'pipeline'>, target: Target): string {
  return roleArn(target, `${environments.pipeline.name}-hotswap-${target.region}`);
}

/** ARN of the role in an account that `nx gc` deletes with what is not needed any more: one for all its regions. */
export function garbageRoleArn(environments: Pick<Environments, 'pipeline'>, target: Target): string {
  return roleArn(target, `${environments.pipeline.name}-gc`);
}

/** ARNs of every role of the CI account that may look things up in the targets. */
export function lookupRoleArns(environments: Environments): string[] {
  const { ci } = environments;
  return [roleArn(ci, lookupsRoleName(environments)), ...(ci.lookupRoles ?? [])];
}
