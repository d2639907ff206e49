import { partitionOf } from '@libs/environments';
import type { AwsClients, Session } from './contract.ts';

/** What an assembly leaves open for the time of deployment; `unknown-*` is how it writes "the caller's own". */
interface OpenTarget {
  readonly account: string;
  readonly region: string;
}

/** An account and region that are known, with the partition the region is in. */
export interface ResolvedTarget {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

/**
 * Fills in the caller's own account and region if an assembly leaves them open, as the CDK CLI does for
 * environment-agnostic stacks (https://docs.aws.amazon.com/cdk/v2/guide/configure-env.html).
 */
export async function resolveTarget(aws: AwsClients, environment: OpenTarget): Promise<ResolvedTarget> {
  const unknownAccount = environment.account === 'unknown-account';
  const unknownRegion = environment.region === 'unknown-region';

  if (!unknownAccount && !unknownRegion) return { ...environment, partition: partitionOf(environment.region) };
  const caller = await aws.caller();
  const region = unknownRegion ? caller.region : environment.region;
  return { account: unknownAccount ? caller.account : environment.account, region, partition: partitionOf(region) };
}

/** Replaces `${AWS::AccountId}`, `${AWS::Region}` and `${AWS::Partition}`, the placeholders of assembly manifests. */
export function resolvePlaceholders(text: string, environment: ResolvedTarget): string {
  return text
    .replaceAll('${AWS::AccountId}', environment.account)
    .replaceAll('${AWS::Region}', environment.region)
    .replaceAll('${AWS::Partition}', environment.partition);
}

/**
 * Who speaks in an environment: the role, its placeholders resolved, or the caller if the assembly names no role.
 */
export function sessionFor(environment: ResolvedTarget, role: Session['role']): Session {
  const { account, region } = environment;
  if (role === undefined) return { account, region };
  return { account, region, role: { ...role, arn: resolvePlaceholders(role.arn, environment) } };
}
