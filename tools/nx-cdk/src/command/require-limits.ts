import { Failure } from '../failure/index.ts';

/**
 * Refuses limits that would let nothing happen: Nx itself does not look at the `minimum` of an option.
 *
 * @param limits values by option name; undefined ones have a default
 * @throws Failure `BadConcurrency` naming the option
 */
export function requireLimits(limits: Readonly<Record<string, number | undefined>>): void {
  for (const [option, value] of Object.entries(limits)) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new Failure('BadConcurrency', `${option} is ${value}: it has to be a whole number of at least 1.`);
  }
}
