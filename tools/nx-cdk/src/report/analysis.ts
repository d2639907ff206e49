import type { RecordedItem, RecordedRun } from '../progress/index.ts';

/**
 * Milliseconds that pass between the end of one item and the start of the next, though nothing keeps it from starting:
 * a busy process needs that long. What is shorter is no wait.
 */
const UNNOTICED = 100;

/** How the time of a run was spent. Times are milliseconds since the command began. */
export interface Analysis {
  /** By id of the item; those that were worked on. */
  readonly timings: ReadonlyMap<string, Timing>;
  /** By id of the barrier: when it opened. Those that did not are left out. */
  readonly barriers: ReadonlyMap<string, number>;
  /** The chain of items that decided when the run ended, from the first to the last. */
  readonly criticalPath: readonly CriticalStep[];
  /** When the first item began, and when the last one ended. */
  readonly from: number;
  readonly to: number;
  /** The most items that were worked on at a time. */
  readonly atOnce: number;
  /** How long the items would have taken if each had begun as soon as what it waits for was done. */
  readonly withoutLimit: number;
  /** The same, if nothing had waited at barriers either. */
  readonly withoutBarriers: number;
}

/** When an item was worked on, and what it waited for before. */
export interface Timing {
  readonly from: number;
  readonly to: number;
  readonly waits: readonly Wait[];
}

/** A time in which an item waited: for others to end, at a barrier, or for a place, since only so many may run. */
export interface Wait {
  readonly kind: 'others' | 'barrier' | 'place';
  readonly from: number;
  readonly to: number;
  /** Of what it waited for last: an item, or a barrier. Absent if it was for a place. */
  readonly for?: string;
}

/** An item on the critical path. */
export interface CriticalStep {
  readonly id: string;
  /** Why it did not begin before the one before it had ended; the first one has no reason. */
  readonly after?: Wait['kind'];
}

/** Finds out what waited for what, and what decided when a run ended. */
export function analyse(run: RecordedRun): Analysis {
  const worked = run.items.filter(isWorkedOn);
  const timed = new Map(worked.map((item) => [item.id, item]));
  const graph = new Graph(run, timed);
  const from = Math.min(...worked.map(({ startedAt }) => startedAt));
  const to = Math.max(...worked.map(endOf));
  const timings = new Map(worked.map((item) => [item.id, timingOf(item, graph, from)]));
  return {
    timings,
    barriers: graph.barriers(),
    criticalPath: criticalPathOf(worked, timings, graph),
    from: worked.length === 0 ? 0 : from,
    to: worked.length === 0 ? 0 : to,
    atOnce: mostAtOnce(worked),
    withoutLimit: graph.longest(true),
    withoutBarriers: graph.longest(false),
  };
}

/** An item that began; one that did not end was worked on until nobody was left to say so. */
type Worked = RecordedItem & { readonly startedAt: number };

function isWorkedOn(item: RecordedItem): item is Worked {
  return item.startedAt !== undefined;
}

function endOf({ startedAt, milliseconds = 0 }: Worked): number {
  return startedAt + milliseconds;
}

/** What waits for what. */
class Graph {
  readonly #after: ReadonlyMap<string, readonly string[]>;
  readonly #barriers: ReadonlySet<string>;
  readonly #timed: ReadonlyMap<string, Worked>;
  readonly #ended = new Map<string, number | undefined>();

  constructor({ order }: RecordedRun, timed: ReadonlyMap<string, Worked>) {
    this.#after = new Map(order.map(({ id, after }) => [id, after]));
    this.#barriers = new Set(order.flatMap(({ id, barrier }) => (barrier ? [id] : [])));
    this.#timed = timed;
  }

  /** Whether it is known what an item waits for. Of a run without an order, it is not. */
  knows(id: string): boolean {
    return this.#after.has(id);
  }

  after(id: string): readonly string[] {
    return this.#after.get(id) ?? [];
  }

  isBarrier(id: string): boolean {
    return this.#barriers.has(id);
  }

  /** When an item ended or a barrier opened; undefined if it did not. */
  endOf(id: string): number | undefined {
    if (this.#ended.has(id)) return this.#ended.get(id);
    // What waits for itself, as no run does, has no end.
    this.#ended.set(id, undefined);
    const item = this.#timed.get(id);
    const ended = item === undefined ? this.#opened(id) : endOf(item);
    this.#ended.set(id, ended);
    return ended;
  }

  #opened(id: string): number | undefined {
    if (!this.isBarrier(id)) return undefined;
    const ends = this.after(id).map((one) => this.endOf(one));
    return ends.length === 0 || ends.includes(undefined) ? undefined : Math.max(...(ends as number[]));
  }

  barriers(): Map<string, number> {
    const opened = [...this.#barriers].map((id) => [id, this.endOf(id)] as const);
    return new Map(opened.filter((one): one is [string, number] => one[1] !== undefined));
  }

  /** The last of these that ended; undefined if none did. */
  last(ids: readonly string[]): string | undefined {
    let last: string | undefined;
    for (const id of ids) {
      const ended = this.endOf(id);
      if (ended !== undefined && (last === undefined || ended > this.endOf(last)!)) last = id;
    }
    return last;
  }

  /** Milliseconds of the longest chain of items. */
  longest(withBarriers: boolean): number {
    const known = new Map<string, number>();
    const until = (id: string): number => {
      const ready = known.get(id);
      if (ready !== undefined) return ready;
      known.set(id, 0);
      const before = this.isBarrier(id) && !withBarriers ? [] : this.after(id);
      const began = before.reduce((latest, one) => Math.max(latest, until(one)), 0);
      const ended = began + (this.#timed.get(id)?.milliseconds ?? 0);
      known.set(id, ended);
      return ended;
    };
    return [...this.#timed.keys()].reduce((latest, id) => Math.max(latest, until(id)), 0);
  }
}

/** @param began when the first item of the run did */
function timingOf(item: Worked, graph: Graph, began: number): Timing {
  const after = graph.after(item.id);
  const waits: Wait[] = [];
  let waited = began;
  // Barriers open late: others are waited for first, and what is left is the barrier's.
  for (const kind of ['others', 'barrier'] as const) {
    const last = graph.last(after.filter((id) => graph.isBarrier(id) === (kind === 'barrier')));
    const ended = last === undefined ? undefined : Math.min(graph.endOf(last)!, item.startedAt);
    if (last === undefined || ended === undefined || ended <= waited) continue;
    waits.push({ kind, from: waited, to: ended, for: last });
    waited = ended;
  }
  const isFree = graph.knows(item.id) && after.every((id) => graph.endOf(id) !== undefined);
  if (isFree && item.startedAt - waited > UNNOTICED) waits.push({ kind: 'place', from: waited, to: item.startedAt });
  return { from: item.startedAt, to: endOf(item), waits };
}

/** Goes back from what ended last, each time to what the item waited for last. */
function criticalPathOf(worked: readonly Worked[], timings: ReadonlyMap<string, Timing>, graph: Graph): CriticalStep[] {
  const byEnd = worked.toSorted((a, b) => endOf(a) - endOf(b));
  const path: CriticalStep[] = [];
  const seen = new Set<string>();
  let at = byEnd.at(-1);
  while (at !== undefined && !seen.has(at.id)) {
    const { id } = at;
    seen.add(id);
    const wait = timings.get(id)!.waits.at(-1);
    const before: string | undefined =
      wait?.kind === 'place' ? freedBy(at, byEnd)?.id : wait && itemBehind(wait.for!, graph);
    path.unshift({ id, ...(wait && before !== undefined && { after: wait.kind }) });
    at = byEnd.find((one) => one.id === before);
  }
  return path;
}

/** The item whose end gave another one its place: that of its own target, if there is one. */
function freedBy(item: Worked, byEnd: readonly Worked[]): Worked | undefined {
  const isJustBefore = (one: Worked) => one !== item && Math.abs(item.startedAt - endOf(one)) <= UNNOTICED;
  const freed = byEnd.filter((one) => one.startedAt < item.startedAt && isJustBefore(one));
  return freed.findLast(({ where }) => where === item.where) ?? freed.at(-1);
}

/** The item that an item or a barrier stands for: the last one that a barrier waited for. */
function itemBehind(id: string, graph: Graph): string | undefined {
  let at: string | undefined = id;
  while (at !== undefined && graph.isBarrier(at)) at = graph.last(graph.after(at));
  return at;
}

function mostAtOnce(worked: readonly Worked[]): number {
  let most = 0;
  for (const [, number] of numbersAtOnce(worked)) most = Math.max(most, number);
  return most;
}

/** How many items were worked on from each moment on, in the order of time. */
export function numbersAtOnce(items: readonly RecordedItem[]): (readonly [at: number, number: number])[] {
  const worked = items.filter(isWorkedOn);
  const changes = worked.flatMap((item) => [[item.startedAt, 1] as const, [endOf(item), -1] as const]);
  // What ends makes its place free first.
  changes.sort(([at, by], [other, otherBy]) => at - other || by - otherBy);
  let number = 0;
  return changes.map(([at, by]) => [at, (number += by)] as const);
}
