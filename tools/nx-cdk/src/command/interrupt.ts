import type { Listener } from '../progress/index.ts';

/** An abort signal that Ctrl-C raises, and the way to stop listening for it. */
export interface Interruptible {
  readonly signal: AbortSignal;
  dispose(): void;
}

/** What Ctrl-C means while stacks are worked on. */
const WHAT_RUNS_GOES_ON =
  'nothing new is started, what runs is followed to its end. Press Ctrl-C again to leave at once: CloudFormation goes on, and a later run picks up.';

/** Exit code of a process that SIGINT ended, as shells count it. */
const INTERRUPTED = 130;

/**
 * Turns Ctrl-C into an abort signal. A second Ctrl-C ends the process at once, if it comes more than half a second
 * later: one key press can reach the process twice, from the terminal and from Nx.
 *
 * @param consequence what happens to what runs, in a sentence after "Interrupted: "
 */
export function interruptible(listener: Listener, consequence: string = WHAT_RUNS_GOES_ON): Interruptible {
  const controller = new AbortController();
  let first = 0;
  const interrupt = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      if (Date.now() - first > 500) process.exit(INTERRUPTED);
      return;
    }
    first = Date.now();
    const text = `${signal === 'SIGINT' ? 'Interrupted' : 'Asked to end'}: ${consequence}`;
    listener({ type: 'message', level: 'warning', text });
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    dispose: () => signals.forEach((signal) => process.off(signal, interrupt)),
  };
}
