import { digestsOf } from './digests.ts';
import { keyOf, type Location, type Move, type TemplateResource, type TemplateStack } from './model.ts';

/** Which resources have got another place, and what else differs. */
export interface Comparison {
  readonly moves: readonly Move[];
  /** Resources that are alike, where more than one could have come from more than one place. */
  readonly ambiguous: readonly { readonly from: readonly Location[]; readonly to: readonly Location[] }[];
  /** What is deployed and not in the app, or not like that. */
  readonly gone: readonly Location[];
  /** What is in the app and not deployed, or not like that. */
  readonly added: readonly Location[];
  /** Overrides that no ambiguity needs, or that would make one resource of another. */
  readonly unfit: readonly Override[];
}

/** What a person says of a place. */
export interface Override {
  readonly from: Location;
  readonly to: Location;
}

/** Places of resources that are alike: before, and after. */
interface Alike {
  from: Location[];
  to: Location[];
}

/**
 * Finds the resources of an app that are deployed in another place: those with the same digest (`digestsOf`) in another
 * stack, or under another logical id. Where several are alike, a person's word decides, then what they are used by.
 *
 * @param deployed what is there
 * @param wanted the stacks of the app
 */
export function compareStacks(
  deployed: readonly TemplateStack[],
  wanted: readonly TemplateStack[],
  overrides: readonly Override[] = [],
): Comparison {
  const groups = alike(deployed, wanted, 'uses');
  const unfit = overrides.filter((one) => !groups.some((group) => holds(group, one)));
  const byUsers = alike(deployed, wanted, 'users').flatMap(({ from, to }) =>
    from.length === 1 && to.length === 1 ? [{ from: from[0]!, to: to[0]! }] : [],
  );
  const resources = resourcesIn(deployed);
  const result = { moves: [] as Move[], ambiguous: [] as Alike[], gone: [] as Location[], added: [] as Location[] };
  const move = ({ from, to }: Override) =>
    result.moves.push({ from, to, resourceType: resources.get(keyOf(from))!.Type });
  for (const group of groups) {
    const rest = group;
    for (const one of [...overrides, ...byUsers]) {
      if (isDecided(rest) || !holds(rest, one)) continue;
      move(one);
      rest.from = rest.from.filter((each) => keyOf(each) !== keyOf(one.from));
      rest.to = rest.to.filter((each) => keyOf(each) !== keyOf(one.to));
    }
    if (rest.from.length === 0 || rest.to.length === 0) {
      result.gone.push(...rest.from);
      result.added.push(...rest.to);
    } else if (isDecided(rest)) move({ from: rest.from[0]!, to: rest.to[0]! });
    else result.ambiguous.push(rest);
  }
  return { ...result, moves: result.moves.toSorted((a, b) => (keyOf(a.from) < keyOf(b.from) ? -1 : 1)), unfit };
}

/** Whether there is nothing to choose from: one for one, or nothing on a side. */
function isDecided({ from, to }: Alike): boolean {
  return from.length === 0 || to.length === 0 || (from.length === 1 && to.length === 1);
}

function holds({ from, to }: Alike, one: Override): boolean {
  return from.some((each) => keyOf(each) === keyOf(one.from)) && to.some((each) => keyOf(each) === keyOf(one.to));
}

/** Groups of resources that are alike, without those that stay where they are. */
function alike(
  deployed: readonly TemplateStack[],
  wanted: readonly TemplateStack[],
  direction: 'uses' | 'users',
): Alike[] {
  const before = digestsOf(deployed, direction);
  const after = digestsOf(wanted, direction);
  const groups = new Map<string, Alike>();
  const groupOf = (digest: string) => {
    const group = groups.get(digest) ?? { from: [], to: [] };
    groups.set(digest, group);
    return group;
  };
  for (const [key, digest] of before) if (after.get(key) !== digest) groupOf(digest).from.push(locationOf(key));
  for (const [key, digest] of after) if (before.get(key) !== digest) groupOf(digest).to.push(locationOf(key));
  return [...groups.values()];
}

/** Reads what `keyOf` has written. */
function locationOf(key: string): Location {
  const [stackName = '', logicalId = ''] = key.split('.');
  return { stackName, logicalId };
}

/** All resources, by key of the location. */
export function resourcesIn(stacks: readonly TemplateStack[]): Map<string, TemplateResource> {
  return new Map(
    stacks.flatMap(({ stackName, template }) =>
      Object.entries(template.Resources ?? {}).map(([logicalId, one]) => [keyOf({ stackName, logicalId }), one]),
    ),
  );
}
