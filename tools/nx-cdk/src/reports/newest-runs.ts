import { join } from 'node:path';
import { REPORTS_FOLDER } from '../report/index.ts';
import { ARCHITECTURE, isRunName, type ListedRun, namesIn, newestFirst, readListed } from './runs.ts';

/** Runs of one folder that the index lists; files of older ones stay where they are. */
export const LISTED = 100;

/** What there is for the index, by the names of files alone. All are relative to the root of the workspace. */
export interface Listing {
  /** JSON files of the newest runs of each folder. */
  readonly runs: readonly string[];
  /** How many there are besides. */
  readonly older: number;
  /** Pages that draw an architecture. */
  readonly drawings: readonly string[];
}

/** Looks at the folders of reports. It costs the same for ten runs and for ten thousand, about. */
export async function listNewest(workspaceRoot: string): Promise<Listing> {
  const folders = (await namesIn(join(workspaceRoot, REPORTS_FOLDER))).toSorted();
  const found = await Promise.all(
    folders.map(async (name) => {
      const folder = join(REPORTS_FOLDER, name);
      const names = await namesIn(join(workspaceRoot, folder));
      // Names begin with the moment.
      const runs = names.filter(isRunName).toSorted().toReversed();
      return {
        runs: runs.slice(0, LISTED).map((one) => join(folder, one)),
        older: Math.max(0, runs.length - LISTED),
        drawings: names.includes(ARCHITECTURE) ? [join(folder, ARCHITECTURE)] : [],
      };
    }),
  );
  return {
    runs: found.flatMap(({ runs }) => runs),
    older: found.reduce((sum, { older }) => sum + older, 0),
    drawings: found.flatMap(({ drawings }) => drawings),
  };
}

/** What the index says of runs. What is known of a run is not read again: its files never change. */
export async function readNewest(
  workspaceRoot: string,
  { runs }: Listing,
  known: ReadonlyMap<string, ListedRun>,
): Promise<ListedRun[]> {
  const found: ListedRun[] = [];
  // One after the other: a run can have megabytes.
  for (const file of runs) {
    const run = known.get(file) ?? (await readListed(workspaceRoot, file));
    if (run !== undefined) found.push(run);
  }
  return newestFirst(found);
}
