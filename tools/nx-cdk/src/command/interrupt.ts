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
 * Turns Ctrl-C into an abort signal: what runs is followed to its end, nothing new starts. A second Ctrl-C, more than
 * half a second later so that one key press that reaches the process twice (from the terminal and from Nx) counts once,
 * ends the process at once.
 *
 * @param consequence what happens to what runs, in a sentence after "Interrupted: "
 */
export function interruptible(
  listener: Listener,
  consequence: string = WHAT_RUNS_GOES_ON,
  exit: (code: number) => void = process.exit,
): Interruptible {
  const controller = new AbortController();
  let first = 0;
  const interrupt = (signal: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      first = Date.now();
      listener({
        type: 'message',
        level: 'warning',
        text: `${signal === 'SIGINT' ? 'Interrupted' : 'Asked to end'}: ${consequence}`,
      });
      controller.abort();
    } else if (Date.now() - first > 500) {
      exit(INTERRUPTED);
    }
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
