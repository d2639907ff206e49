import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from './nx.ts';

/** How many tests passed and failed, and how many could not be run on this machine. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Where each project's Jest run leaves its counts; written by jest.count-reporter.mjs. */
export const RESULTS_PATTERN = '{apps,libs,tools}/**/test-results/*.json';

/** Paths of all result files there are. */
export async function resultFiles(root: string = WORKSPACE_ROOT): Promise<string[]> {
  const files: string[] = [];
  const exclude = (name: string) => ['node_modules', 'cdk.out', 'dist'].includes(name);
  for await (const file of glob(RESULTS_PATTERN, { cwd: root, exclude })) files.push(join(root, file));
  return files;
}

/** Adds up the counts of all projects. */
export async function countTests(root: string = WORKSPACE_ROOT): Promise<Counts> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of await resultFiles(root)) {
    // A result that an older reporter left, which Nx restored, knows nothing of skipped tests.
    const { passed, failed, skipped = 0 } = JSON.parse(await readFile(file, 'utf8')) as Counts;
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}
