import type { Target } from './model.ts';
import { partitionOf } from './partitions.ts';
import { DEFAULT_QUALIFIER } from './read-environments.ts';

/**
 * The roles of the modern bootstrap stack. Names as in its template
 * (https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml).
 */
export type BootstrapRole = 'deploy' | 'file-publishing' | 'image-publishing' | 'lookup' | 'cfn-exec';

/** Name of a bootstrap role in a target. */
export function bootstrapRoleName(role: BootstrapRole, target: Target, qualifier: string = DEFAULT_QUALIFIER): string {
  return `cdk-${qualifier}-${role}-role-${target.account}-${target.region}`;
}

/** ARN of a bootstrap role in a target. */
export function bootstrapRoleArn(role: BootstrapRole, target: Target, qualifier: string = DEFAULT_QUALIFIER): string {
  return `arn:${partitionOf(target.region)}:iam::${target.account}:role/${bootstrapRoleName(role, target, qualifier)}`;
}

/** The role AWS Organizations makes in every account that it creates; the management account may assume it. */
export const ORGANIZATION_ROLE = 'OrganizationAccountAccessRole';

/** ARN of the role that bootstrapping works with in a target. */
export function adminRoleArn(target: Target): string {
  return `arn:${partitionOf(target.region)}:iam::${target.account}:role/${target.adminRole ?? ORGANIZATION_ROLE}`;
}
