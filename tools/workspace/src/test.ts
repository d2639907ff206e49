import { rm } from 'node:fs/promises';
import { INTERRUPTED, runNx } from '@nx-cdk/processes';
import { RESULTS_PATTERN, failureText, resultFiles, testResults } from './test-results.ts';
import { WORKSPACE_ROOT } from './workspace-root.ts';

// All end-to-end suites at once: they wait a good deal, each for a local AWS of its own; they count requests and
// measure no times.
const STEPS = {
  checks: ['run-many', '-t', 'check', 'vet', '--parallel=2'],
  'unit tests': ['run-many', '-t', 'test', '--parallel=2'],
  'end-to-end tests': ['run-many', '-t', 'e2e', '--parallel=3'],
};

const failedSteps: string[] = [];
await Promise.all((await resultFiles()).map((file) => rm(file, { force: true })));
for (const [name, args] of Object.entries(STEPS)) {
  console.log(`\n== ${name} ==`);
  const started = Date.now();
  const code = await runNx(WORKSPACE_ROOT, [...args, '--outputStyle=stream']);
  console.log(`== ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - started) / 1000)} s ==`);
  if (code !== 0) failedSteps.push(name);
  if (code === INTERRUPTED) process.exit(INTERRUPTED);
}

const { passed, failed, skipped, failures } = await testResults();
if (passed === 0) console.error(`No test has reported: there is no ${RESULTS_PATTERN}.`);
if (failedSteps.length > 0) {
  if (failures.length > 0) console.log(`\n== failed tests ==\n\n${failureText(failures)}`);
  console.log(`\nFailed: ${failedSteps.join(', ')}; all that was said of it is above.`);
}
// A step may fail without a failed test: a suite that cannot be loaded, a lint error.
const passedInAll = passed + Object.keys(STEPS).length - failedSteps.length;
const failedInAll = failed + failedSteps.length + (passed === 0 ? 1 : 0);
console.log(`\n${passedInAll} passed, ${failedInAll} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
process.exitCode = failedInAll === 0 ? 0 : 1;
