import type { DriftReport } from '../drift/index.ts';
import type { PlannedDrift, PlannedStack } from './model.ts';

/**
 * A planned stack with what has drifted in it. By names only, as all of a plan: a value may be secret. It is part of
 * the file, and of its digest: who approves the plan has seen it. A deployment does not compare it.
 */
export function withDrift(stack: PlannedStack, report: DriftReport | undefined): PlannedStack {
  const found = report?.stacks.find(({ id }) => id === stack.id);
  if (found === undefined || found.outcome === 'not-deployed') return stack;
  const key = ({ nestedIn = '', logicalId }: PlannedDrift) => `${nestedIn} ${logicalId}`;
  const drift = found.resources.flatMap((resource): PlannedDrift[] => {
    const { logicalId, resourceType, constructPath, nestedIn, status, properties } = resource;
    if (status === 'unknown') return [];
    const known = { ...(constructPath && { constructPath }), ...(nestedIn && { nestedIn }) };
    return [{ logicalId, resourceType, ...known, status, properties: properties.map(({ path }) => path) }];
  });
  return { ...stack, drift: drift.sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
}
