import { formatTable } from '../progress/index.ts';
import type { LookupOutcome, LookupValue } from './request.ts';

/** Longest value that a table shows, in characters; the file has them all. */
const LONGEST = 60;

const WORDS: Readonly<Record<LookupOutcome, string>> = {
  added: 'added',
  changed: 'changed',
  unchanged: 'unchanged',
  kept: 'kept',
  unused: 'removed: not used any more',
};

/** The values as a table: what, from which value to which, and what became of it. */
export function showValues(values: readonly LookupValue[]): string {
  const rows = values.map((value) => ({ name: value.name, value: changeOf(value), outcome: WORDS[value.outcome] }));
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
