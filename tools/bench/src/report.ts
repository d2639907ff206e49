import { availableParallelism, loadavg } from 'node:os';
import { isOurs, type Measured, type Measurement, type Runs } from './measure.ts';
import { ratio, slower, type Spread, spreadOf, text } from './statistics.ts';

/** What a comparison measured, and how people read it. */
export interface Comparison {
  readonly measurements: object;
  readonly report: string;
}

export type Phase = 'cold' | 'unchanged';

/** What this workspace promises, and what came out. */
export interface Goal {
  readonly promise: string;
  readonly measured: string;
  readonly met: boolean;
}

/** The end of every report. */
export function promised(goals: readonly Goal[]): string[] {
  return [
    'Promised',
    ...goals.map(({ promise, measured, met }) => `  ${met ? 'kept  ' : 'BROKEN'}  ${promise}: ${measured}`),
  ];
}

/**
 * Promises to be so many times as fast as another contender; none if that did not take part. Each is kept only if our
 * slowest run keeps it against the other's fastest.
 */
export function speed(runs: Runs, phases: readonly Phase[], times: number, rival: string): Goal[] {
  const all = runs.flat();
  const seconds = (phase: Phase, is: (contender: string) => boolean) =>
    spreadOf(all.filter(({ contender }) => is(contender)).map((measurement) => measurement[phase].seconds));
  const isRival = (contender: string) => contender.startsWith(rival);
  if (!all.some(({ contender }) => isRival(contender))) return [];
  return phases.map((phase) => {
    const { median, atLeast } = ratio(seconds(phase, isOurs), seconds(phase, isRival));
    const worst = runs.length > 1 ? `, slowest against fastest ${atLeast.toFixed(1)} times` : '';
    return {
      promise: `${TITLES[phase]}: at least ${times} times as fast as ${rival}`,
      measured: `${median.toFixed(1)} times${worst}`,
      met: atLeast >= times,
    };
  });
}

const TITLES: Record<Phase, string> = { cold: 'cold', unchanged: 'nothing changed' };

/** The measurements of each contender, this workspace first, in the order of the first run otherwise. */
export function byContender<M extends Measured>(runs: Runs<M>): [name: string, measurements: Measurement<M>[]][] {
  const grouped = [...Map.groupBy(runs.flat(), ({ contender }) => contender)];
  return grouped.sort(([one], [other]) => Number(isOurs(other)) - Number(isOurs(one)));
}

/** Columns of a table: what stands above, which phase it is of, and how a contender's measurements become text. */
export type Column<M extends Measured = Measured> = readonly [heading: string, phase: Phase, cell: Cell<M>];
type Cell<M extends Measured> = (
  spread: (value: (measured: M) => number) => Spread,
  /** The seconds of this workspace; undefined for itself. */
  ours: Spread | undefined,
) => string;

const secondsOf = ({ seconds }: Measured) => seconds;

/** The columns that every comparison has. */
export const CELLS = {
  requests: (spread) => String(spread(({ requests }) => requests).median),
  seconds: (spread) => text(spread(secondsOf)),
  slower: (spread, ours) => (ours ? slower(ours, spread(secondsOf)) : ''),
} satisfies Record<string, Cell<Measured>>;

/** A table with a row for each contender. */
export function comparison<M extends Measured>(runs: Runs<M>, title: string, columns: readonly Column<M>[]): string[] {
  const all = byContender(runs);
  const ours = all.find(([name]) => isOurs(name))?.[1];
  return table([
    [title, ...columns.map(([heading]) => heading)],
    ...all.map(([name, measurements]) => [
      name,
      ...columns.map(([, phase, cell]) => {
        const baseline = isOurs(name) ? undefined : ours?.map((own) => own[phase].seconds);
        return cell(
          (value) => spreadOf(measurements.map((measurement) => value(measurement[phase]))),
          baseline && spreadOf(baseline),
        );
      }),
    ]),
  ]);
}

/** The same columns for both phases, which stand above them; the first is `requests`. */
export function bothPhases<M extends Measured>(runs: Runs<M>, half: Record<string, Cell<M>>): string[] {
  const columns = (['cold', 'unchanged'] as const).flatMap((phase) =>
    Object.entries(half).map(([heading, cell]) => [heading, phase, cell] as const),
  );
  const lines = comparison(runs, '', columns);
  const [first, second] = [lines[0]!.indexOf('requests'), lines[0]!.lastIndexOf('requests')];
  return [`${' '.repeat(first)}${TITLES.cold}`.padEnd(second) + TITLES.unchanged, ...lines];
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

/** The first line of a report. */
export function title(what: string, delay: number, runs: Runs): string {
  const repeated = runs.length > 1 ? 's: medians (least - most)' : '';
  return `${what}, ${delay} ms added to every request, ${runs.length} run${repeated}`;
}

/** What each contender kept between runs. */
export function caches(runs: Runs): string[] {
  return byContender(runs).map(([name, [first]]) => `  ${name}: ${first!.cache}`);
}

/** What a ~ means, if there can be one. */
export function overlaps(runs: Runs): string {
  return runs.length > 1 ? '; a ~ where the runs overlap, so that nothing is shown' : '';
}

export type Machine = ReturnType<typeof thisMachine>;

/** What a measurement was taken on. If others use it too, seconds say less than ratios. */
export function thisMachine() {
  // `load`: processes that ran or waited for a core in the last minute, on average.
  return { cores: availableParallelism(), load: loadavg()[0]! };
}

export function describeMachine({ cores, load }: Machine): string {
  return `This machine has ${cores} cores, and had a load of ${load.toFixed(1)} at the end.`;
}
