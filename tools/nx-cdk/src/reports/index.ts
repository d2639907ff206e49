export { tellRuns } from './events.ts';
export { indexPage, LISTED, type ReportsIndex } from './index-page.ts';
export { open, openCommand, type OpenCommand, type Surroundings } from './open.ts';
export { removeRuns } from './remove.ts';
export { allRuns, deploymentsOf, type FoundRuns, type ListedRun, runsOf } from './runs.ts';
export { runsAsText, whereOf } from './text.ts';
