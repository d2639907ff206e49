/** Several measurements of one thing. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
}

/** @throws RangeError if there is nothing to summarize */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('No measurement.');
  const sorted = [...values].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return {
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    least: sorted[0]!,
    most: sorted.at(-1)!,
    count: sorted.length,
  };
}

/** How many times as long the other took: by the medians, and at least, taking our slowest run and its fastest. */
export function ratio(ours: Spread, other: Spread): { readonly median: number; readonly atLeast: number } {
  return { median: other.median / ours.median, atLeast: other.least / ours.most };
}
