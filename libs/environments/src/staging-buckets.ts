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
 * there: those with names of their own first, and of the file's qualifier before others. Which of them there are, and
 * whose role works where, only the account knows.
 */
export function stagingBuckets(
  kind: StagingRole,
  target: Target,
  { qualifier }: Pick<Environments, 'qualifier'>,
  { roles }: Pick<DeploymentEnvironment, 'roles'>,
): StagingBucket[] {
  const names = [...(roles.buckets ?? []), STAGING_BUCKET];
  const bucketsOf = (one: string) => names.map((name) => bucketNameIn(target, one, name));
  const ofBootstraps = [qualifier, ...(roles.qualifiers ?? [])].flatMap((one) => {
    const role = bootstrapRoleArn(kind, target, one);
    return bucketsOf(one).map((bucket) => ({ bucket, role }));
  });
  const ofNamed = namedRoleArns(roles, kind, target).flatMap((role) =>
    bucketsOf(qualifier).map((bucket) => ({ bucket, role })),
  );
  return [...ofBootstraps, ...ofNamed];
}

/** Name of the bucket that bootstrapping makes for assets in a target, if nobody gives it another one. */
export function stagingBucketName(target: Target, qualifier: string): string {
  return bucketNameIn(target, qualifier, STAGING_BUCKET);
}

/** As `DefaultStackSynthesizer.DEFAULT_FILE_ASSETS_BUCKET_NAME` has it. */
const STAGING_BUCKET = 'cdk-${Qualifier}-assets-${AWS::AccountId}-${AWS::Region}';

function bucketNameIn({ account, region }: Target, qualifier: string, name: string): string {
  return name
    .replaceAll('${Qualifier}', qualifier)
    .replaceAll('${AWS::AccountId}', account)
    .replaceAll('${AWS::Region}', region);
}
