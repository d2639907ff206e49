import { Failure } from 'nx-cdk/failure';
import { nameOf } from './sessions.ts';
import type { RunningAction, Walk } from './walk.ts';

/**
 * Asks IAM whether the role of an action may use a connection: that happens inside AWS, so no request made here would
 * show it (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html). If IAM cannot be
 * asked, that is noted.
 *
 * @throws Failure `Denied` naming the action and the resource
 */
export async function requireConnection(walk: Walk, action: RunningAction, resource: string): Promise<void> {
  const { SimulatePrincipalPolicyCommand } = await import('@aws-sdk/client-iam');
  const iam = await walk.clients.iam(walk.caller);
  // A connection whose ARN has the older name of the service has permissions of that name.
  const permission = `${resource.split(':')[2] ?? 'codeconnections'}:UseConnection`;
  const question = { PolicySourceArn: action.role, ActionNames: [permission], ResourceArns: [resource] };
  const role = nameOf(action.role);
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
