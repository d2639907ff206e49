import { Failure } from 'nx-cdk/failure';
import type { Walk, RunningAction } from './walk.ts';
import { nameOf } from './sessions.ts';

/**
 * Asks IAM whether a role's policies allow what no request made here would need: the use of a connection happens inside
 * AWS (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html). Where IAM cannot be
 * asked, that is noted.
 *
 * @throws Failure `Denied` naming the action and the resource
 */
export async function requirePermission(
  walk: Walk,
  action: RunningAction,
  {
    roleArn,
    permission,
    resource,
  }: { readonly roleArn: string; readonly permission: string; readonly resource: string },
): Promise<void> {
  const { SimulatePrincipalPolicyCommand } = await import('@aws-sdk/client-iam');
  const iam = await walk.clients.iam(walk.caller);
  const question = { PolicySourceArn: roleArn, ActionNames: [permission], ResourceArns: [resource] };
  const role = nameOf(roleArn);
  let decision: string | undefined;
  try {
    const answer = await iam.send(new SimulatePrincipalPolicyCommand(question));
    decision = answer.EvaluationResults?.[0]?.EvalDecision;
  } catch (error) {
    action.note(`whether ${role} may ${permission} was not checked: ${(error as Error).message}`);
    return;
  }
  if (decision === 'allowed') return;
  throw new Failure(
    'Denied',
    { what: `The role ${role} may not ${permission} ${resource}`, next: 'its policies do not allow it' },
    { denied: { action: permission, resource, role } },
  );
}

/** `codeconnections:UseConnection`, or the older name for a connection with an ARN of the older service. */
export function useOf(connectionArn: string): string {
  return `${connectionArn.split(':')[2] ?? 'codeconnections'}:UseConnection`;
}
