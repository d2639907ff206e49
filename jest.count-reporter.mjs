import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Leaves the counts of a project's Jest run in `test-results/`, where `npm test` adds them up; Nx restores the file with a cached run. */
export default class CountReporter {
  #target;

  constructor(globalConfig, options) {
    this.#target = join(globalConfig.rootDir, 'test-results', `${options.name ?? 'unit'}.json`);
  }

  onRunComplete(_contexts, results) {
    // A suite that cannot be loaded has no failed test; it counts as one.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    mkdirSync(join(this.#target, '..'), { recursive: true });
    const counts = { passed: results.numPassedTests, failed, skipped: results.numPendingTests };
    writeFileSync(this.#target, `${JSON.stringify(counts)}\n`);
  }
}
