import { glob, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { WORKSPACE_ROOT } from './nx.ts';

/** How many tests passed and failed, and how many could not be run on this machine. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What failed in a file of tests, for one reason. */
export interface Failure {
  /** Path of the tests, relative to the workspace. */
  readonly file: string;
  /** Names of the tests that failed; none if the file could not be run. */
  readonly tests: readonly string[];
  /** Jest's message, without colours and stack frames; shortened if it is long. */
  readonly reason: string;
}

/** Where each project's Jest run leaves its counts and failures; written by jest.results-reporter.mjs. */
export const RESULTS_PATTERN = '{apps,libs,tools,tests}/**/test-results/*.json';

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
    // A result that an older reporter left, which Nx restored, has no count of skipped tests.
    const { passed, failed, skipped = 0 } = JSON.parse(await readFile(file, 'utf8')) as Counts;
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** What failed in all projects, by path. */
export async function failedTests(root: string = WORKSPACE_ROOT): Promise<Failure[]> {
  const all: Failure[] = [];
  for (const file of await resultFiles(root)) {
    // Other runners than Jest leave counts alone.
    const { failures = [] } = JSON.parse(await readFile(file, 'utf8')) as { failures?: Failure[] };
    const project = relative(root, dirname(dirname(file)));
    all.push(...failures.map((failure) => ({ ...failure, file: join(project, failure.file) })));
  }
  return all.toSorted((one, other) => one.file.localeCompare(other.file));
}

/** Failures for people, who find them here and need not look for them in the log of everything. */
export function failureText(failures: readonly Failure[]): string {
  const indented = (text: string) => text.replace(/^/gm, '    ');
  return failures
    .map(({ file, tests, reason }) => [file, ...tests.map((name) => `  \u2717 ${name}`), indented(reason)].join('\n'))
    .join('\n\n');
}
