/**
 * Checks the Python of this project with ruff: `node src/lint-python.ts`, or with `--fix` to correct what can be
 * corrected. Its rules are in ruff.toml. The first time it is installed under `.local-aws`.
 */
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { projectRoot, stateRoot } from './locations.ts';
import { pythonEnvironment } from './python-environment.ts';

const fix = process.argv.includes('--fix');
const requirements = join(projectRoot, 'requirements-lint.txt');
const { executable, packages } = await pythonEnvironment(stateRoot(), console.error, process.env, requirements);
const ruff = packages === undefined ? join(dirname(executable), 'ruff') : join(packages, 'bin', 'ruff');
// Both are asked, so that one run tells everything.
for (const args of [
  ['check', '--quiet', ...(fix ? ['--fix'] : [])],
  ['format', '--quiet', ...(fix ? [] : ['--diff'])],
]) {
  const { failed } = await execa(ruff, args, { cwd: projectRoot, stdio: 'inherit', reject: false });
  if (failed) process.exitCode = 1;
}
