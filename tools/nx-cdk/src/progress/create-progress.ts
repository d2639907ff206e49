import type { Listener } from './events.ts';
import { guardExit } from './exit-guard.ts';
import { createJsonRenderer } from './json-renderer.ts';
import { createLiveRenderer } from './live-renderer.ts';
import { createPlainRenderer } from './plain-renderer.ts';
import { chooseFormat, write, type Environment, type Format, type OutputStream } from './terminal.ts';
import { oneLine } from './text-width.ts';

export interface ProgressOptions {
  /** `auto`: live on a terminal that a person watches, plain elsewhere. */
  readonly format: Format;
  /** Shows each AWS call and debug messages too. */
  readonly verbose: boolean;
  /** Where the run is shown. Default: the process's own. */
  readonly stdout?: OutputStream;
  /** Only for a word, with `verbose`, on a display that broke. Default: the process's own. */
  readonly stderr?: OutputStream;
  /** CI, TERM, NO_COLOR, FORCE_COLOR and the like. Default: the process's own. */
  readonly env?: Environment;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

export interface Progress {
  /** Shows an event. Never throws. */
  readonly listener: Listener;
  /**
   * Ends the display: what is held back is shown, timers end, the cursor is visible. Runs by itself when the process
   * ends; may be called more than once; events after it are ignored.
   */
  stop(): void;
}

const RENDERERS = { live: createLiveRenderer, plain: createPlainRenderer, json: createJsonRenderer };

/**
 * Shows a run as its options and surroundings ask: live on a terminal, plain lines in a log, JSON lines for machines.
 */
export function createProgress(options: ProgressOptions): Progress {
  const { format, verbose, stdout = process.stdout, stderr = process.stderr, env = process.env } = options;
  const now = options.now ?? (() => Date.now());
  const renderer = RENDERERS[chooseFormat(format, stdout, env)]({ stdout, env, verbose, now });
  let stopped = false;
  let broken = false;

  const harmless = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      // Once is enough, and a display that cannot speak may not be able to say that either.
      if (!verbose || broken) return;
      broken = true;
      try {
        write(stderr, `The progress display failed; the run goes on: ${oneLine(String(error))}\n`);
      } catch {
        // Nothing is left to say it with.
      }
    }
  };
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    release();
    harmless(() => renderer.stop());
  };
  const release = guardExit(stop);
  return { listener: (event) => (stopped ? undefined : harmless(() => renderer.handle(event))), stop };
}
