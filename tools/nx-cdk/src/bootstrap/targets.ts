import { DEFAULT_QUALIFIER, type Environments, type Target, adminRoleArn, targetName } from '@nx-cdk/environments';
import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import { type AwsClients, resolveTarget } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { BootstrapTarget } from './request.ts';

/** What the command line says of an app without an environments file. */
export interface AssemblyTargetOptions extends Pick<
  BootstrapTarget,
  'trust' | 'executionPolicies' | 'initialExecutionPolicies'
> {
  /** Name of the role to assume in each account. @default 'OrganizationAccountAccessRole' */
  readonly adminRole?: string;
  /** @default - that of the synthesizer of each stack */
  readonly qualifier?: string;
  /** Of stacks that do not say which bootstrap they want. @default - CDK's own */
  readonly defaultQualifier?: string;
}

/**
 * The targets of the stacks of an assembly, each once for every qualifier that its stacks ask for; the caller's own if
 * a stack leaves them open.
 *
 * @throws Failure `NoStacks` if the assembly holds none
 */
export async function targetsOfAssembly(
  assembly: Pick<Assembly, 'directory' | 'stacks'>,
  aws: AwsClients,
  {
    adminRole,
    trust,
    qualifier: chosen,
    defaultQualifier = DEFAULT_QUALIFIER,
    ...policies
  }: AssemblyTargetOptions = {},
): Promise<BootstrapTarget[]> {
  const targets = new Map<string, BootstrapTarget>();
  for (const stack of assembly.stacks) {
    const { account, region } = await resolveTarget(aws, stack.target);
    const qualifier = chosen ?? qualifierOf(stack) ?? defaultQualifier;
    const name = targetName({ account, region });
    const label = qualifier === DEFAULT_QUALIFIER ? name : `${name} (${qualifier})`;
    const access = { roleArn: adminRoleArn({ account, region, adminRole }), roleIsChosen: adminRole !== undefined };
    targets.set(label, {
      label,
      account,
      region,
      qualifier,
      access,
      trust: trust && others(trust, account),
      ...policies,
    });
  }
  if (targets.size > 0) return [...targets.values()];
  const what = `The assembly in ${assembly.directory} holds no stack, so there is no account to bootstrap`;
  throw new Failure('NoStacks', { what });
}

/** The qualifier of the bootstrap that a stack is deployed with, by its version parameter or its deploy role. */
function qualifierOf({ bootstrap, deployRole }: Pick<AssemblyStack, 'bootstrap' | 'deployRole'>): string | undefined {
  const inParameter = /^\/cdk-bootstrap\/([\w-]{1,10})\/version$/.exec(bootstrap?.parameter ?? '');
  return (inParameter ?? /:role\/cdk-([\w-]{1,10})-deploy-role-/.exec(deployRole?.arn ?? ''))?.[1];
}

export interface EnvironmentTargetOptions {
  /**
   * Name of one environment, or `ci`.
   * @default - the CI account's target and those of every environment
   */
  readonly environment?: string;
  /** Accounts that every target trusts besides the CI account. */
  readonly trust?: readonly string[];
}

/** Name that chooses the CI account's own target; an environment may have the same name. */
const CI = 'ci';

/** A target as one environment asks for it. */
interface Wish {
  readonly name: string;
  readonly target: Target;
  readonly executionPolicies: readonly string[];
}

/**
 * The targets of an environments file, each account and region once. All but the CI account's trust the CI account; no
 * account has to trust itself.
 *
 * @throws Failure `UnknownEnvironment` naming the known ones; `ConflictingTarget` if two environments ask for different
 * execution policies in a target, since it has one bootstrap
 */
export function targetsOfEnvironments(
  { file, ci, qualifier, executionPolicies, environments }: Environments,
  { environment, trust = [] }: EnvironmentTargetOptions = {},
): BootstrapTarget[] {
  const wishes = [{ name: CI, targets: [ci], executionPolicies }, ...environments].flatMap(({ targets, ...wish }) =>
    targets.map((target): Wish => ({ ...wish, target })),
  );
  const groups = [...Map.groupBy(wishes, ({ target }) => targetName(target)).values()];
  groups.forEach((group) => refuseConflict(group, file));
  const chosen = groups.filter((group) => environment === undefined || group.some(({ name }) => name === environment));
  if (chosen.length === 0) {
    throw new Failure('UnknownEnvironment', {
      what: `${file} has no environment "${environment}"`,
      next: `there are ${[CI, ...environments.map(({ name }) => name)].join(', ')}`,
    });
  }
  return chosen.map((group) => {
    // If one environment says how to get in, that is right for all.
    const { target, executionPolicies } = group.find(isAccessChosen) ?? group[0]!;
    const { account, region, adminProfile: profile, adminRole } = target;
    return {
      label: namesOf(group),
      account,
      region,
      qualifier,
      access: { ...(profile && { profile }), roleArn: adminRoleArn(target), roleIsChosen: adminRole !== undefined },
      trust: account === ci.account ? [] : others([ci.account, ...trust], account),
      executionPolicies,
    };
  });
}

function isAccessChosen({ target: { adminProfile, adminRole } }: Wish): boolean {
  return adminProfile !== undefined || adminRole !== undefined;
}

function refuseConflict(group: readonly Wish[], file: string): void {
  const [first, ...rest] = group.map(({ executionPolicies }) => [...new Set(executionPolicies)].toSorted().join());
  const index = rest.findIndex((policies) => policies !== first) + 1;
  if (index === 0) return;
  const { name, target } = group[index]!;
  throw new Failure('ConflictingTarget', {
    subject: file,
    what: `${namesOf(group.slice(0, index))} and ${name} ask for different executionPolicies in ${targetName(target)}, but an account and region has one bootstrap`,
    next: 'give both the same',
  });
}

function namesOf(group: readonly Wish[]): string {
  return [...new Set(group.map(({ name }) => name))].join(', ');
}

function others(accounts: readonly string[], own: string): string[] {
  return accounts.filter((account) => account !== own);
}
