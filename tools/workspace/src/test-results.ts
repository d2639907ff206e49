import { glob, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { WORKSPACE_ROOT } from './workspace-root.ts';

/** How many tests passed and failed, and how many could not be run on this machine. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What failed in a file of tests, for one reason. */
interface Failure {
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

/** The counts of all projects together, and what failed, by path. */
export async function testResults(root: string = WORKSPACE_ROOT): Promise<Counts & { failures: Failure[] }> {
  const total = { passed: 0, failed: 0, skipped: 0, failures: [] as Failure[] };
  for (const file of await resultFiles(root)) {
    // Results of an older reporter, which Nx restored, and of other runners than Jest have counts only.
    const result = JSON.parse(await readFile(file, 'utf8')) as Counts & { failures?: Failure[] };
    const { passed, failed, skipped = 0, failures = [] } = result;
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    const project = relative(root, dirname(dirname(file)));
    total.failures.push(...failures.map((failure) => ({ ...failure, file: join(project, failure.file) })));
  }
  total.failures.sort((one, other) => one.file.localeCompare(other.file));
  return total;
}

/** Failures for people. */
export function failureText(failures: readonly Failure[]): string {
  const indented = (text: string) => text.replace(/^/gm, '    ');
  return failures
    .map(({ file, tests, reason }) => [file, ...tests.map((name) => `  \u2717 ${name}`), indented(reason)].join('\n'))
    .join('\n\n');
}
