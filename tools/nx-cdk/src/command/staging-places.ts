import { type Environments, type StagingRole, stagingBuckets, targetName } from '@nx-cdk/environments';
import picomatch from 'picomatch';
import { parsePatterns, type Target } from '../assembly/index.ts';
import type { FurtherTarget, StagingPlace } from '../release/index.ts';

/** Which staging buckets somebody asks for. */
export interface PlacesQuestion {
  readonly environments: Environments;
  /** Only those of this environment. @default - all, in promotion order */
  readonly environment?: string;
  /** Only those of targets that fit one of these patterns. @default - all */
  readonly targets?: readonly string[] | string;
}

/**
 * The staging buckets that an app may use in each target, with the roles that work there, in the order of the file.
 * Nothing of it follows from an assembly: all that find one by its digest look there, and `publish` puts it there.
 */
export function placesOfTargets(kind: StagingRole, question: PlacesQuestion): FurtherTarget[] {
  const { environments, environment, targets } = question;
  const patterns = parsePatterns(targets);
  const isMeant = (target: Target) =>
    patterns.length === 0 || patterns.some((pattern) => picomatch(pattern)(targetName(target)));
  const chosen = environments.environments.filter(({ name }) => environment === undefined || name === environment);
  return chosen.flatMap((one) =>
    one.targets.filter(isMeant).map((target) => ({
      targetName: targetName(target),
      places: stagingBuckets(kind, target, environments, one).map(({ bucket, role }) =>
        stagingPlace(kind, target, bucket, role),
      ),
    })),
  );
}

/** A bucket, and who works there. @param arn of the role */
export function stagingPlace(
  kind: StagingRole,
  { account, region }: Target,
  bucket: string,
  arn: string,
): StagingPlace {
  const target = { account, region };
  return { bucket, target, session: { ...target, role: { kind, region, arn } } };
}
