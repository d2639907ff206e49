import { resolve } from 'node:path';
import picomatch from 'picomatch';
import { type Assembly, type Target, list, parsePatterns } from '../assembly/index.ts';
import { type AwsClients, resolveTarget } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { PromotionGroup, PromotionOptions } from './promotion.ts';

/** How an executor is limited to accounts and regions. */
export interface TargetOptions extends PromotionOptions {
  /** Patterns of `account/region`. Without one there is no limit. */
  readonly targets?: readonly string[] | string;
}

/** The accounts and regions that an executor is limited to. */
export interface TargetChoice {
  /** As they were given, for messages. */
  readonly patterns: readonly string[];
  /** `account/region` of something that goes to one of the places which the choice was made among. */
  nameOf(environment: Target): string;
  includes(environment: Target): boolean;
}

/**
 * The targets that an executor is limited to; undefined where it is not.
 *
 * A target of the environments file counts as one that there is, whether or not something of this app goes there: a
 * pipeline gives the targets of a group to every app.
 *
 * @param places where the things go that are chosen among. Environment-agnostic ones go to the caller's own account and
 * region, who is asked for only then.
 * @throws Failure `NothingSelected` naming the targets that there are, where a pattern is for none of them
 */
export async function chooseTargets(
  workspaceRoot: string,
  places: readonly Target[],
  options: TargetOptions,
  aws: () => Promise<AwsClients>,
): Promise<TargetChoice | undefined> {
  const patterns = parsePatterns(options.targets);
  if (patterns.length === 0) return undefined;
  const names = await namesOf(places, aws);
  const nameOf = (environment: Target) => names.get(keyOf(environment))!;
  const known = [...new Set([...names.values(), ...(await targetsOfFile(workspaceRoot, options))])];
  const matchers = patterns.map((pattern) => ({ pattern, matches: picomatch(pattern) }));
  for (const { pattern, matches } of matchers) {
    if (known.some((name) => matches(name))) continue;
    throw new Failure('NothingSelected', `There is no target "${pattern}": there are ${list(known)}.`);
  }
  const chosen = new Set(known.filter((name) => matchers.some(({ matches }) => matches(name))));
  return { patterns, nameOf, includes: (environment) => chosen.has(nameOf(environment)) };
}

/**
 * The stacks that go to the chosen targets.
 *
 * @param stackIds what is chosen among
 * @throws Failure `OtherTarget` where one of them depends on a stack of the same environment that goes elsewhere: in a
 *   pipeline another action deploys that one, at the same time and with another role, and nobody waits for it. What it
 *   needs of earlier environments is there: promotion has waited for all of those.
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
      throw new Failure(
        'OtherTarget',
        `${id} in ${choice.nameOf(stack.target)} depends on ${dependency} in ${choice.nameOf(other.target)}, which --targets leaves out and which may not be deployed yet: ` +
          `set "parallelActions": 1 for ${environmentOf(id) ?? 'the environment'} in environments.json so that one action deploys both, or deploy without --targets.`,
      );
    }
  }
  return chosen;
}

/** Names of places by their key; one call for the caller's own, and only where something is environment-agnostic. */
async function namesOf(places: readonly Target[], aws: () => Promise<AwsClients>): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const place of places) {
    const key = keyOf(place);
    if (names.has(key)) continue;
    const { account, region } = isOpen(place) ? await resolveTarget(await aws(), place) : place;
    names.set(key, `${account}/${region}`);
  }
  return names;
}

/** Targets that the environments file names for the environment, or for all of them. */
async function targetsOfFile(
  workspaceRoot: string,
  { environmentsFile, environment }: PromotionOptions,
): Promise<string[]> {
  if (environmentsFile === undefined) return [];
  const { readEnvironments, targetName } = await import('@libs/environments');
  return readEnvironments(resolve(workspaceRoot, environmentsFile))
    .environments.filter(({ name }) => environment === undefined || name === environment)
    .flatMap(({ targets }) => targets.map(targetName));
}

function isOpen({ account, region }: Target): boolean {
  return account === 'unknown-account' || region === 'unknown-region';
}

function keyOf({ account, region }: Target): string {
  return `${account}/${region}`;
}
