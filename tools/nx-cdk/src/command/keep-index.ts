import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { REPORTS_FOLDER } from '../report/index.ts';
import {
  byFile,
  indexPage,
  KNOWN_RUNS,
  knownRuns,
  type ListedRun,
  listNewest,
  readKnown,
  readNewest,
} from '../reports/index.ts';
import { writeText } from './write-report.ts';

/** Times that the index is written while others write runs all the time. */
const MOST = 10;

/**
 * Writes the index of the runs of all projects. It is made from the files that are there, and made again if these are
 * others afterwards: so whoever writes it last has seen the runs of all who wrote one before, without a lock that a
 * killed command would leave behind.
 *
 * @param own runs that need not be read
 * @returns its file, relative to the root of the workspace
 * @throws Failure `Report` if it cannot be written
 */
export async function keepIndex(workspaceRoot: string, own: readonly ListedRun[] = []): Promise<string> {
  const file = join(REPORTS_FOLDER, 'index.html');
  let known = new Map([...(await readKnown(workspaceRoot)), ...byFile(own)]);
  for (let time = 0; time < MOST; time += 1) {
    const listing = await listNewest(workspaceRoot);
    const runs = await readNewest(workspaceRoot, listing, known);
    known = new Map([...known, ...byFile(runs)]);
    await writeText(resolve(workspaceRoot, KNOWN_RUNS), knownRuns(runs), 'list of runs');
    const page = indexPage({ ...listing, runs, madeAt: new Date().toISOString() });
    await writeText(resolve(workspaceRoot, file), page, 'page');
    if (isDeepStrictEqual(listing, await listNewest(workspaceRoot))) break;
  }
  return file;
}
