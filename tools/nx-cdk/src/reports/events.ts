import { count, formatDuration, type Listener } from '../progress/index.ts';
import type { ListedRun } from './runs.ts';
import { whereOf } from './text.ts';

/** Tells of each recorded run as other commands tell of a stack, for programs that read event by event. */
export function tellRuns(runs: readonly ListedRun[], project: string, listener: Listener): void {
  const subject = `${count(runs.length, 'run')} of ${project}`;
  listener({ type: 'run-started', action: 'reports', items: runs.length, subject });
  for (const { name, outcome, command, startedAt, milliseconds, file, ...where } of runs) {
    const what = [command, whereOf(where)].filter((part) => part !== '').join(' ');
    const detail = `${what}, ${startedAt}, ${outcome} in ${formatDuration(milliseconds)}: ${file}`;
    const end = outcome === 'done' ? 'passed' : 'failed';
    listener({ type: 'item-finished', id: name, outcome: end, detail, milliseconds });
  }
  // That a run failed is no failure of those who list it.
  listener({ type: 'run-finished', success: true, summary: subject, milliseconds: 0 });
}
