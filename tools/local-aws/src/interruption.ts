/** What is still to be undone when somebody presses Ctrl-C, last thing first. */
const cleanups: (() => unknown)[] = [];

let listening = false;

let interrupted = false;

/**
 * Runs `cleanup` if the process is told to end (SIGINT, SIGTERM, SIGHUP) before `dispose` is called, then ends it with the exit code
 * that shells expect, 128 and the signal's number.
 */
export function onInterrupt(cleanup: () => unknown): { dispose(): void } {
  if (!listening) {
    listening = true;
    for (const [signal, number] of [
      ['SIGINT', 2],
      ['SIGTERM', 15],
      ['SIGHUP', 1],
    ] as const)
      process.on(signal, () => void interrupt(128 + number));
  }
  cleanups.push(cleanup);
  return {
    dispose: () => {
      const index = cleanups.lastIndexOf(cleanup);
      if (index >= 0) cleanups.splice(index, 1);
    },
  };
}

/** Whether the process is about to end because it was told to: what fails then fails for that reason, and is not worth a message. */
export function isInterrupted(): boolean {
  return interrupted;
}

async function interrupt(code: number): Promise<void> {
  interrupted = true;
  for (const cleanup of cleanups.splice(0).reverse()) {
    try {
      await cleanup();
    } catch {
      // The next one still gets its turn.
    }
  }
  process.exit(code);
}
