import type { Listener } from './events.ts';
import { JsonRenderer } from './json-renderer.ts';
import { LiveRenderer } from './live-renderer.ts';
import { PlainRenderer } from './plain-renderer.ts';
import type { RendererOptions } from './renderer.ts';
import { chooseFormat, write, type Format, type OutputStream } from './terminal.ts';
import { oneLine } from './text-width.ts';

/** How to show a run. @default - streams, environment variables and clock of the process; not verbose */
export interface ProgressOptions extends Partial<RendererOptions> {
  /** `auto`: live on a terminal that a person watches, plain elsewhere. */
  readonly format: Format;
  /** Only for one line, with `verbose`, about a display that broke. */
  readonly stderr?: OutputStream;
}

export interface Progress {
  /** Shows an event. Never throws. */
  readonly listener: Listener;
  /** Leaves the terminal to a question. @returns a function that shows what has happened since, and goes on */
  hold(): () => void;
  /** Ends the display, as the end of the process does. May be called more than once; later events are ignored. */
  stop(): void;
}

const RENDERERS = { live: LiveRenderer, plain: PlainRenderer, json: JsonRenderer };

/** Shows a run: live on a terminal, plain lines in a log, JSON lines for machines. */
export function createProgress(options: ProgressOptions): Progress {
  const { format, verbose = false, stdout = process.stdout, stderr = process.stderr, env = process.env } = options;
  const now = options.now ?? Date.now;
  const renderer = new RENDERERS[chooseFormat(format, stdout, env)]({ stdout, env, verbose, now });
  let stopped = false;
  let broken = false;

  const harmless = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      // Once is enough, and a display that cannot write may not be able to write that either.
      if (!verbose || broken) return;
      broken = true;
      try {
        write(stderr, `The progress display failed; the run goes on: ${oneLine(String(error))}\n`);
      } catch {
        // There is no other place to say it.
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
  const hold = () => {
    harmless(() => renderer.pause());
    return () => (stopped ? undefined : harmless(() => renderer.resume()));
  };
  return { listener: (event) => (stopped ? undefined : harmless(() => renderer.handle(event))), hold, stop };
}

/** One set of handlers for all, because each must know whether somebody else handles the signal. */
const cleanups = new Set<() => void>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a clean-up when the process ends, also by an error or a signal. @returns a function that removes it again */
function guardExit(cleanup: () => void): () => void {
  if (cleanups.size === 0) {
    process.on('exit', cleanUp);
    // First in line: a handler of an engine that runs once is gone from the count as soon as it has run.
    for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  }
  cleanups.add(cleanup);
  return () => {
    if (!cleanups.delete(cleanup) || cleanups.size > 0) return;
    process.off('exit', cleanUp);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

function cleanUp(): void {
  for (const cleanup of [...cleanups]) cleanup();
}

/**
 * A handler of ours takes away the signal's default effect. If an engine handles it too, the display goes on; if nobody
 * does, the process ends as it would have without us.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  cleanUp();
  for (const each of SIGNALS) process.off(each, onSignal);
  process.kill(process.pid, signal);
}
