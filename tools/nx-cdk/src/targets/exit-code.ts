import type { PostTasksExecution } from '@nx/devkit';

/** What Nx exits with after Ctrl-C. */
const INTERRUPTED = 130;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let interrupted = false;

const interrupt = () => {
  interrupted = true;
};

/** Notices Ctrl-C while tasks run. */
export function noticeInterruptions(): void {
  interrupted = false;
  for (const signal of SIGNALS) process.on(signal, interrupt);
}

/**
 * Gives a failed command the exit code of a failure. Nx 23.2.1 takes a command for interrupted, and exits with 130,
 * if a failed task left others undone (`didCommandComplete` in its run-command.js wants a result of every task, and
 * a skipped one has none): to a script that reads the exit code, a refused publish would look like Ctrl-C.
 *
 * Works if Nx runs plugins in its own process: `NX_ISOLATE_PLUGINS=false` in `.env` and `useDaemonProcess: false` in
 * `nx.json`. Elsewhere it does nothing.
 */
export const postTasksExecution: PostTasksExecution = (_options, { taskResults }) => {
  for (const signal of SIGNALS) process.off(signal, interrupt);
  const statuses = Object.values(taskResults).map(({ status }) => status);
  if (interrupted || statuses.includes('stopped') || !statuses.includes('failure')) return;
  process.once('exit', (code) => {
    if (code === INTERRUPTED) process.exitCode = 1;
  });
};
