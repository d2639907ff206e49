import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import hasher from 'nx/src/hasher/task-hasher.js';

const ROOT = join(import.meta.dirname, '../../../..');
const { namedInputs } = JSON.parse(readFileSync(join(ROOT, 'nx.json'), 'utf8'));

/** Files of a project that the named input `production` of this workspace holds, as Nx itself picks them. */
async function productionFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(`${root}/**/*.{ts,template}`, { cwd: ROOT, exclude: ['**/node_modules/**'] }))
    files.push(file);
  const filesets = hasher
    .expandNamedInput('production', namedInputs)
    .flatMap((input) => ('fileset' in input ? [input.fileset] : []))
    .filter((fileset) => /^!?\{projectRoot\}/.test(fileset));
  const data = files.map((file) => ({ file, hash: '' }));
  return hasher.filterUsingGlobPatterns(root, data, filesets).map(({ file }) => file.slice(root.length + 1));
}

test('an edit of a fake or a spec of the plugin synthesizes no app again, an edit of an engine does', async () => {
  const files = await productionFiles('tools/nx-cdk');
  expect(files).toEqual(
    expect.arrayContaining(['src/plugin.ts', 'src/deploy/deploy.ts', 'src/handlers/test-counts.ts']),
  );
  expect(files.filter((file) => /\.spec\.ts$|(^|\/)(testing\/|fake-)/.test(file))).toEqual([]);
});

test('an edit of a template of the generators counts as one of the plugin', async () => {
  const files = await productionFiles('tools/nx-cdk');
  expect(files).toContain('src/generators/ci/files/github/deploy.yml.template');
});

test.each([
  ['apps/infra', 'src/main.ts', 'src/testing/test-app.ts'],
  ['libs/constructs', 'src/pipeline/pipeline-stack.ts', 'src/pipeline/testing/test-app.ts'],
])('what is synthesized from %s is made of %s, but not of %s', async (root, source, fixture) => {
  const files = await productionFiles(root);
  expect(files).toContain(source);
  expect(files).not.toContain(fixture);
});
