import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from './git.ts';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'git-')));
});
afterAll(() => rm(folder, { recursive: true }));

test('speaks of the repository of the folder, also if a git hook started us', async () => {
  const hook = { ...process.env, GIT_DIR: join(folder, 'elsewhere'), GIT_WORK_TREE: '/', LANG: 'de_DE.UTF-8' };

  expect(await git(folder, ['init', '--quiet'], hook)).toMatchObject({ code: 0 });
  expect((await git(folder, ['rev-parse', '--show-toplevel'], hook)).stdout).toBe(`${folder}\n`);
});

test('answers with a code and in English', async () => {
  expect(await git(folder, ['cat-file', '-e', 'HEAD'])).toMatchObject({
    code: 128,
    stderr: 'fatal: Not a valid object name HEAD\n',
  });
});
