import { userInfo } from 'node:os';
import type { Target } from './model.ts';
import { partitionOf } from './partitions.ts';

/**
 * The roles of the modern bootstrap stack. Names as in its template
 * (https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml).
 */
export type BootstrapRole = 'deploy' | 'file-publishing' | 'image-publishing' | 'lookup' | 'cfn-exec';

/** ARN of a role in the account of a target, in the partition of its region. */
export function roleArn({ account, region }: Target, name: string): string {
  return `arn:${partitionOf(region)}:iam::${account}:role/${name}`;
}

/** ARN of a bootstrap role in a target. */
export function bootstrapRoleArn(role: BootstrapRole, target: Target, qualifier: string): string {
  return roleArn(target, `cdk-${qualifier}-${role}-role-${target.account}-${target.region}`);
}

/** Role that AWS Organizations makes in every account that it creates; the management account may assume it. */
const ORGANIZATION_ROLE = 'OrganizationAccountAccessRole';

/** ARN of the role that bootstrapping works with in a target. */
export function adminRoleArn(target: Target): string {
  return roleArn(target, target.adminRole ?? ORGANIZATION_ROLE);
}

/**
 * Session name of an assumed role, by which CloudTrail shows who it was: only what STS allows, at most 64 characters.
 *
 * @param name @default - the prefix and the user of this machine
 */
export function roleSessionName(prefix: string, name?: string): string {
  return (name || `${prefix}-${userName()}`).replace(/[^\w+=,.@-]/g, '@').slice(0, 64);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user id that has no name.
    return 'unnamed';
  }
}
