import { type Environments, targetName } from '@nx-cdk/environments';
import picomatch from 'picomatch';
import { type Assembly, type PromotionGroup, type Target, list, parsePatterns } from '../assembly/index.ts';
import { type AwsClients, resolveTarget } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';

/** The targets that an executor is limited to. */
export interface TargetChoice {
  /** As given, for messages. */
  readonly patterns: readonly string[];
  /** `account/region` of a target, which may be environment-agnostic. */
  nameOf(target: Target): string;
  includes(target: Target): boolean;
}

/**
 * The targets that an executor is limited to; undefined if it is not.
 *
 * Patterns may name every target of the environments file, even if this app has nothing there: a pipeline gives the
 * targets of a group to every app.
 *
 * @param places what to choose from. Only environment-agnostic ones take a request, for the caller's account and region
 * @throws Failure `NothingSelected` naming the known targets, if a pattern fits none of them
 */
export async function chooseTargets(
  places: readonly Target[],
  environments: Environments | undefined,
  { targets, environment }: { readonly targets?: readonly string[] | string; readonly environment?: string },
  aws: () => Promise<AwsClients>,
): Promise<TargetChoice | undefined> {
  const patterns = parsePatterns(targets);
  if (patterns.length === 0) return undefined;
  const names = await namesOf(places, aws);
  const nameOf = (target: Target) => names.get(targetName(target))!;
  const ofFile = (environments?.environments ?? [])
    .filter(({ name }) => environment === undefined || name === environment)
    .flatMap((one) => one.targets.map(targetName));
  const known = [...new Set([...names.values(), ...ofFile])];
  const chosen = patterns.flatMap((pattern) => {
    const matches = known.filter((name) => picomatch(pattern)(name));
    if (matches.length > 0) return matches;
    throw new Failure('NothingSelected', { what: `There is no target "${pattern}"`, next: `there are ${list(known)}` });
  });
  return { patterns, nameOf, includes: (target) => chosen.includes(nameOf(target)) };
}

/**
 * The stacks that go to the chosen targets.
 *
 * @param stackIds what to choose from
 * @throws Failure `OtherTarget` if one of them depends on a stack of the same environment that goes elsewhere: in a
 * pipeline another action deploys that one at the same time, with another role, and nothing waits for it. Earlier
 * environments are complete by then.
 */
export function stacksOfTargets(
  assembly: Pick<Assembly, 'stacks'>,
  stackIds: readonly string[],
  promotion: readonly PromotionGroup[],
  choice: TargetChoice,
): string[] {
  const ids = new Set(stackIds);
  const candidates = new Map(assembly.stacks.filter(({ id }) => ids.has(id)).map((stack) => [stack.id, stack]));
  const chosen = stackIds.filter((id) => choice.includes(candidates.get(id)!.target));
  const environmentOf = (id: string) => promotion.find((group) => group.stackIds.includes(id))?.name;
  for (const id of chosen) {
    const stack = candidates.get(id)!;
    for (const dependency of stack.dependencies) {
      const other = candidates.get(dependency);
      if (other === undefined || choice.includes(other.target)) continue;
      if (environmentOf(dependency) !== environmentOf(id)) continue;
      throw new Failure('OtherTarget', {
        what: `${id} in ${choice.nameOf(stack.target)} depends on ${dependency} in ${choice.nameOf(other.target)}, which --targets leaves out and which may not be deployed yet`,
        next: `set "parallelActions": 1 for ${environmentOf(id) ?? 'the environment'} in environments.json so that one action deploys both, or deploy without --targets`,
      });
    }
  }
  return chosen;
}

/** Names by places as the assembly has them. */
async function namesOf(places: readonly Target[], aws: () => Promise<AwsClients>): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const place of places) {
    const key = targetName(place);
    if (names.has(key)) continue;
    const isOpen = place.account === 'unknown-account' || place.region === 'unknown-region';
    names.set(key, isOpen ? targetName(await resolveTarget(await aws(), place)) : key);
  }
  return names;
}
