import type { Environments } from '@nx-cdk/environments';
import { type Assembly, type PromotionGroup, list, parsePatterns, selectStacks } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import type { AdmissionOptions } from './admission.ts';
import type { Listener } from '../progress/index.ts';

/** How an executor says which stacks it is about. */
export interface StackOptions extends AdmissionOptions {
  /** Folder of the assembly, relative to the project. @default 'cdk.out' */
  readonly assembly?: string;
  /** Patterns of stack ids. @default - all stacks */
  readonly stacks?: readonly string[] | string;
  /** Without the stacks that the chosen ones depend on. @default false */
  readonly exclusively?: boolean;
}

/**
 * The environments of an assembly in promotion order: later ones wait for earlier ones. An environment's stacks are
 * those of the CDK stage with its name. Without an environments file there is no order but that of the dependencies,
 * and a single environment is a stage of the assembly.
 */
export function promotionOf(
  assembly: Pick<Assembly, 'stacks'>,
  environments: Environments | undefined,
  environment?: string,
): PromotionGroup[] {
  const ids = assembly.stacks.map(({ id }) => id);
  const stages = environment === undefined ? [] : ids.filter((id) => id.includes('/')).map((id) => id.split('/')[0]!);
  const names = environments?.environments.map(({ name }) => name) ?? [...new Set(stages)];
  return names.map((name) => ({ name, stackIds: ids.filter((id) => id.startsWith(`${name}/`)) }));
}

/**
 * The stacks an executor is about: those that its patterns name, of the environment it is limited to.
 *
 * An app that has stacks only for other environments is no mistake, only a message: a pipeline runs every app's target
 * for every environment, and a role of an account, for example, is created by the first environment in that account.
 *
 * @returns ids in the order of the assembly
 * @throws Failure as `selectStacks` does, `UnknownEnvironment` naming those there are, and `NothingSelected` if a
 * pattern fits nothing or no stage has the name of an environment
 */
export function chooseStacks(
  assembly: Assembly,
  environments: Environments | undefined,
  { environment, stacks, exclusively }: StackOptions,
  listener: Listener = () => undefined,
): { readonly stackIds: readonly string[]; readonly promotion: readonly PromotionGroup[] } {
  const all = promotionOf(assembly, environments, environment);
  const promotion = environment === undefined ? all : all.filter(({ name }) => name === environment);
  if (environment !== undefined && promotion.length === 0) {
    const known = all.map(({ name }) => name).join(', ');
    const next = known === '' ? 'the assembly has no stages' : `there are ${known}`;
    throw new Failure('UnknownEnvironment', { what: `There is no environment "${environment}"`, next });
  }
  const patterns = parsePatterns(stacks);
  const ids = assembly.stacks.map(({ id }) => id);
  const selected = patterns.length === 0 ? ids : selectStacks(assembly, patterns, { exclusively });
  if (environment === undefined) return { stackIds: selected, promotion };
  const inEnvironment = new Set(promotion.flatMap(({ stackIds }) => stackIds));
  const stackIds = selected.filter((id) => inEnvironment.has(id));
  if (stackIds.length > 0) return { stackIds, promotion };
  if (patterns.length > 0) {
    throw new Failure('NothingSelected', {
      what: `No stack of ${environment} is called ${patterns.join(', ')}`,
      next: `it has ${list([...inEnvironment])}`,
    });
  }
  if (all.every((group) => group.stackIds.length === 0)) {
    throw new Failure('NothingSelected', {
      what: `The environment ${environment} has no stack in the assembly`,
      next: `name a CDK stage after it; the assembly has ${list(ids)}`,
    });
  }
  const text = `The app has no stack for the environment ${environment}: there is nothing to do.`;
  listener({ type: 'message', level: 'info', text });
  return { stackIds, promotion };
}
