import {
  type Environments,
  type Target,
  allTargets,
  bootstrapRoleArn,
  lookupsRoleName,
  partitionOf,
} from '@libs/environments';
import { ExactRole, shareAmongRoles } from '@libs/constructs';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ASSUME_ROLE } from './step-plan.ts';

/** The role that `cdk-assume-role-credential-plugin` reads with, if a company has it. */
const READ_ONLY_ROLE = 'cdk-readOnlyRole';

/**
 * The role with which people and jobs of the CI account look things up in the targets. The IAM of that
 * account says who may assume it. It may take roles that only read.
 *
 * If there are more targets than one role has room for (about 650), those beyond get a role `<name>-2`, and so on.
 */
export class LookupRoles extends Construct {
  constructor(scope: Construct, id: string, environments: Environments) {
    super(scope, id);
    const { ci, qualifier } = environments;
    // By account: the role that only reads is one for all regions of it.
    const accounts = [...Map.groupBy(allTargets(environments), ({ account }) => account).values()];
    const arns = (targets: readonly Target[]) => [
      ...targets.map((target) => bootstrapRoleArn('lookup', target, qualifier)),
      ...targets.slice(0, 1).map(readOnlyRoleArn),
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

function readOnlyRoleArn({ account, region }: Target): string {
  return `arn:${partitionOf(region)}:iam::${account}:role/${READ_ONLY_ROLE}`;
}
