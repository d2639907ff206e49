/** What is still to be undone when somebody presses Ctrl-C, last thing first. */
const cleanups: (() => unknown)[] = [];

let interrupted = false;

/** The signals that ask a process to end, with their numbers. */
const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * Runs `cleanup` if the process is told to end (SIGINT, SIGTERM, SIGHUP) before `dispose` is called, then ends it with
 * the exit code that shells expect, 128 and the signal's number. Listens only while there is something to undo: a
 * program that starts an instance may have a cleanup of its own, which this must not cut off.
 */
export function onInterrupt(cleanup: () => unknown): { dispose(): void } {
  if (cleanups.length === 0) for (const signal of names()) process.on(signal, interrupt);
  cleanups.push(cleanup);
  return {
    dispose: () => {
      const index = cleanups.lastIndexOf(cleanup);
      if (index < 0) return;
      cleanups.splice(index, 1);
      if (cleanups.length === 0 && !interrupted) for (const signal of names()) process.off(signal, interrupt);
    },
  };
}

/**
 * Whether the process is about to end because it was told to: what fails then fails for that reason, and is not worth a
 * message.
 */
export function isInterrupted(): boolean {
  return interrupted;
}

function names(): (keyof typeof signals)[] {
  return Object.keys(signals) as (keyof typeof signals)[];
}

function interrupt(signal: NodeJS.Signals): void {
  void undo().finally(() => process.exit(128 + signals[signal as keyof typeof signals]));
}

async function undo(): Promise<void> {
  interrupted = true;
  for (const cleanup of cleanups.splice(0).reverse()) {
    try {
      await cleanup();
    } catch {
      // The next one still gets its turn.
    }
  }
}
