import { type DeploymentEnvironment, type Environments, targetName } from '@nx-cdk/environments';
import type { AssemblyStack } from '../assembly/index.ts';
import type { DeploymentMode, Monitoring } from '../cloudformation/index.ts';
import { environmentOf, type StackAdmission } from './admission.ts';

/* What environments say of their stacks. */

/** How stacks are deployed: as somebody says now, else as their environment says. */
export function modeBy(
  express: boolean | undefined,
  environments: Environments | undefined,
): (stackId: string) => DeploymentMode {
  if (express !== undefined) return () => (express ? 'express' : 'standard');
  return (id) => environmentOf(id, environments?.environments ?? [])?.deploymentMode ?? 'standard';
}

/** The alarms that are watched while a stack is updated, as its environment says. */
export function monitoringBy(environments: Environments | undefined): (stackId: string) => Monitoring | undefined {
  return (id) => {
    const { alarms, monitoringMinutes: minutes } = environmentOf(id, environments?.environments ?? []) ?? {};
    return alarms && { alarms, minutes };
  };
}

/**
 * The stacks that change an environment which wants to be asked. A stack of no environment belongs to those whose
 * targets it goes to: what it is called is up to the app.
 */
export async function guardedStacks(
  stacks: readonly AssemblyStack[],
  environments: Environments | undefined,
  resolve: StackAdmission['resolve'],
): Promise<Map<string, string>> {
  const guarded = new Map<string, string>();
  const all = environments?.environments ?? [];
  if (!all.some(({ approval }) => approval)) return guarded;
  for (const { id, target } of stacks) {
    const own = environmentOf(id, all);
    const there = own === undefined ? targetName(await resolve(target)) : undefined;
    const isMeant = (one: DeploymentEnvironment) =>
      one === own || one.targets.some((each) => targetName(each) === there);
    const asking = all.find((one) => one.approval && isMeant(one));
    if (asking !== undefined) guarded.set(id, asking.name);
  }
  return guarded;
}
