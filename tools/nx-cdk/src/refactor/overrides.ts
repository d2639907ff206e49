import { Failure } from '../failure/index.ts';
import { keyOf, type Location, nameOf, type TemplateStack } from './model.ts';
import type { Override } from './moves.ts';

/** What a person says of a target: places of resources, by what they were. */
export interface TargetOverrides {
  readonly account: string;
  readonly region: string;
  readonly resources: Readonly<Record<string, string>>;
}

/**
 * Reads a file of overrides as the CDK CLI has it (`cdk refactor --override-file`):
 * `{ "environments": [{ "account": "111111111111", "region": "eu-west-1", "resources": { "Old.A": "New.B" } }] }`.
 *
 * @param file for messages
 * @throws Failure `BadOption`
 */
export function readOverrides(text: string, file: string): TargetOverrides[] {
  const next =
    'write { "environments": [{ "account", "region", "resources": { "Stack.LogicalId": "Stack.LogicalId" } }] }';
  const refuse = (what: string): never => {
    throw new Failure('BadOption', { what: `${file} ${what}`, next });
  };
  let content: { environments?: unknown } | undefined;
  try {
    content = JSON.parse(text) as { environments?: unknown };
  } catch {
    return refuse('holds no JSON');
  }
  const { environments } = content ?? {};
  if (!Array.isArray(environments) || !environments.every(isOverrides)) return refuse('has no list of environments');
  for (const { account, region, resources } of environments) {
    const places = Object.values(resources);
    const twice = places.find((one, index) => places.indexOf(one) !== index);
    if (twice !== undefined) refuse(`puts two resources to ${twice} in ${account}/${region}`);
  }
  return environments;
}

function isOverrides(value: unknown): value is TargetOverrides {
  const { account, region, resources } = (value ?? {}) as Record<string, unknown>;
  if (typeof account !== 'string' || typeof region !== 'string') return false;
  if (typeof resources !== 'object' || resources === null || Array.isArray(resources)) return false;
  return Object.values(resources).every((one) => typeof one === 'string');
}

/**
 * The places that overrides name: `Shop-Data.Orders1A2B`, or a path in the construct tree.
 *
 * @throws Failure `BadOption` for a place where there is nothing
 */
export function overridesIn(
  { resources }: Pick<TargetOverrides, 'resources'>,
  deployed: readonly TemplateStack[],
  wanted: readonly TemplateStack[],
): Override[] {
  const placesDeployed = placesIn(deployed);
  const placesWanted = placesIn(wanted);
  return Object.entries(resources).map(([from, to]) => ({
    from: placeOf(placesDeployed, from, 'nothing of these stacks is deployed there'),
    to: placeOf(placesWanted, to, 'the app has nothing of these stacks there'),
  }));
}

function placesIn(stacks: readonly TemplateStack[]): Map<string, Location> {
  const places = new Map<string, Location>();
  for (const { stackName, template } of stacks) {
    for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
      places.set(nameOf(resource, keyOf({ stackName, logicalId })), { stackName, logicalId });
      places.set(keyOf({ stackName, logicalId }), { stackName, logicalId });
    }
  }
  return places;
}

function placeOf(places: ReadonlyMap<string, Location>, name: string, why: string): Location {
  const found = places.get(name);
  if (found !== undefined) return found;
  throw new Failure('BadOption', {
    what: `The overrides name ${name}: ${why}`,
    next: 'name it as nx refactor --dryRun shows it',
  });
}
