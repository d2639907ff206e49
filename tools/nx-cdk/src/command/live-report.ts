import { isCI } from '@nx-cdk/processes';
import { type LiveReport as ServedReport, serveReport } from '../live/index.ts';
import type { Listener } from '../progress/index.ts';
import type { ShownRun } from '../report/index.ts';
import { type PageSource, shownRun } from './write-page.ts';

/** A report that is served while its command runs. */
export interface LiveReport {
  /** Something has happened. */
  changed(): void;
  /** Shows how it ended, and serves no longer. */
  end(run: ShownRun): Promise<void>;
}

/**
 * Serves the page of a command while it runs, and says where. A command that cannot be shown goes on.
 *
 * @param say where to say it. Not where the page hears of it: its address is a secret
 * @returns undefined in a CI, where nobody reads it and others may run
 */
export async function openLiveReport(
  source: PageSource,
  say: Listener,
  env: NodeJS.ProcessEnv = process.env,
): Promise<LiveReport | undefined> {
  const warn = (text: string) => say({ type: 'message', level: 'warning', text });
  if (isCI(env)) {
    warn('--ui is for a person at work, and this is a CI: nothing is served.');
    return undefined;
  }
  let ended: ShownRun | undefined;
  let served: ServedReport;
  try {
    served = await serveReport(() => ended ?? shownRun(source));
  } catch (error) {
    warn(`The page cannot be served: ${(error as Error).message}`);
    return undefined;
  }
  say({ type: 'message', level: 'info', text: `Live report: ${served.address}` });
  return {
    changed: () => served.changed(),
    end: (run) => {
      ended = run;
      return served.end();
    },
  };
}
