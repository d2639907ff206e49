import { namedRoleArns } from './admitted-roles.ts';
import type { DeploymentEnvironment, Environments, Target } from './model.ts';
import { type BootstrapRole, bootstrapRoleArn } from './roles.ts';

/** A bucket that bootstrapping makes for assets, and a role that works there. */
export interface StagingBucket {
  readonly bucket: string;
  /** ARN of the role. */
  readonly role: string;
}

/** Who works in staging buckets: these roles do, by the policies that bootstrapping gives them. */
export type StagingRole = Extract<BootstrapRole, 'deploy' | 'file-publishing' | 'lookup'>;

/**
 * The staging buckets that an app may use in a target of an environment, each with every role of a kind that may work
 * there: that of the file's qualifier comes first. Which of them there are, only the account knows.
 */
export function stagingBuckets(
  kind: StagingRole,
  target: Target,
  { qualifier }: Pick<Environments, 'qualifier'>,
  { roles }: Pick<DeploymentEnvironment, 'roles'>,
): StagingBucket[] {
  const ofBootstraps = [qualifier, ...(roles.qualifiers ?? [])].map((one) => ({
    bucket: stagingBucketName(target, one),
    role: bootstrapRoleArn(kind, target, one),
  }));
  const bucket = stagingBucketName(target, qualifier);
  return [...ofBootstraps, ...namedRoleArns(roles, kind, target).map((role) => ({ bucket, role }))];
}

/** Name of the bucket that bootstrapping makes for assets in a target, if nobody gives it another one. */
export function stagingBucketName({ account, region }: Target, qualifier: string): string {
  return `cdk-${qualifier}-assets-${account}-${region}`;
}
