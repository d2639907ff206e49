export { tellRuns } from './events.ts';
export { indexPage, type ReportsIndex } from './index-page.ts';
export { byFile, KNOWN_RUNS, knownRuns, readKnown } from './known-runs.ts';
export { LISTED, listNewest, type Listing, readNewest } from './newest-runs.ts';
export { open, openCommand, type OpenCommand, type Surroundings } from './open.ts';
export { removeRuns } from './remove.ts';
export { ARCHITECTURE, deploymentsOf, type FoundRuns, type ListedRun, listedRun, runsOf } from './runs.ts';
export { runsAsText, whereOf } from './text.ts';
