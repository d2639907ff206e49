import {
  bootstrapRoleArn,
  type DeploymentEnvironment,
  type Environments,
  promotedEnvironments,
  stagingBuckets,
  type Target,
  targetName,
} from '@nx-cdk/environments';
import type { Session } from '../aws/index.ts';
import type { StagingPlace } from '../release/index.ts';

/** A target of an environment, and what the bootstrap has made there. */
export interface HistoryPlace {
  readonly environment: string;
  readonly target: Target;
  /** `111111111111/eu-west-1` */
  readonly targetName: string;
  /** The staging buckets that there may be, and who reads there. */
  readonly buckets: readonly StagingPlace[];
  /** Who reads what is deployed. */
  readonly session: Session;
  /** Names of other environments that share the target: whose a stack is cannot be told there. */
  readonly sharedWith: readonly string[];
}

/**
 * Where the releases of an app are published and deployed: in promotion order. Environments with instances are left
 * out, since `nx sandboxes` tells of these.
 *
 * @param environment only this one. @default - all
 */
export function historyPlaces(file: Environments, role: 'deploy' | 'lookup', environment?: string): HistoryPlace[] {
  const all = promotedEnvironments(file);
  return all
    .filter(({ name }) => environment === undefined || name === environment)
    .flatMap(({ name, roles, targets }) =>
      targets.map(({ account, region }): HistoryPlace => {
        const target = { account, region };
        const sessionOf = (arn: string) => ({ ...target, role: { kind: role, region, arn } }) as const;
        return {
          environment: name,
          target,
          targetName: targetName(target),
          buckets: stagingBuckets(role, target, file, { roles }).map(({ bucket, role: arn }) => {
            return { bucket, target, session: sessionOf(arn) };
          }),
          session: sessionOf(bootstrapRoleArn(role, target, file.qualifier)),
          sharedWith: all.filter((other) => other.name !== name && hasTarget(other, target)).map((other) => other.name),
        };
      }),
    );
}

function hasTarget({ targets }: DeploymentEnvironment, target: Target): boolean {
  return targets.some((one) => targetName(one) === targetName(target));
}
