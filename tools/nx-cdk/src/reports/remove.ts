import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonOf, type ListedRun } from './runs.ts';

/**
 * Removes the two files of each run, and nothing else. What is gone already is no error.
 *
 * @throws Error of the file system, if one cannot be removed
 */
export async function removeRuns(workspaceRoot: string, runs: readonly ListedRun[]): Promise<void> {
  for (const { file } of runs) {
    // The JSON last: as long as it is there, the run is listed.
    for (const one of [file, jsonOf(file)]) await rm(join(workspaceRoot, one), { force: true });
  }
}
