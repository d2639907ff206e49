import type { Environments, PlanRule } from './model.ts';
import { targetName } from './pipeline-names.ts';

/**
 * What a file refuses plans and deployments of a stack for: what its environment says, else what the file says. A stack
 * of no environment belongs to all those whose targets it goes to: what it is called is up to the app.
 *
 * @param stackId an environment is the first part of it, `staging/Data`
 * @param target `account/region`
 */
export function planRulesFor(
  { plan, environments }: Pick<Environments, 'plan' | 'environments'>,
  stackId: string,
  target: string,
): readonly PlanRule[] {
  const general = plan?.refuse ?? [];
  const own = environments.find(({ name }) => stackId.startsWith(`${name}/`));
  if (own !== undefined) return own.refuse ?? general;
  const there = environments.filter(({ targets }) => targets.some((one) => targetName(one) === target));
  return [...new Set([...general, ...there.flatMap(({ refuse = [] }) => refuse)])];
}
