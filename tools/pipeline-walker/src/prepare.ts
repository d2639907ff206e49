import { Failure } from 'nx-cdk/failure';
import type { Listener } from 'nx-cdk/progress';
import type { Preparation } from './request.ts';

/** How many of the last lines are shown of a preparation that failed. */
const TAIL = 60;

/**
 * Does what has to be done before a walk, one after the other.
 *
 * @throws Failure `Preparation` naming the first that failed, `Interrupted`
 */
export async function prepare(
  preparations: readonly Preparation[],
  listener: Listener,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (preparations.length === 0) return;
  const began = performance.now();
  const subject = preparations.map(({ label }) => label).join(', ');
  listener({ type: 'run-started', action: 'prepare', items: preparations.length, subject });
  for (const { label, run } of preparations) {
    if (signal?.aborted)
      throw new Failure('Interrupted', 'The rehearsal was interrupted before the pipeline was deployed.');
    const started = performance.now();
    const lines: string[] = [];
    listener({ type: 'item-started', id: label, label });
    const code = await run((line) => {
      lines.push(line);
      if (lines.length > TAIL) lines.shift();
      listener({ type: 'item-progress', id: label, step: line });
    }, signal);
    const milliseconds = performance.now() - started;
    if (code === 0) {
      listener({ type: 'item-finished', id: label, outcome: 'passed', milliseconds });
      continue;
    }
    listener({ type: 'item-finished', id: label, outcome: 'failed', detail: `exit code ${code}`, lines, milliseconds });
    listener({
      type: 'run-finished',
      success: false,
      summary: `${label} failed`,
      milliseconds: performance.now() - began,
    });
    throw new Failure(
      'Preparation',
      signal?.aborted
        ? `The rehearsal was interrupted while it had to ${label}.`
        : `The rehearsal could not begin, because it failed to ${label}: see above; mend that, or leave it out with --no-deploy.`,
    );
  }
  listener({ type: 'run-finished', success: true, summary: subject, milliseconds: performance.now() - began });
}
