import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../failure/index.ts';
import { formatTable } from '../progress/index.ts';
import { nameOfKey, readKey } from '../synth/index.ts';

/** Words for what can become of a value. `kept`: it was there, and was not looked up again. */
const OUTCOMES = {
  added: 'added',
  changed: 'changed',
  unchanged: 'unchanged',
  kept: 'kept',
  unused: 'removed: not used any more',
} as const;

export type LookupOutcome = keyof typeof OUTCOMES;

/** A looked-up value. */
export interface LookupValue {
  /** As in `cdk.context.json`. */
  readonly key: string;
  /** The same for people: `ssm /shop/vpc of 111111111111/eu-west-1`. */
  readonly name: string;
  readonly outcome: LookupOutcome;
  readonly old?: unknown;
  readonly new?: unknown;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * Chooses the values to look up again; never one that was written into the file by hand.
 *
 * @param stored keys of `cdk.context.json`
 * @param patterns of keys as they are in the file or as they are shown; `*` stands for anything. Empty: all
 * @throws Failure `UnknownKey` naming the values there are, if a pattern fits none
 */
export function chooseKeys(stored: readonly string[], patterns: readonly string[]): ReadonlySet<string> {
  const known = stored.filter((key) => readKey(key) !== undefined);
  if (patterns.length === 0) return new Set(known);
  const chosen = patterns.flatMap((pattern) => {
    const literals = pattern.split('*').map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const expression = new RegExp(`^${literals.join('.*')}$`, 's');
    const fitting = known.filter((key) => expression.test(key) || expression.test(nameOfKey(key)));
    if (fitting.length > 0) return fitting;
    const names = known.map(nameOfKey).join(', ');
    const next = known.length === 0 ? 'it holds no looked-up values at all' : `there are ${names}`;
    throw new Failure('UnknownKey', { what: `No value of cdk.context.json matches --key=${pattern}`, next });
  });
  return new Set(chosen);
}

/**
 * What became of each looked-up value, sorted by key.
 *
 * @param askedAgain keys of values that were looked up again
 */
export function compareValues(before: Values, after: Values, askedAgain: ReadonlySet<string>): LookupValue[] {
  return Object.keys({ ...before, ...after })
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

/** Longest value that a table shows, in characters; the file has them all. */
const LONGEST = 60;

/** The values as a table: what, from which value to which, and what became of it. */
export function showValues(values: readonly LookupValue[]): string {
  const rows = values.map((value) => ({ name: value.name, value: changeOf(value), outcome: OUTCOMES[value.outcome] }));
  return formatTable(rows, [
    { key: 'name', title: 'looked up' },
    { key: 'value', title: 'value' },
    { key: 'outcome', title: '', whole: true },
  ]);
}

function changeOf(value: LookupValue): string {
  if (value.outcome === 'changed') return `${short(value.old)} -> ${short(value.new)}`;
  return short('new' in value ? value.new : value.old);
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
