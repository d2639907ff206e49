import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { ReportedFailure } from './failure.ts';

/**
 * Environment variable that names a file. Each failure of a command is appended to it, one JSON object a line
 * ({@link ReportedFailure}), for programs that run `nx deploy`.
 */
export const FAILURES_FILE_VARIABLE = 'NX_CDK_FAILURES_FILE';

/** Appends a failure to the file that {@link FAILURES_FILE_VARIABLE} names. Does nothing if it names none. */
export function recordFailure({ code, message, next, denied }: ReportedFailure, environment = process.env): void {
  const file = environment[FAILURES_FILE_VARIABLE];
  if (!file) return;
  try {
    // One write: commands that run at the same time do not mix their lines.
    appendFileSync(file, `${JSON.stringify({ code, message, next, denied })}\n`, { mode: 0o600 });
  } catch {
    // The failure itself matters more.
  }
}

/** The failures in such a file, oldest first; none if there is no file. */
export function readFailures(file: string): ReportedFailure[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return lines.filter(Boolean).map((line) => JSON.parse(line) as ReportedFailure);
}
