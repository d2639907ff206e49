import { PipelineError } from './pipeline-error.ts';

/**
 * Characters that one managed policy may have, white space not counted
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
 */
export const MANAGED_POLICY_CHARACTERS = 6_144;

/** Characters that all inline policies of a role may have together, from the same page. */
export const INLINE_POLICIES_CHARACTERS = 10_240;

/** Managed policies that a role may have, from the same page; an account can ask for 20, which nothing here needs. */
export const MANAGED_POLICIES_OF_A_ROLE = 10;

/** What is left of the inline policies for the other statements of every role: logs, artifacts, a deployment record. */
const INLINE_RESERVE = 3_640;

/** The policies that allow each of many resources. */
export interface SpreadPermission {
  /** For the role's inline policy. */
  readonly inline: readonly string[];
  /** For a managed policy each. */
  readonly managed: readonly (readonly string[])[];
}

/**
 * Spreads a permission on many resources over the inline policy and, if needed, managed policies of one role.
 *
 * @param actions what is allowed on each of them
 * @param resources literal ARNs: a token has no length before it is deployed
 * @returns undefined if one role cannot hold them all; with the ARNs of publishing roles that is beyond 687.
 */
export function spreadPermission(
  actions: readonly string[],
  resources: readonly string[],
): SpreadPermission | undefined {
  const rest = [...resources];
  const inline = take(rest, INLINE_POLICIES_CHARACTERS - INLINE_RESERVE, actions);
  const managed: string[][] = [];
  while (rest.length > 0) {
    if (managed.length === MANAGED_POLICIES_OF_A_ROLE) return undefined;
    managed.push(take(rest, MANAGED_POLICY_CHARACTERS, actions));
  }
  return { inline, managed };
}

/**
 * Shares items, in their order, among as few roles as can hold what is allowed on them. One item is never shared.
 *
 * @param actions what is allowed on the resources of each item
 * @param resourcesOf literal ARNs of one item
 * @throws PipelineError if one item alone is too much for a role
 */
export function shareAmongRoles<Item>(
  actions: readonly string[],
  items: readonly Item[],
  resourcesOf: (item: Item) => readonly string[],
): Item[][] {
  for (let roles = 1; roles <= Math.max(items.length, 1); roles += 1) {
    const size = Math.ceil(items.length / roles);
    const parts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
      items.slice(index * size, (index + 1) * size),
    );
    if (parts.every((part) => spreadPermission(actions, part.flatMap(resourcesOf)) !== undefined)) return parts;
  }
  throw new PipelineError('One item alone needs more permissions than an IAM role can hold: split it.');
}

/** Takes from the front of a list what fits into one policy of that many characters. */
function take(rest: string[], characters: number, actions: readonly string[]): string[] {
  let left = characters - policyLength(actions);
  let count = 0;
  for (const resource of rest) {
    // Two quotes and a comma.
    left -= resource.length + 3;
    if (left < 0) break;
    count += 1;
  }
  // Without this, a resource that is too long for any policy would be tried again without end.
  if (count === 0 && rest[0] !== undefined && rest[0].length + 3 > MANAGED_POLICY_CHARACTERS - policyLength(actions)) {
    throw new PipelineError(`No policy takes a resource of ${rest[0].length} characters: give it a shorter name.`);
  }
  return rest.splice(0, count);
}

function policyLength(actions: readonly string[]): number {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Action: actions, Effect: 'Allow', Resource: [] }] })
    .length;
}
