import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runNx } from '@nx-cdk/processes';
import { WORKSPACE_ROOT } from './workspace-root.ts';

/**
 * Counts of the whole matrix, as `npm test` prints its own: workspaces that are not this one, see tests/packages.
 * Options are Jest's, such as `--testNamePattern`.
 */
const results = join(WORKSPACE_ROOT, 'tests', 'packages', 'test-results', 'unit.json');
await rm(results, { force: true });
const code = await runNx(WORKSPACE_ROOT, [
  'run',
  'package-tests:matrix',
  '--outputStyle=stream',
  ...process.argv.slice(2),
]);
const text = await readFile(results, 'utf8').catch(() => '{"passed":0,"failed":1,"skipped":0}');
const { passed, failed, skipped } = JSON.parse(text) as { passed: number; failed: number; skipped?: number };
console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = code === 0 && failed === 0 && passed > 0 ? 0 : Math.max(1, code);
