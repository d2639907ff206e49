import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentBase } from './base.ts';
import { Git } from './git.ts';
import { targetsDigest } from './record.ts';
import { type ScratchRepository, scratchRepository } from './testing/scratch-repository.ts';

const EMPTY = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const GROUP = { targets: [{ account: '111111111111', region: 'eu-west-1' }] };

const repositories: ScratchRepository[] = [];
let repository: ScratchRepository;
let first: string;
let second: string;
beforeEach(() => {
  repository = remember(scratchRepository());
  first = repository.commit('first');
  second = repository.commit('second');
});
afterEach(() => {
  for (const made of repositories.splice(0)) made.dispose();
});

function remember(made: ScratchRepository): ScratchRepository {
  repositories.push(made);
  return made;
}

/** The base of the group after a commit was deployed to it. */
function baseAfter(commit: string | undefined, group = GROUP, folder = repository.folder) {
  const record =
    commit === undefined
      ? undefined
      : { commit, time: '2026-11-20T14:03:00Z', assemblies: {}, targets: targetsDigest(GROUP) };
  return deploymentBase(group, record, new Git(folder));
}

describe('the base of a deployment is', () => {
  test('the commit deployed last, if it is in the history of HEAD', async () => {
    expect(await baseAfter(first)).toEqual({ commit: first });
  });

  test('HEAD itself, if that was deployed: nothing is affected', async () => {
    expect(await baseAfter(second)).toEqual({ commit: second });
  });

  test('found across merges too', async () => {
    repository.git('checkout', '--quiet', '-b', 'feature', first);
    repository.commit('feature');
    repository.git('checkout', '--quiet', 'main');
    repository.git('merge', '--quiet', '--no-ff', '-m', 'merge', 'feature');
    expect(await baseAfter(second)).toEqual({ commit: second });
  });
});

describe('everything counts as affected', () => {
  test('at the first deployment', async () => {
    expect(await baseAfter(undefined)).toEqual({ commit: EMPTY, everything: 'nothing was deployed there yet' });
  });

  test('if the group has other targets than at the deployment: one of them has got nothing yet', async () => {
    const larger = { targets: [...GROUP.targets, { account: '222222222222', region: 'us-east-1' }] };
    expect(await baseAfter(first, larger)).toEqual({
      commit: EMPTY,
      everything: `its targets have changed since ${first.slice(0, 7)} was deployed`,
    });
    // and the order of the file is no change
    expect(targetsDigest({ targets: larger.targets.toReversed() })).toBe(targetsDigest(larger));
  });

  test('for a rollback: what was deployed is ahead of HEAD, and nx affected would see no change at all', async () => {
    repository.git('checkout', '--quiet', first);
    expect(await baseAfter(second)).toEqual({
      commit: EMPTY,
      everything: expect.stringMatching(/^HEAD is behind [0-9a-f]{7}, .* this is a rollback$/),
    });
  });

  test('if the deployed commit is not in the repository', async () => {
    expect(await baseAfter('0123456789'.repeat(4))).toEqual({
      commit: EMPTY,
      everything: '0123456, deployed last, is not in this repository: its history was rewritten',
    });
  });

  test('if the deployed commit is here, but HEAD has another history', async () => {
    repository.git('checkout', '--quiet', first);
    repository.commit('instead');
    expect(await baseAfter(second)).toEqual({
      commit: EMPTY,
      everything: expect.stringContaining(
        'is not in the history of HEAD: it is on another branch, or the history was rewritten',
      ),
    });
  });

  test('in a shallow clone that is too short, and the reason says so', async () => {
    const clone = join(repository.folder, 'clone');
    repository.git('clone', '--quiet', '--depth=1', `file://${repository.folder}`, clone);
    expect(await baseAfter(first, GROUP, clone)).toEqual({
      commit: EMPTY,
      everything: expect.stringContaining(
        'is not in this repository, which is a shallow clone: clone its full history',
      ),
    });
    // but one that reaches as far is as good as any
    expect(await baseAfter(second, GROUP, clone)).toEqual({ commit: second });
  });

  test('where a shallow clone has the commit, but not what lies between', async () => {
    const third = repository.commit('third');
    const clone = join(repository.folder, 'clone');
    repository.git('clone', '--quiet', '--depth=1', `file://${repository.folder}`, clone);
    repository.git('-C', clone, 'fetch', '--quiet', '--depth=1', 'origin', first);
    expect(repository.git('-C', clone, 'rev-parse', 'HEAD')).toBe(third);
    expect(await baseAfter(first, GROUP, clone)).toEqual({
      commit: EMPTY,
      everything: expect.stringContaining('as far as this shallow clone has it: clone its full history'),
    });
  });

  test('if a later deployment has begun and was never recorded as done: a commit that takes it back shows no difference', async () => {
    const record = {
      commit: second,
      time: '2026-11-20T14:03:00Z',
      assemblies: {},
      targets: targetsDigest(GROUP),
      attempt: first,
    };
    expect(await deploymentBase(GROUP, record, new Git(repository.folder))).toEqual({
      commit: EMPTY,
      everything: `the deployment of ${first.slice(0, 7)}, which began after that of ${second.slice(0, 7)}, was never recorded as done`,
    });
  });

  test('where there is no history at all', async () => {
    rmSync(join(repository.folder, '.git'), { recursive: true });
    expect(await baseAfter(first)).toEqual({
      commit: EMPTY,
      everything: expect.stringContaining('here is no git repository'),
    });
  });
});
