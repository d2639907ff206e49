import type { Assembly } from '../assembly/index.ts';
import { type AwsClients, resolveTarget } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { BootstrapTarget } from './request.ts';

/** What an app without an environments file is told on the command line. */
export interface AssemblyTargetOptions {
  /** @default - trust is left as it is */
  readonly trust?: readonly string[];
  /** @default - policies are left as they are */
  readonly executionPolicies?: readonly string[];
  /** Policies for a place that has none yet. @default - none */
  readonly initialExecutionPolicies?: readonly string[];
  /** Name of the role to assume in each account. @default 'OrganizationAccountAccessRole' */
  readonly adminRole?: string;
}

/**
 * The accounts and regions that the stacks of an assembly go to, each once; the caller's own where a stack leaves them
 * open.
 *
 * @throws Failure `NoStacks` where the assembly holds none
 */
export async function targetsOfAssembly(
  assembly: Pick<Assembly, 'directory' | 'stacks'>,
  aws: AwsClients,
  options: AssemblyTargetOptions = {},
): Promise<BootstrapTarget[]> {
  const { ORGANIZATION_ROLE } = await import('@libs/environments');
  const targets = new Map<string, BootstrapTarget>();
  for (const { target } of assembly.stacks) {
    const { account, region, partition } = await resolveTarget(aws, target);
    const place = `${account}/${region}`;
    if (targets.has(place)) continue;
    const role = options.adminRole ?? ORGANIZATION_ROLE;
    targets.set(place, {
      label: place,
      account,
      region,
      access: {
        roleArn: `arn:${partition}:iam::${account}:role/${role}`,
        roleIsChosen: options.adminRole !== undefined,
      },
      ...(options.trust === undefined ? {} : { trust: options.trust.filter((trusted) => trusted !== account) }),
      ...(options.executionPolicies === undefined ? {} : { executionPolicies: options.executionPolicies }),
      ...(options.initialExecutionPolicies === undefined
        ? {}
        : { initialExecutionPolicies: options.initialExecutionPolicies }),
    });
  }
  if (targets.size === 0) {
    throw new Failure(
      'NoStacks',
      `The assembly in ${assembly.directory} holds no stack, so there is no account to bootstrap.`,
    );
  }
  return [...targets.values()];
}
