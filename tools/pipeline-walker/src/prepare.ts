import { Failure } from 'nx-cdk/failure';
import { type ItemEnd, type Listener, Run } from 'nx-cdk/progress';
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
  const subject = preparations.map(({ label }) => label).join(', ');
  const run = new Run({ listener, action: 'prepare', subject, noun: 'preparation', items: preparations.length });
  for (const preparation of preparations) {
    if (signal?.aborted) {
      throw new Failure('Interrupted', { what: 'The walk was interrupted before the pipeline was deployed' });
    }
    const { label } = preparation;
    const { outcome } = await run.item<ItemEnd>({ id: label }, async () => {
      const lines: string[] = [];
      const code = await preparation.run((line) => {
        lines.push(line);
        if (lines.length > TAIL) lines.shift();
        listener({ type: 'item-progress', id: label, step: line });
      }, signal);
      return code === 0 ? { outcome: 'passed' } : { outcome: 'failed', detail: `exit code ${code}`, lines };
    });
    if (outcome === 'passed') continue;
    run.finish(`${label} failed`);
    if (signal?.aborted)
      throw new Failure('Preparation', { what: `The walk was interrupted while it had to ${label}` });
    throw new Failure('Preparation', {
      what: `The walk could not begin, because it failed to ${label}`,
      next: 'see above; mend that, or leave it out with --no-deploy',
    });
  }
  run.finish(subject);
}
