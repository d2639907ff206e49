import { resolve } from 'node:path';
import { type Assembly, list, parsePatterns, selectStacks } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';

/** The stacks of one environment, by id. */
export interface PromotionGroup {
  readonly name: string;
  readonly stackIds: readonly string[];
}

/** How an executor says which environments it is about. */
export interface PromotionOptions {
  /**
   * The environments file, relative to the workspace root; without one an assembly has no order but that of its
   * dependencies.
   */
  readonly environmentsFile?: string;
  /** Only this environment. */
  readonly environment?: string;
}

/**
 * The environments of an assembly in promotion order: what comes later waits for what comes earlier. An environment's
 * stacks are those of the CDK stage that bears its name.
 *
 * @throws Failure `UnknownEnvironment` naming the known ones, where `environment` is none of them
 */
export async function promotionOf(
  workspaceRoot: string,
  assembly: Assembly,
  options: PromotionOptions,
): Promise<PromotionGroup[]> {
  const names = await environmentNames(workspaceRoot, assembly, options);
  const { environment } = options;
  if (environment !== undefined && !names.includes(environment)) {
    const known = names.length === 0 ? 'the assembly has no stages' : `there are ${names.join(', ')}`;
    throw new Failure('UnknownEnvironment', `There is no environment "${environment}": ${known}.`);
  }
  return names
    .filter((name) => environment === undefined || name === environment)
    .map((name) => ({
      name,
      stackIds: assembly.stacks.filter(({ id }) => id.startsWith(`${name}/`)).map(({ id }) => id),
    }));
}

/** Environments of the file, or, for an app without one that is asked for a single environment, its stages. */
async function environmentNames(
  workspaceRoot: string,
  assembly: Assembly,
  options: PromotionOptions,
): Promise<string[]> {
  if (options.environmentsFile !== undefined) {
    const { readEnvironments } = await import('@libs/environments');
    return readEnvironments(resolve(workspaceRoot, options.environmentsFile)).environments.map(({ name }) => name);
  }
  if (options.environment === undefined) return [];
  return [
    ...new Set(assembly.stacks.filter(({ id }) => id.includes('/')).map(({ id }) => id.slice(0, id.indexOf('/')))),
  ];
}

/**
 * The stacks an executor is about: those that its patterns name, of the environment it is limited to.
 *
 * An environment for which the app has nothing, while it has stacks for others, is no mistake: a pipeline runs every
 * app's target for every environment, and an account's role, say, is made once, by the first environment that the
 * account is in. It is told, and then there is nothing to do.
 *
 * @param listener hears that there is nothing to do
 * @returns ids in assembly order
 * @throws Failure as `promotionOf` and `selectStacks` do, and `NothingSelected` where a pattern fits nothing or no
 * stage is called as an environment is
 */
export async function chooseStacks(
  workspaceRoot: string,
  assembly: Assembly,
  options: PromotionOptions & { readonly stacks?: readonly string[] | string; readonly exclusively?: boolean },
  listener: Listener = () => undefined,
): Promise<{ readonly stackIds: readonly string[]; readonly promotion: readonly PromotionGroup[] }> {
  const promotion = await promotionOf(workspaceRoot, assembly, options);
  const patterns = parsePatterns(options.stacks);
  const selected =
    patterns.length === 0
      ? assembly.stacks.map(({ id }) => id)
      : selectStacks(assembly, patterns, { exclusively: options.exclusively });
  if (options.environment === undefined) return { stackIds: selected, promotion };
  const inEnvironment = new Set(promotion.flatMap(({ stackIds }) => stackIds));
  const stackIds = selected.filter((id) => inEnvironment.has(id));
  if (stackIds.length === 0 && patterns.length === 0 && (await servesOthers(workspaceRoot, assembly, options))) {
    const text = `The app has no stack for the environment ${options.environment}: there is nothing to do.`;
    listener({ type: 'message', level: 'info', text });
  } else if (stackIds.length === 0) {
    throw new Failure(
      'NothingSelected',
      patterns.length === 0
        ? `The environment ${options.environment} has no stack in the assembly: name a CDK stage after it; the assembly has ${list(assembly.stacks.map(({ id }) => id))}.`
        : `No stack of ${options.environment} is called ${patterns.join(', ')}: it has ${list([...inEnvironment])}.`,
    );
  }
  return { stackIds, promotion };
}

/** Whether the app has stacks for another environment than the one that it is asked for. */
async function servesOthers(workspaceRoot: string, assembly: Assembly, options: PromotionOptions): Promise<boolean> {
  const all = await promotionOf(workspaceRoot, assembly, { environmentsFile: options.environmentsFile });
  return all.some(({ stackIds }) => stackIds.length > 0);
}
