import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/**
 * Lines that are kept of a failure, at its beginning and at its end: what a command printed before it failed may be
 * long.
 */
const FIRST_LINES = 10;
const LAST_LINES = 30;

/**
 * Writes the counts and failures of a project's Jest run to `test-results/`. `npm test` adds up the counts and repeats
 * at its end what failed. Nx restores the file with a cached run.
 */
export default class ResultsReporter {
  #root;
  #target;

  constructor({ rootDir }) {
    this.#root = rootDir;
    this.#target = join(rootDir, 'test-results', 'unit.json');
  }

  onRunComplete(_contexts, results) {
    // A suite that cannot be loaded has no failed test; it counts as one.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const failures = results.testResults.flatMap((suite) => this.#failuresOf(suite));
    const left = { passed: results.numPassedTests, failed, skipped: results.numPendingTests, failures };
    mkdirSync(join(this.#target, '..'), { recursive: true });
    writeFileSync(this.#target, `${JSON.stringify(left)}\n`);
  }

  /** What failed in a suite; once for all tests with the same reason, such as a set-up that failed.   */
  #failuresOf({ testFilePath, testResults, testExecError }) {
    const file = relative(this.#root, testFilePath);
    const failures = new Map();
    for (const { status, fullName, failureMessages } of testResults) {
      if (status !== 'failed') continue;
      const reason = shortened(failureMessages.join('\n'));
      failures.set(reason, [...(failures.get(reason) ?? []), fullName]);
    }
    // A file that cannot be loaded, or what comes after its last test.
    if (testExecError) failures.set(shortened(testExecError.stack || testExecError.message), []);
    return [...failures].map(([reason, tests]) => ({ file, tests, reason }));
  }
}

/** A failure without colours and stack frames. */
function shortened(message) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s+at /.test(line));
  const leftOut = lines.length - FIRST_LINES - LAST_LINES;
  if (leftOut <= 1) return lines.join('\n');
  return [...lines.slice(0, FIRST_LINES), `... (${leftOut} lines)`, ...lines.slice(-LAST_LINES)].join('\n');
}
