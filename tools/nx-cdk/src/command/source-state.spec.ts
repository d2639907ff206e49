import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ScratchRepository, scratchRepository } from '../deployments/testing/scratch-repository.ts';
import { sourceState } from './source-state.ts';

let repository: ScratchRepository;
beforeEach(() => {
  repository = scratchRepository();
});
afterEach(() => repository.dispose());

test('is the checked-out commit, whatever tags there are', async () => {
  const commit = repository.commit('first');
  repository.git('tag', 'v1');
  expect(await sourceState(repository.folder)).toEqual({ commit, edited: false });
});

test('says that files differ from the commit', async () => {
  repository.commit('first');
  writeFileSync(join(repository.folder, 'file.txt'), 'one');
  repository.git('add', 'file.txt');
  const commit = repository.commit('second');
  writeFileSync(join(repository.folder, 'file.txt'), 'two');
  expect(await sourceState(repository.folder)).toEqual({ commit, edited: true });
});

test('is not known before the first commit', async () => {
  expect(await sourceState(repository.folder)).toBeUndefined();
});
