import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { failureText, resultFiles, testResults } from './test-results.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'workspace-spec-'))));
afterEach(() => rmSync(root, { recursive: true }));

test('the last line of npm test adds up the tests of every project and kind', async () => {
  // given
  write('apps/infra/test-results/unit.json', { passed: 3, failed: 1 });
  write('tests/engines/test-results/unit.json', { passed: 2, failed: 0, skipped: 4 });
  write('libs/handlers/create-order/test-results/unit.json', { passed: 10, failed: 0 });
  write('tools/nx-cdk/test-results/unit.json', { passed: 100, failed: 2 });
  // and results of others: a package's own, one inside an assembly, one of no project
  write('node_modules/x/test-results/unit.json', { passed: 1000, failed: 1000 });
  write('apps/infra/node_modules/x/test-results/unit.json', { passed: 1000, failed: 1000 });
  write('apps/infra/cdk.out/asset.1/test-results/unit.json', { passed: 1000, failed: 1000 });
  write('test-results/unit.json', { passed: 1000, failed: 1000 });

  // then
  expect(await testResults(root)).toEqual({ passed: 115, failed: 3, skipped: 4, failures: [] });
  expect(await resultFiles(root)).toHaveLength(4);
});

test('nothing has passed where nothing has run', async () => {
  expect(await testResults(root)).toEqual({ passed: 0, failed: 0, skipped: 0, failures: [] });
});

test('what failed is told again at the end: by file, and once for all that failed for one reason', async () => {
  // given
  const late = { file: 'src/b.spec.ts', tests: ['deploys', 'answers'], reason: 'Exceeded timeout\nin a hook' };
  write('apps/infra/test-results/e2e.json', { passed: 1, failed: 2, failures: [late] });
  const broken = { file: 'src/a.spec.ts', tests: [], reason: 'Cannot find module' };
  write('apps/infra/test-results/unit.json', { passed: 0, failed: 1, failures: [broken] });
  // and another test runner, which leaves counts alone
  write('libs/handlers/quote/test-results/unit.json', { passed: 0, failed: 1 });

  // then
  expect(failureText((await testResults(root)).failures)).toBe(
    `apps/infra/src/a.spec.ts
    Cannot find module

apps/infra/src/b.spec.ts
  \u2717 deploys
  \u2717 answers
    Exceeded timeout
    in a hook`,
  );
});

function write(file: string, counts: object): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), JSON.stringify(counts));
}
