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
  const sorted = values.toSorted((one, other) => one - other);
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

/** How many times longer the other took than we did; with a ~ if the runs overlap. */
export function slower(ours: Spread, other: Spread): string {
  const { median, atLeast } = ratio(ours, other);
  const overlap = ours.count > 1 && atLeast <= 1 && other.most / ours.least >= 1;
  return `${overlap ? '~' : ''}${median.toFixed(1)}x`;
}

/** A number, or the median of several and how far they spread. */
export function text({ median, least, most, count }: Spread, digits = 1): string {
  const [middle, from, to] = [median, least, most].map((value) => value.toFixed(digits));
  return count === 1 ? middle! : `${middle} (${from} - ${to})`;
}
