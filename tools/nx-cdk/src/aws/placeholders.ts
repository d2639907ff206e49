import { partitionOf, type Target } from '@nx-cdk/environments';
import { type Admission, type NamedRole, type RoleKind, roleNotAdmitted } from './admission.ts';
import type { AwsClients, Session } from './contract.ts';

/** An account and region that are known, with the partition of the region. */
export interface ResolvedTarget {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

/**
 * Fills in the caller's own account and region if an assembly leaves them open (`unknown-account`, `unknown-region`),
 * as the CDK CLI does for environment-agnostic stacks (https://docs.aws.amazon.com/cdk/v2/guide/configure-env.html).
 */
export async function resolveTarget(aws: Pick<AwsClients, 'caller'>, target: Target): Promise<ResolvedTarget> {
  let { account, region } = target;
  if (account === 'unknown-account') account = (await aws.caller()).account;
  if (region === 'unknown-region') region = (await aws.caller()).region;
  return { account, region, partition: partitionOf(region) };
}

/** Replaces `${AWS::AccountId}`, `${AWS::Region}` and `${AWS::Partition}`, the placeholders of assembly manifests. */
export function resolvePlaceholders(text: string, { account, region, partition }: ResolvedTarget): string {
  return text
    .replaceAll('${AWS::AccountId}', account)
    .replaceAll('${AWS::Region}', region)
    .replaceAll('${AWS::Partition}', partition);
}

/**
 * The session of a role that an assembly names, its placeholders resolved, in a target; the caller's own if it names
 * none.
 */
export function sessionFor(target: ResolvedTarget, kind: RoleKind, role: NamedRole | undefined): Session {
  const { account, region } = target;
  if (role === undefined) return { account, region };
  return { account, region, role: { ...role, kind, region, arn: resolvePlaceholders(role.arn, target) } };
}

/**
 * Refuses a role that an assembly names, and that may not be used in a target. For what libraries assume themselves:
 * our own sessions are checked by `create-aws.ts` once more.
 *
 * @param named how the place says it that names the role, such as `assumeRoleArn in manifest.json`
 * @throws Failure `RoleNotAdmitted`
 */
export function requireAdmitted(
  admission: Admission,
  target: ResolvedTarget,
  kind: RoleKind,
  role: NamedRole | undefined,
  { subject, named }: { readonly subject: string; readonly named: string },
): void {
  const { role: wanted, account } = sessionFor(target, kind, role);
  const refusal = wanted && admission.refusal(wanted, account);
  if (refusal) throw roleNotAdmitted(wanted, refusal, subject, named);
}
