/** Serves the page of a run that goes on, until it is killed. */
import { serveReport } from 'nx-cdk/src/live/index.ts';
import { syntheticRun } from 'nx-cdk/src/report/testing/synthetic-run.ts';

const run = syntheticRun({ stacks: 20 });
const { address } = await serveReport(() => ({ ...run, goesOn: true }));
console.log(address);
// Nothing else keeps it alive.
setInterval(() => undefined, 60_000);
