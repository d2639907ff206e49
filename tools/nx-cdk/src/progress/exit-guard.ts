/** One set of handlers for all, because each must know whether somebody else handles the signal. */
const cleanups = new Set<() => void>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a clean-up when the process ends, also by an error or a signal. @returns a function that removes it again */
export function guardExit(cleanup: () => void): () => void {
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
