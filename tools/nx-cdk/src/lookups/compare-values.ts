import { isDeepStrictEqual } from 'node:util';
import { nameOfKey, readKey } from '../synth/index.ts';
import type { LookupOutcome, LookupValue } from './request.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * What became of each looked-up value, sorted by key.
 *
 * @param askedAgain keys of values that were looked up again
 */
export function compareValues(before: Values, after: Values, askedAgain: ReadonlySet<string>): LookupValue[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => readKey(key) !== undefined)
    .toSorted()
    .map((key) => ({
      key,
      name: nameOfKey(key),
      outcome: outcomeOf(key, before, after, askedAgain),
      ...(key in before ? { old: before[key] } : {}),
      ...(key in after ? { new: after[key] } : {}),
    }));
}

function outcomeOf(key: string, before: Values, after: Values, askedAgain: ReadonlySet<string>): LookupOutcome {
  if (!(key in before)) return 'added';
  if (!(key in after)) return 'unused';
  if (!isDeepStrictEqual(before[key], after[key])) return 'changed';
  return askedAgain.has(key) ? 'unchanged' : 'kept';
}
