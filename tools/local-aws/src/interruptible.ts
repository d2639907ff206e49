import { constants } from 'node:os';

/** Aborts the work on Ctrl-C and the like, and exits as shells expect once it has cleaned up: 128 + the signal. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => controller.abort(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    const { aborted, reason } = controller.signal;
    if (aborted) process.exit(128 + constants.signals[reason as NodeJS.Signals]);
    for (const signal of signals) process.off(signal, interrupt);
  }
}
