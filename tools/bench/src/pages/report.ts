import { MEGABYTE } from '../process-memory.ts';
import { describeMachine, type Goal, type Machine, promised, table } from '../report.ts';
import { spreadOf, text } from '../statistics.ts';

/** What a deployment cost, in seconds. */
export interface Cost {
  /** From its start to its end. */
  readonly seconds: number;
  /** That it kept a processor busy. */
  readonly busy: number;
}

/** Two deployments that did the same, one after the other: with a page, and without. */
export interface Pair {
  readonly with: Cost;
  readonly without: Cost;
}

export interface Case {
  readonly stacks: number;
  readonly phase: 'changed' | 'unchanged';
  readonly pairs: readonly Pair[];
}

export interface Measurements {
  /** Milliseconds added to every request. */
  readonly delay: number;
  readonly cases: readonly Case[];
  /** Largest memory in bytes. */
  readonly memory?: { readonly stacks: number; readonly with: readonly number[]; readonly without: readonly number[] };
  readonly machine: Machine;
}

/** Part of the time of a deployment that its page may cost. */
const MOST_TIME = 0.03;

/** Megabytes that it may take. */
const MOST_MEMORY = 40;

/** The report as people read it. */
export function reportPages({ delay, cases, memory, machine }: Measurements): string {
  const rows = cases.map(({ stacks, phase, pairs }) => [
    `${stacks} stacks, ${phase}`,
    text(spreadOf(pairs.map((pair) => pair.with.seconds)), 2),
    text(spreadOf(pairs.map(({ without }) => without.seconds)), 2),
    text(spreadOf(pairs.map((pair) => pair.with.busy)), 2),
    text(spreadOf(pairs.map(({ without }) => without.busy)), 2),
    moreOf(pairs).toFixed(0),
  ]);
  const goals = [...cases.map(timeGoal), ...(memory === undefined ? [] : [memoryGoal(memory)])];
  return [
    `Deployments with a page and without, in turn, ${delay} ms added to every request: medians (least - most)`,
    '',
    ...table([['', 'with, s', 'without, s', 'busy with, s', 'busy without, s', 'more, ms'], ...rows]),
    '',
    'A deployment is a process as Nx starts it for a task, from its start to its end, without Nx itself.',
    '"busy": seconds of a processor; "more": of the medians of these. It is compared with the fastest one without a page.',
    '',
    ...promised(goals),
    '',
    describeMachine(machine),
  ].join('\n');
}

/** Milliseconds that a page keeps a processor busy. It is made in the end, when nothing else is to be done. */
function moreOf(pairs: readonly Pair[]): number {
  const [page, none] = (['with', 'without'] as const).map((kind) => spreadOf(pairs.map((pair) => pair[kind].busy)));
  return (page!.median - none!.median) * 1000;
}

function timeGoal({ stacks, phase, pairs }: Case): Goal {
  const share = moreOf(pairs) / 1000 / spreadOf(pairs.map(({ without }) => without.seconds)).least;
  const promise = `${stacks} stacks, ${phase}: a page costs at most ${MOST_TIME * 100} % of the time`;
  return { promise, measured: `${(share * 100).toFixed(1)} %`, met: share <= MOST_TIME };
}

function memoryGoal(memory: NonNullable<Measurements['memory']>): Goal {
  const [page, none] = [memory.with, memory.without].map((peaks) => spreadOf(peaks).median / MEGABYTE);
  const more = page! - none!;
  const promise = `${memory.stacks} stacks: a page takes at most ${MOST_MEMORY} MB`;
  const measured = `${more.toFixed(0)} MB (${page!.toFixed(0)} with, ${none!.toFixed(0)} without)`;
  return { promise, measured, met: more <= MOST_MEMORY };
}
