import { LocalAwsError } from './local-aws-error.ts';
import { controlRequest } from './local-request.ts';
import type { RunningInstance } from './running-instance.ts';

/** A resource with nothing behind it, or one of which only some attributes are made up. */
export interface Placeholder {
  readonly account: string;
  readonly region: string;
  /** Name of the stack. */
  readonly stack: string;
  readonly logicalId: string;
  /** Like `AWS::Amplify::App`. */
  readonly type: string;
  readonly physicalId: string;
  /** Why nothing is behind the resource. Empty if it is there, and only attributes of it are made up. */
  readonly why: string;
  /** Attributes that a template read, and that were made up. */
  readonly attributes: readonly string[];
}

/**
 * Everything on the local AWS that proves nothing (docs/local-aws.md#placeholders).
 *
 * @throws LocalAwsError `Unreachable`
 */
export async function listPlaceholders(instance: RunningInstance): Promise<Placeholder[]> {
  const response = await controlRequest(instance, '/_local-aws/placeholders');
  if (response.status !== 200)
    throw new LocalAwsError('Unreachable', `The local AWS at ${instance.endpoint} answered HTTP ${response.status}.`);
  return ((await response.json()) as { placeholders: Placeholder[] }).placeholders;
}

/** The list for people, by stack; one line if there is none. */
export function describePlaceholders(placeholders: readonly Placeholder[]): string {
  if (placeholders.length === 0) return 'No resource on the local AWS is a placeholder.';
  const byStack = Map.groupBy(placeholders, ({ stack, account, region }) => `${stack} (${account}/${region})`);
  const lines = [...byStack].sort().flatMap(([stack, found]) => [stack, ...linesOf(found)]);
  return ['On the local AWS these are placeholders, which prove nothing:', ...lines].join('\n');
}

function linesOf(found: readonly Placeholder[]): string[] {
  const nothing = Map.groupBy(
    found.filter(({ why }) => why),
    ({ type, why }) => `${type}: ${why}`,
  );
  const madeUp = found.filter(({ why }) => !why);
  return [
    ...[...nothing].sort().map(([what, { length }]) => `  ${length > 1 ? `${length} × ` : ''}${what}`),
    ...madeUp.map(({ type, logicalId, attributes }) => `  ${type} ${logicalId}: made up is ${attributes.join(', ')}`),
  ];
}
