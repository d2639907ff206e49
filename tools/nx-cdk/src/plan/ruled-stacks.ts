import { targetName } from '@nx-cdk/environments';
import type { AssemblyStack } from '../assembly/index.ts';
import { type AwsClients, resolveTarget } from '../aws/index.ts';
import type { WorkspaceRules } from './rules.ts';

/** The rules of each stack that has any, by its id, as text: for what asks none of them itself. */
export async function ruledStacks(
  stacks: readonly AssemblyStack[],
  rules: readonly WorkspaceRules[],
  aws: Pick<AwsClients, 'caller'>,
): Promise<ReadonlyMap<string, string>> {
  const ruled = new Map<string, string>();
  for (const { id, target } of rules.length === 0 ? [] : stacks) {
    const where = targetName(await resolveTarget(aws, target));
    const own = new Set(rules.flatMap(({ rulesFor }) => rulesFor(id, where)));
    if (own.size > 0) ruled.set(id, [...own].join(', '));
  }
  return ruled;
}
