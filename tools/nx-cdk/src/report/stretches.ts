import type { RecordedItem, RecordedRun } from '../progress/index.ts';
import type { Analysis, Wait } from './analysis.ts';

/** What a stretch of time is drawn as: classes of `chart.css`, and the words of the legend, in its order. */
export const LOOKS = {
  work: 'changing resources',
  planning: 'finding out what would change',
  sending: 'sending an asset',
  checking: 'checking an environment',
  before: 'comparing, change set, gates',
  failed: 'failed',
  unchanged: 'unchanged',
  waiting: 'waiting for others',
  barrier: 'waiting for the environment before',
  place: 'waiting for a free place',
  retried: 'a request that took more than one attempt',
  critical: 'critical path: it decided when the run ended',
} as const;

export type Look = keyof typeof LOOKS;

/** A time in which one thing was done with an item. */
export interface Stretch {
  readonly look: Look;
  readonly from: number;
  readonly to: number;
}

const WAITS: Readonly<Record<Wait['kind'], Look>> = { others: 'waiting', barrier: 'barrier', place: 'place' };

/** What ids of checks of environments begin with. */
export const CHECK = 'verify:';

/** Steps of a deployment with which CloudFormation begins to change resources. */
const CHANGING = new Set(['creating', 'updating']);

/** When an item waited, prepared and changed something; nothing of one that was not worked on. */
export function stretchesOf(item: RecordedItem, run: RecordedRun, { timings, criticalPath }: Analysis): Stretch[] {
  const timing = timings.get(item.id);
  if (timing === undefined) return [];
  const { from, to, waits } = timing;
  const look = lookOf(item, run);
  const changing = look === 'work' || look === 'failed' ? changingSince(item, from, to) : from;
  const isCritical = criticalPath.length > 1 && criticalPath.some(({ id }) => id === item.id);
  return [
    ...waits.map((wait) => ({ look: WAITS[wait.kind], from: wait.from, to: wait.to })),
    ...(changing > from ? [{ look: 'before' as const, from, to: changing }] : []),
    { look, from: changing, to },
    ...(isCritical ? [{ look: 'critical' as const, from, to }] : []),
  ];
}

/** What is done with an item of a run, once it is begun; or how it ended, if that says more. */
function lookOf({ id, outcome }: RecordedItem, { action }: RecordedRun): Look {
  if (outcome === 'failed' || outcome === 'unchanged') return outcome;
  if (id.startsWith(CHECK)) return 'checking';
  if (outcome === 'planned' || action.startsWith('plan')) return 'planning';
  return action.startsWith('publish') ? 'sending' : 'work';
}

/** What is before is preparation. Resources are told in the end, so that while it lasts only the step says it. */
function changingSince({ parts, steps, outcome }: RecordedItem, from: number, to: number): number {
  const began = parts?.[0]?.startedAt ?? steps.find(({ text }) => CHANGING.has(text))?.at;
  return Math.min(Math.max(began ?? (outcome === 'running' && steps.length > 0 ? to : from), from), to);
}
