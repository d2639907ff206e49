import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceRoot } from './locations.ts';

let folder: string;
beforeEach(async () => (folder = await realpath(await mkdtemp(join(tmpdir(), 'locations-')))));
afterEach(() => rm(folder, { recursive: true }));

test('the workspace is found from any folder below it, wherever this package is installed', async () => {
  await mkdir(join(folder, 'apps/shop'), { recursive: true });
  await writeFile(join(folder, 'nx.json'), '{}');

  expect(workspaceRoot(join(folder, 'apps/shop'))).toBe(folder);
  expect(workspaceRoot(folder)).toBe(folder);
});

test('outside of a workspace, people learn where they are and what to do', () => {
  expect(() => workspaceRoot(folder)).toThrow(
    `There is no nx.json in ${folder} or above it: go to an Nx workspace, or make this one with "npx nx init".`,
  );
});
