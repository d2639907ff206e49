import type { ResolvedStack } from '../cloudformation/index.ts';
import type { JudgedDeletion } from './model.ts';
import { removalsOf } from './removals.ts';
import { parseTemplate } from './template.ts';

/**
 * What the deletion of a stack of the app takes with it, for the rules.
 *
 * @param deployed its template as it was sent; what cannot be read may hold anything
 */
export function deletionOfExisting({ stack, account, region }: ResolvedStack, deployed: string): JudgedDeletion {
  const template = parseTemplate(deployed);
  const transformed = template === undefined || template.Transform !== undefined;
  // The same names as for a deployment: exceptions go by them, also if the template holds no paths.
  const changes = removalsOf(template ?? {}).map((change) => {
    const constructPath = stack.resources.get(change.logicalId)?.constructPath ?? change.constructPath;
    return { ...change, ...(constructPath !== undefined && { constructPath }) };
  });
  return { stackName: stack.id, account, region, changes, transformed };
}
