import {
  bootstrapRoleArn,
  type DeploymentEnvironment,
  type Environments,
  promotedEnvironments,
  stagingBucketName,
  type Target,
  targetName,
} from '@nx-cdk/environments';
import type { Session } from '../aws/index.ts';

/** A target of an environment, and what the bootstrap has made there. */
export interface HistoryPlace {
  readonly environment: string;
  readonly target: Target;
  /** `111111111111/eu-west-1` */
  readonly targetName: string;
  /** The staging bucket. */
  readonly bucket: string;
  /** Who reads there. */
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
    .flatMap(({ name, targets }) =>
      targets.map(({ account, region }): HistoryPlace => {
        const target = { account, region };
        const arn = bootstrapRoleArn(role, target, file.qualifier);
        return {
          environment: name,
          target,
          targetName: targetName(target),
          bucket: stagingBucketName(target, file.qualifier),
          session: { ...target, role: { kind: role, region, arn } },
          sharedWith: all.filter((other) => other.name !== name && hasTarget(other, target)).map((other) => other.name),
        };
      }),
    );
}

function hasTarget({ targets }: DeploymentEnvironment, target: Target): boolean {
  return targets.some((one) => targetName(one) === targetName(target));
}
