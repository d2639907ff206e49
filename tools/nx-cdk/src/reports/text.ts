import { formatDuration, formatTable } from '../progress/index.ts';
import type { ListedRun } from './runs.ts';

/** Recorded runs as people read them in a terminal. @param width columns of the terminal */
export function runsAsText(runs: readonly ListedRun[], width?: number): string {
  const rows = runs.map(({ startedAt, command, outcome, milliseconds, file, ...run }) => ({
    when: `${startedAt.slice(0, 10)} ${startedAt.slice(11, 19)}`,
    command,
    environment: whereOf(run),
    outcome,
    took: formatDuration(milliseconds),
    file,
  }));
  const columns = [
    { key: 'when', title: 'Began (UTC)' },
    { key: 'command', title: 'Command' },
    { key: 'environment', title: 'Environment' },
    { key: 'outcome', title: 'Outcome' },
    { key: 'took', title: 'Took', align: 'right' as const },
    { key: 'file', title: 'Page', whole: true },
  ];
  return formatTable(rows, columns, width === undefined ? {} : { width });
}

/** `staging`, `sandbox/ada`, `staging at 127.0.0.1:4566` where that was not AWS; no name for all environments. */
export function whereOf({
  environment,
  instance,
  endpoint,
}: Pick<ListedRun, 'environment' | 'instance' | 'endpoint'>): string {
  const name = [environment, instance].filter((part) => part !== undefined).join('/');
  return [name, endpoint && `at ${endpoint}`].filter(Boolean).join(' ');
}
