import {
  type Environments,
  type Target,
  allTargets,
  bootstrapRoleArn,
  lookupsRoleName,
  partitionOf,
} from '@nx-cdk/environments';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { READ_ONLY_ROLE_NAME } from '../read-only-role.ts';
import { ExactRole } from './exact-role.ts';
import { shareAmongRoles } from './spread-permission.ts';
import { ASSUME_ROLE } from './step-plan.ts';

/**
 * The role with which people and jobs of the CI account look things up in the targets. IAM of that account says who may
 * assume it. It may assume roles that only read.
 *
 * If there are more targets than one role can hold (about 650), the others get a role `<name>-2`, and so on.
 */
export class LookupRoles extends Construct {
  constructor(scope: Construct, id: string, environments: Environments) {
    super(scope, id);
    const { ci, qualifier } = environments;
    // By account: the role that only reads is the same in all its regions.
    const accounts = [...Map.groupBy(allTargets(environments), ({ account }) => account).values()];
    const arns = (targets: readonly Target[]) => [
      ...targets.map((target) => bootstrapRoleArn('lookup', target, qualifier)),
      // The role of `cdk-assume-role-credential-plugin`, if a company has it.
      ...targets
        .slice(0, 1)
        .map(({ account, region }) => `arn:${partitionOf(region)}:iam::${account}:role/${READ_ONLY_ROLE_NAME}`),
    ];
    shareAmongRoles(ASSUME_ROLE, accounts, arns).forEach((share, index) => {
      const suffix = index === 0 ? '' : `-${index + 1}`;
      new ExactRole(this, `Role${suffix}`, {
        roleName: `${lookupsRoleName(environments)}${suffix}`,
        description: 'Looks things up in the targets; reads only.',
        assumedBy: new AccountPrincipal(ci.account),
        many: { actions: ASSUME_ROLE, resources: share.flatMap(arns) },
      });
    });
  }
}
