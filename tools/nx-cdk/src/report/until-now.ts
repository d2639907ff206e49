import type { RecordedItem, RecordedRun, Recording } from '../progress/index.ts';
import { isRunning } from './outcome.ts';

/** A run that goes on: with what is worked on as if it ended now, but as running, and with what has not begun. */
export function untilNow(recording: Recording): Recording {
  const { milliseconds: now, runs } = recording;
  const last = runs.at(-1);
  if (last === undefined || last.milliseconds !== undefined) return recording;
  const marked = (item: RecordedItem): RecordedItem =>
    item.startedAt === undefined || item.outcome !== undefined
      ? item
      : { ...item, outcome: 'running', milliseconds: Math.max(0, now - item.startedAt) };
  const known = new Set(last.items.map(({ id }) => id));
  const waiting = last.order.flatMap(({ id, where, barrier }): RecordedItem[] =>
    barrier || known.has(id) ? [] : [{ id, label: id, ...(where && { where }), steps: [], outcome: 'waiting' }],
  );
  return { ...recording, runs: [...runs.slice(0, -1), { ...last, items: [...last.items.map(marked), ...waiting] }] };
}

/**
 * What keeps an item of a run that goes on from beginning: ids of items and barriers.
 *
 * @returns by its id; nothing if it waits for a free place only
 */
export function waitsIn({ order, items }: RecordedRun): (id: string) => string[] {
  const byId = new Map(order.map((one) => [one.id, one]));
  const ended = new Set(items.filter((item) => !isRunning(item) && item.outcome !== 'waiting').map((item) => item.id));
  const opened = new Map<string, boolean>();
  const isDone = (one: string): boolean => {
    const { barrier, after = [] } = byId.get(one) ?? {};
    if (!barrier) return ended.has(one);
    const known = opened.get(one);
    if (known !== undefined) return known;
    // What waits for itself, as nothing does, is not done.
    opened.set(one, false);
    opened.set(one, after.every(isDone));
    return opened.get(one)!;
  };
  return (id) => (byId.get(id)?.after ?? []).filter((one) => !isDone(one));
}
