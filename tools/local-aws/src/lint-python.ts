/**
 * Checks the Python of this project with ruff: `node src/lint-python.ts`, or with `--fix` to correct what can be
 * corrected. Its rules are in ruff.toml. The first time it is installed under `.local-aws`.
 */
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { PROJECT_ROOT } from './locations.ts';
import { pythonEnvironment } from './python-environment.ts';

const fix = process.argv.includes('--fix');
const requirements = join(PROJECT_ROOT, 'requirements-lint.txt');
const { executable, packages } = await pythonEnvironment(console.error, { requirements });
const ruff = packages === undefined ? join(dirname(executable), 'ruff') : join(packages, 'bin', 'ruff');
// Both run, so that all problems are shown.
for (const args of [
  ['check', '--quiet', ...(fix ? ['--fix'] : [])],
  ['format', '--quiet', ...(fix ? [] : ['--diff'])],
]) {
  const { failed } = await execa(ruff, args, { cwd: PROJECT_ROOT, stdio: 'inherit', reject: false });
  if (failed) process.exitCode = 1;
}
