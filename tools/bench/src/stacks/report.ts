import type { Runs } from '../measure.ts';
import { MEGABYTE, type Memory } from '../process-memory.ts';
import {
  bothPhases,
  byContender,
  caches,
  overlaps,
  CELLS,
  type Goal,
  type Phase,
  promised,
  speed,
  table,
  title,
} from '../report.ts';
import { ratio, spreadOf, text } from '../statistics.ts';

/** All that was measured. */
export interface Measurements {
  readonly stacks: number;
  readonly accounts: number;
  readonly delay: number;
  readonly runs: Runs;
  /** Seconds of `nx run-many -t synth` with everything cached, and of `cdk synth` of the app. */
  readonly synth: { readonly cached: readonly number[]; readonly stock: readonly number[] };
  readonly memory?: { readonly stacks: number; readonly seconds: number; readonly peak: Memory };
}

/** The report as people read it: one table, what it leaves out, and what is promised. */
export function reportStacks(measurements: Measurements): string {
  const { stacks, accounts, delay, runs, synth } = measurements;
  return [
    title(`${stacks} small stacks in ${accounts} accounts`, delay, runs),
    '',
    ...bothPhases(runs, {
      requests: CELLS.requests,
      'a stack': (spread) => (spread(({ requests }) => requests).median / stacks).toFixed(1),
      seconds: CELLS.seconds,
      slower: CELLS.slower,
    }),
    '',
    'Seconds include the start of every tool, synth, publishing and deploying. Each deployed once before that, unmeasured. Cold: freshly bootstrapped accounts. "slower": how many times as long as',
    `this workspace took${overlaps(runs)}. What may come from a cache:`,
    ...caches(runs),
    '',
    ...table([
      ['synth', 'seconds'],
      ['nx run-many -t synth, all apps, cached', text(spreadOf(synth.cached))],
      ['cdk synth of the one app', text(spreadOf(synth.stock))],
    ]),
    '',
    ...promised(goalsOfStacks(measurements)),
  ].join('\n');
}

/** Compares with what is promised. */
export function goalsOfStacks({ stacks, runs, synth, memory }: Measurements): Goal[] {
  const [[, ours]] = byContender(runs) as [ReturnType<typeof byContender>[number]];
  const requests = (phase: Phase, most: number, promise: string): Goal => {
    const worst = Math.max(...ours.map((measurement) => measurement[phase].requests));
    return { promise, measured: `${worst} (${(worst / stacks).toFixed(1)} a stack)`, met: worst <= most };
  };
  const cached = ratio(spreadOf(synth.cached), spreadOf(synth.stock));
  const goals = [
    requests('unchanged', 2.2 * stacks + 10, 'nothing changed: at most 2.2 requests a stack and 10'),
    requests('cold', 9 * stacks, 'cold: at most 9 requests a stack'),
    ...speed(runs, ['unchanged', 'cold'], 2, 'cdk deploy --all --concurrency 10'),
    {
      promise: 'cached nx run-many -t synth: under half of cdk synth of one app',
      measured: `${(1 / cached.median).toFixed(2)} of it`,
      met: cached.atLeast > 2,
    },
  ];
  if (memory)
    goals.push({
      promise: `deploy of ${memory.stacks} stacks (${Math.round(memory.seconds)} s, no delay): below 600 MB`,
      measured: `${Math.round(memory.peak.process / MEGABYTE)} MB in the largest process, ${Math.round(memory.peak.tree / MEGABYTE)} MB with Nx and its helpers, shared pages counted in each`,
      met: memory.peak.process < 600 * MEGABYTE,
    });
  return goals;
}
