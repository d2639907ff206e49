import { ratio, type Spread } from './statistics.ts';

/** How many times longer the other took than we did; with a ~ if the runs overlap. */
export function slower(ours: Spread, other: Spread): string {
  const { median, atLeast } = ratio(ours, other);
  const overlap = ours.count > 1 && atLeast <= 1 && other.most / ours.least >= 1;
  return `${overlap ? '~' : ''}${median.toFixed(1)}x`;
}

/** A number, or the median of several and how far they spread. */
export function text({ median, least, most, count }: Spread): string {
  return count === 1 ? median.toFixed(1) : `${median.toFixed(1)} (${least.toFixed(1)} - ${most.toFixed(1)})`;
}

/** Columns of text: the first one flush left, the others flush right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [line(rows[0]!), '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2)), ...rows.slice(1).map(line)];
}
