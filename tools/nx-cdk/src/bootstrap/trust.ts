import { targetName } from '@nx-cdk/environments';
import type { FoundRole } from './parts.ts';
import type { BootstrapRequest, BootstrapTarget } from './request.ts';
import type { FoundToolkitStack } from './toolkit-stack.ts';

/** How the trust policy of a role differs from what its stack has made. */
export interface TrustDrift extends Pick<FoundRole, 'logicalId' | 'name'> {
  /** Who was added: `999999999999`, `arn:aws:iam::…:role/…`, `*`. */
  readonly added: readonly string[];
  /** Accounts and services that were taken away. */
  readonly missing: readonly string[];
}

interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
}

const CLOUDFORMATION = 'cloudformation.amazonaws.com';

/**
 * Whom the roles of a bootstrap trust although neither the parameters nor the template of their stack name them, and
 * whom they trust no longer: somebody has changed the roles by hand. CloudFormation does not see that, and an update
 * leaves it as it is. Principals are compared, conditions are not.
 *
 * @param isOwn whether the template is CDK's own, of which it is known whom it trusts
 * @param template the deployed template, asked for only if there is something to look for
 */
export async function findTrustDrift(
  target: BootstrapTarget,
  stack: FoundToolkitStack,
  roles: readonly FoundRole[],
  isOwn: boolean,
  template: () => Promise<string>,
): Promise<TrustDrift[]> {
  const drifts: TrustDrift[] = [];
  for (const { logicalId, name, trust } of roles) {
    const expected = expectedTrust(name, target, stack);
    const actual = trustedBy(trust);
    const missing = isOwn ? expected.filter((principal) => !actual.includes(principal)) : [];
    let added = actual.filter((principal) => !expected.includes(principal));
    if (added.length > 0) {
      // A template may have been changed on purpose.
      const text = await template();
      added = added.filter((principal) => principal === '*' || !text.includes(principal));
    }
    if (added.length + missing.length > 0) drifts.push({ logicalId, name, added, missing });
  }
  return drifts;
}

/** Whether the roles may get the trust of their stack again: not if somebody asks to keep what is there. */
export function mayRestore(
  { keepTrust = false }: BootstrapRequest,
  { trust }: BootstrapTarget,
  isOwn: boolean,
  { added }: TrustDrift,
): boolean {
  return isOwn && (added.length === 0 || (trust !== undefined && !keepTrust));
}

/** What is said of it, restored or not: it may be an intrusion, or somebody's pipeline. */
export function warningOf(target: BootstrapTarget, { name, added, missing }: TrustDrift, fate: string): string {
  const changes = [
    ...(added.length > 0 ? [`trusts ${added.join(', ')}`] : []),
    ...(missing.length > 0 ? [`does not trust ${missing.join(', ')}`] : []),
  ];
  return `The role ${name} of ${targetName(target)} ${changes.join(' and ')}, and its stack says otherwise: somebody has changed it by hand. ${fate}`;
}

function expectedTrust(role: string, { account }: BootstrapTarget, { parameters }: FoundToolkitStack): string[] {
  if (role.includes('-cfn-exec-role-')) return [CLOUDFORMATION];
  const { TrustedAccounts = '', TrustedAccountsForLookup = '' } = parameters;
  const accounts = [TrustedAccounts, ...(role.includes('-lookup-role-') ? [TrustedAccountsForLookup] : [])];
  const ids = accounts.flatMap((list) => list.split(',').map((id) => id.trim()));
  return [...new Set([account, ...ids.filter((id) => id !== '')])];
}

/** The principals that a trust policy admits, each once. */
function trustedBy(trust: string): string[] {
  const { Statement: statements = [] } = JSON.parse(trust) as { Statement?: Statement | Statement[] };
  const admitting = [statements].flat().filter(({ Effect }) => Effect === 'Allow');
  return [...new Set(admitting.flatMap(({ Principal }) => principalsOf(Principal)))];
}

/** Of a statement with `NotPrincipal`: everybody. */
function principalsOf(principal: Statement['Principal'] = '*'): string[] {
  const values = typeof principal === 'string' ? [principal] : Object.values(principal).flat();
  // IAM writes an account as the ARN of its root user. An empty one is nobody.
  return values.map((value) => /^arn:[^:]+:iam::(\d{12}):root$/.exec(value)?.[1] ?? value).filter(Boolean);
}
