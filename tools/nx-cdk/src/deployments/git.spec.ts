import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Git } from './git.ts';
import { type ScratchRepository, scratchRepository } from './testing/scratch-repository.ts';

let repository: ScratchRepository;
let git: Git;
beforeEach(() => {
  repository = scratchRepository();
  git = new Git(repository.folder);
});
afterEach(() => repository.dispose());

test('a repository without a commit has no head', async () => {
  expect(await git.head()).toBeUndefined();
  const first = repository.commit('first');
  expect(await git.head()).toBe(first);
});

test('a revision is found by any name that git takes, and a missing one is named', async () => {
  const first = repository.commit('first');
  repository.commit('second');
  expect(await git.commitOf('HEAD~1')).toBe(first);
  expect(await git.commitOf(first.slice(0, 10))).toBe(first);
  await expect(git.commitOf('nowhere')).rejects.toMatchObject({
    code: 'Git',
    message: expect.stringMatching(/^git knows no commit "nowhere" in .+\.$/),
  });
  // and what looks like an option is none
  await expect(git.commitOf('--all')).rejects.toMatchObject({ code: 'Git' });
});

test('a file is read as a commit has it', async () => {
  const file = join(repository.folder, 'a.txt');
  for (const text of ['first', 'second']) {
    writeFileSync(file, text);
    repository.git('add', 'a.txt');
    repository.commit(text);
  }
  writeFileSync(file, 'not yet');
  const commits = await Promise.all(['HEAD~1', 'HEAD'].map((name) => git.commitOf(name)));
  expect(await Promise.all(commits.map((commit) => git.fileAt(commit, 'a.txt')))).toEqual(['first', 'second']);
  expect(await git.fileAt(commits[0]!, 'b.txt')).toBeUndefined();
  expect(await git.fileAt('f'.repeat(40), 'a.txt')).toBeUndefined();
});

test('commits between two are counted', async () => {
  const first = repository.commit('first');
  repository.commit('second');
  const third = repository.commit('third');
  expect(await git.commitsBetween(first, third)).toBe(2);
  expect(await git.commitsBetween(third, third)).toBe(0);
});

test('files that differ from the commit are noticed, those that git does not know are not', async () => {
  const file = join(repository.folder, 'a.txt');
  writeFileSync(file, 'a');
  repository.git('add', 'a.txt');
  repository.commit('first');
  writeFileSync(join(repository.folder, 'cdk.out'), 'x');
  expect(await git.isChanged()).toBe(false);
  writeFileSync(file, 'b');
  expect(await git.isChanged()).toBe(true);
});

test('a folder that is in no repository has no head', async () => {
  rmSync(join(repository.folder, '.git'), { recursive: true });
  expect(await git.head()).toBeUndefined();
  expect(await git.isChanged()).toBe(false);
});

test('a repository that git refuses to read, because it is another user’s, is no repository without a head', async () => {
  repository.commit('first');
  process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'] = '1';
  try {
    await expect(git.head()).rejects.toMatchObject({
      code: 'Git',
      message: expect.stringMatching(
        /^git cannot read the history of .+: detected dubious ownership in repository at .+\.$/,
      ),
    });
  } finally {
    delete process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'];
  }
});

test('a folder that is not there is told in one sentence', async () => {
  await expect(new Git(join(repository.folder, 'gone')).head()).rejects.toMatchObject({
    code: 'Git',
    message: expect.stringMatching(/^git cannot be run in .*gone: /),
  });
});
