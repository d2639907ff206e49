import { isOurs } from '../measure.ts';
import { describeMachine, type Goal, type Machine, promised, table } from '../report.ts';
import { spreadOf, text } from '../statistics.ts';

/** What one way to watch took. */
export interface Measured {
  readonly name: string;
  /** Seconds from an edit of the handler until it was answered by the new code. */
  readonly handler: readonly number[];
  /** Seconds from an edit of the stack until it was deployed. */
  readonly stack: readonly number[];
  /** While nothing was edited: requests, and seconds that a processor was busy. */
  readonly idle: { readonly requests: number; readonly seconds: number };
}

export interface Measurements {
  /** Milliseconds added to every request. */
  readonly delay: number;
  /** Seconds that nothing was edited. */
  readonly idle: number;
  readonly runs: readonly (readonly Measured[])[];
  readonly machine: Machine;
}

/** The report as people read it: a table, and what is promised. */
export function reportDev({ delay, idle, runs, machine }: Measurements): string {
  const all = [...Map.groupBy(runs.flat(), ({ name }) => name)];
  const rows = all.map(([name, measured]) => [
    name,
    text(spreadOf(measured.flatMap(({ handler }) => handler))),
    text(spreadOf(measured.flatMap(({ stack }) => stack))),
    String(Math.max(...measured.map((one) => one.idle.requests))),
    Math.max(...measured.map((one) => one.idle.seconds)).toFixed(1),
  ]);
  return [
    `From an edit to the cloud, ${delay} ms added to every request: seconds, medians (least - most)`,
    '',
    ...table([['', 'handler', 'stack', `requests in ${idle} s idle`, 'busy s meanwhile'], ...rows]),
    '',
    '"handler": from the edit until the function answers with the new code. "stack": until the stack has the new output.',
    'Requests of nx dev while idle are those of the logs.',
    '',
    ...promised(goals(runs.flat())),
    '',
    describeMachine(machine),
  ].join('\n');
}

function goals(measured: readonly Measured[]): Goal[] {
  const kinds = [
    ['edit of a handler', 1.5, 3, ({ handler }: Measured) => handler],
    ['edit of a stack', 5, 2, ({ stack }: Measured) => stack],
  ] as const;
  return kinds.flatMap(([kind, most, times, of]) => {
    const median = (ours: boolean) =>
      spreadOf(measured.filter(({ name }) => isOurs(name) === ours).flatMap((one) => of(one))).median;
    const ours = median(true);
    const own = { promise: `${kind}: at most ${most} s`, measured: `${ours.toFixed(2)} s`, met: ours <= most };
    if (!measured.some(({ name }) => !isOurs(name))) return [own];
    const faster = median(false) / ours;
    const promise = `${kind}: at least ${times} times as fast as cdk watch`;
    return [own, { promise, measured: `${faster.toFixed(1)} times`, met: faster >= times }];
  });
}
