import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';

/**
 * Refuses limits below 1: Nx itself does not check the `minimum` of an option.
 *
 * @param options of a command. Limits are `parallel` and those with "concurrency" in their name
 * @throws Failure `BadConcurrency` naming the option
 */
export function requireLimits(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const isLimit = value !== undefined && /^parallel$|concurrency/i.test(name);
    if (!isLimit || (Number.isInteger(value) && value >= 1)) continue;
    const next = 'it has to be a whole number of at least 1';
    throw new Failure('BadConcurrency', { what: `--${name} is ${value}`, next });
  }
}

/** How an executor limits what happens in one target at the same time. */
export interface TargetLimit {
  readonly concurrencyPerTarget?: number;
  /** The former name of `concurrencyPerTarget`. */
  readonly concurrencyPerEnvironment?: number;
}

/** The limit for one target, also by its former name, with a warning. */
export function concurrencyPerTarget(
  { concurrencyPerTarget: limit, concurrencyPerEnvironment: former }: TargetLimit,
  listener: Listener,
): number | undefined {
  if (former === undefined) return limit;
  const text = '--concurrencyPerEnvironment is called --concurrencyPerTarget now: use that name.';
  listener({ type: 'message', level: 'warning', text });
  // Nx fills in the default of the new name.
  return former;
}
