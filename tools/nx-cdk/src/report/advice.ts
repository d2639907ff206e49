import { count, type RecordedRun, type Recording } from '../progress/index.ts';
import type { Analysis } from './analysis.ts';
import { duration } from './format.ts';

/** A part of the time has to be so long, or so much of the run, that it is worth a sentence. */
const WORTH = { milliseconds: 1000, share: 0.05 } as const;

/** What decided how long a run took, and what would have made it faster: a sentence each, what matters most first. */
export function adviceOn(run: RecordedRun, { retried }: Pick<Recording, 'retried'>, analysis: Analysis): string[] {
  const { criticalPath, from, to } = analysis;
  const whole = to - from;
  if (criticalPath.length === 0 || whole < WORTH.milliseconds) return [];
  return [
    ...slowestOn(run, analysis),
    ...limitIn(run, analysis),
    ...barriersIn(analysis),
    ...retriesIn(retried.filter(({ at }) => at >= from && at <= to)),
  ];
}

function isWorth(milliseconds: number, { from, to }: Analysis): boolean {
  return milliseconds >= WORTH.milliseconds && milliseconds >= (to - from) * WORTH.share;
}

/** The item of the critical path that took longest, and the resource that took longest in it. */
function slowestOn({ items }: RecordedRun, analysis: Analysis): string[] {
  const { criticalPath, from, to } = analysis;
  const byId = new Map(items.map((item) => [item.id, item]));
  const path = criticalPath.map(({ id }) => byId.get(id)!);
  const slowest = path.toSorted((a, b) => (b.milliseconds ?? 0) - (a.milliseconds ?? 0))[0]!;
  const took = slowest.milliseconds ?? 0;
  const part = slowest.parts?.toSorted((a, b) => b.milliseconds - a.milliseconds)[0];
  const whole = `${slowest.label} took ${duration(took)} of ${duration(to - from)}`;
  const others = path.length === 1 ? '' : `, longest of ${count(path.length, 'step')} on the critical path`;
  const inside =
    part === undefined || !isWorth(part.milliseconds, analysis)
      ? ''
      : `; in it, ${part.constructPath ?? part.name} (${part.kind}) took ${duration(part.milliseconds)}`;
  return [`${whole}${others}${inside}.`];
}

/** Whether more at once would have helped. */
function limitIn({ items, order }: RecordedRun, analysis: Analysis): string[] {
  if (order.length === 0) return [];
  const { timings, from, to, withoutLimit, atOnce } = analysis;
  const waits = [...timings.values()].flatMap(({ waits }) => waits.filter(({ kind }) => kind === 'place'));
  const saved = to - from - withoutLimit;
  if (waits.length === 0 || !isWorth(saved, analysis)) {
    const isParallel = items.length > 1 && waits.length === 0;
    return isParallel ? ['Nothing waited for a free place: a higher --concurrency would not have been faster.'] : [];
  }
  const waiting = `${count(waits.length, 'stack')} waited for a free place while ${atOnce} were worked on`;
  return [`${waiting}: with a higher --concurrency and --concurrencyPerTarget, at best ${duration(saved)} less.`];
}

/** What the order of promotion cost. */
function barriersIn(analysis: Analysis): string[] {
  const { withoutLimit, withoutBarriers, criticalPath } = analysis;
  const saved = withoutLimit - withoutBarriers;
  if (!criticalPath.some(({ after }) => after === 'barrier') || !isWorth(saved, analysis)) return [];
  return [`Promotion, one environment after the other, took at most ${duration(saved)} of it.`];
}

function retriesIn(retried: Recording['retried']): string[] {
  if (retried.length === 0) return [];
  const milliseconds = retried.reduce((sum, one) => sum + one.milliseconds, 0);
  const services = [...new Set(retried.map(({ service, action }) => `${service}:${action}`))];
  const named = services.slice(0, 3).join(', ') + (services.length > 3 ? ' and others' : '');
  return [
    `${count(retried.length, 'request')} needed more than one attempt, as when AWS throttles: ${named}; ` +
      `they took ${duration(milliseconds)} in all.`,
  ];
}
