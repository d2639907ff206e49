import { type Environments, ORGANIZATION_ROLE, type Target, adminRoleArn, targetName } from '@libs/environments';
import type { Assembly } from '../assembly/index.ts';
import { type AwsClients, resolveTarget } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { BootstrapTarget } from './request.ts';

/** What an app without an environments file is told on the command line. */
export interface AssemblyTargetOptions extends Pick<
  BootstrapTarget,
  'trust' | 'executionPolicies' | 'initialExecutionPolicies'
> {
  /** Name of the role to assume in each account. @default 'OrganizationAccountAccessRole' */
  readonly adminRole?: string;
}

/**
 * The targets that the stacks of an assembly go to, each once; the caller's own if a stack leaves them open.
 *
 * @throws Failure `NoStacks` if the assembly holds none
 */
export async function targetsOfAssembly(
  assembly: Pick<Assembly, 'directory' | 'stacks'>,
  aws: AwsClients,
  { adminRole, trust, ...policies }: AssemblyTargetOptions = {},
): Promise<BootstrapTarget[]> {
  const targets = new Map<string, BootstrapTarget>();
  for (const { target } of assembly.stacks) {
    const { account, region, partition } = await resolveTarget(aws, target);
    const label = targetName({ account, region });
    if (targets.has(label)) continue;
    const roleArn = `arn:${partition}:iam::${account}:role/${adminRole ?? ORGANIZATION_ROLE}`;
    const access = { roleArn, roleIsChosen: adminRole !== undefined };
    targets.set(label, { label, account, region, access, trust: trust && others(trust, account), ...policies });
  }
  if (targets.size > 0) return [...targets.values()];
  const what = `The assembly in ${assembly.directory} holds no stack, so there is no account to bootstrap`;
  throw new Failure('NoStacks', { what });
}

/** Which targets of a file are meant. */
export interface EnvironmentTargetOptions {
  /**
   * Name of one environment, or `ci`.
   * @default - the CI account's target and those of every environment
   */
  readonly environment?: string;
  /** Accounts that every target trusts beside the CI account. */
  readonly trust?: readonly string[];
}

/** Name under which the CI account's own target can be chosen, unless an environment has it. */
const CI = 'ci';

type Labelled = BootstrapTarget & { readonly labels: readonly string[] };

/**
 * The targets of an environments file, each account and region once. All but the CI account's trust the CI account; an
 * account need not be told to trust itself.
 *
 * @throws Failure `UnknownEnvironment` naming the ones there are; `ConflictingTarget` if a target is asked to have two
 * sets of execution policies, since it has one bootstrap
 */
export function targetsOfEnvironments(
  { file, ci, executionPolicies, environments }: Environments,
  { environment, trust = [] }: EnvironmentTargetOptions = {},
): BootstrapTarget[] {
  const trusted = [ci.account, ...trust];
  const every = [{ name: CI, targets: [ci], executionPolicies }, ...environments].flatMap((one) =>
    one.targets.map((target): Labelled => ({
      label: one.name,
      labels: [one.name],
      account: target.account,
      region: target.region,
      access: accessOf(target),
      trust: target.account === ci.account ? [] : others(trusted, target.account),
      executionPolicies: one.executionPolicies,
    })),
  );
  const merged = merge(every, file);
  const chosen = environment === undefined ? merged : merged.filter(({ labels }) => labels.includes(environment));
  if (chosen.length > 0) return chosen.map(({ labels: _, ...target }) => target);
  throw new Failure('UnknownEnvironment', {
    what: `${file} has no environment "${environment}"`,
    next: `there are ${[CI, ...environments.map(({ name }) => name)].join(', ')}`,
  });
}

function accessOf(target: Target): BootstrapTarget['access'] {
  return {
    ...(target.adminProfile === undefined ? {} : { profile: target.adminProfile }),
    roleArn: adminRoleArn(target),
    roleIsChosen: target.adminRole !== undefined,
  };
}

function merge(targets: readonly Labelled[], file: string): Labelled[] {
  const byName = new Map<string, Labelled>();
  for (const target of targets) {
    const name = targetName(target);
    const other = byName.get(name);
    if (other === undefined) {
      byName.set(name, target);
      continue;
    }
    if (asSet(other.executionPolicies) !== asSet(target.executionPolicies)) {
      throw new Failure('ConflictingTarget', {
        subject: file,
        what: `${other.label} and ${target.label} ask for different executionPolicies in ${name}, but an account and region has one bootstrap`,
        next: 'give both the same',
      });
    }
    const labels = [...new Set([...other.labels, ...target.labels])];
    // The one that says how to get in is right for both.
    const isChosen = other.access.profile !== undefined || other.access.roleIsChosen;
    byName.set(name, { ...other, labels, label: labels.join(', '), access: isChosen ? other.access : target.access });
  }
  return [...byName.values()];
}

/** The same text for the same policies, whatever their order. */
function asSet(policies: readonly string[] = []): string {
  return [...new Set(policies)].toSorted().join();
}

function others(accounts: readonly string[], own: string): string[] {
  return accounts.filter((account) => account !== own);
}
