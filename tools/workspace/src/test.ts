import { rm } from 'node:fs/promises';
import { INTERRUPTED, nx } from './nx.ts';
import { type Counts, RESULTS_PATTERN, countTests, failedTests, failureText, resultFiles } from './test-results.ts';

/** One step of `npm test`. */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

// All end-to-end suites at once: they wait a good deal, each for a local AWS of its own; they count requests and
// measure no times.
const STEPS: readonly Step[] = [
  { name: 'checks', args: ['run-many', '-t', 'check', 'vet', '--parallel=2'] },
  { name: 'unit tests', args: ['run-many', '-t', 'test', '--parallel=2'] },
  { name: 'end-to-end tests', args: ['run-many', '-t', 'e2e', '--parallel=3'] },
];

const failedSteps: string[] = [];
await Promise.all((await resultFiles()).map((file) => rm(file, { force: true })));
for (const { name, args } of STEPS) {
  console.log(`\n== ${name} ==`);
  const started = Date.now();
  const code = await nx([...args, '--outputStyle=stream']);
  console.log(`== ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - started) / 1000)} s ==`);
  if (code !== 0) failedSteps.push(name);
  if (code === INTERRUPTED) process.exit(INTERRUPTED);
}

const tests = await countTests();
const total: Counts = {
  passed: tests.passed + STEPS.length - failedSteps.length,
  // A step may fail without a failed test: a suite that cannot be loaded, a lint error.
  failed: tests.failed + failedSteps.length,
  skipped: tests.skipped,
};
if (tests.passed === 0) {
  console.error(`No test has reported: there is no ${RESULTS_PATTERN}.`);
  total.failed += 1;
}
if (failedSteps.length > 0) {
  const failures = await failedTests();
  if (failures.length > 0) console.log(`\n== failed tests ==\n\n${failureText(failures)}`);
  console.log(`\nFailed: ${failedSteps.join(', ')}; all that was said of it is above.`);
}
const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;
