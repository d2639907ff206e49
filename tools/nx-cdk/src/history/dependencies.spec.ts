import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Git } from '../deployments/index.ts';
import { type ScratchRepository, scratchRepository } from '../deployments/testing/scratch-repository.ts';
import { compareDependencies, historyPlaces, sourcesOf } from './index.ts';
import { comparisonAsText } from './compare-text.ts';
import { COMMIT, digest, OWNER, PROD, STAGING, TwoEnvironments } from './testing/two-environments.ts';

let repository: ScratchRepository;
beforeEach(() => {
  repository = scratchRepository();
});
afterEach(() => repository.dispose());

/** Commits a workspace with an app, and returns the commit. */
function commit(locked: Record<string, string>): { commit: string; edited: boolean } {
  const packages = Object.entries(locked).map(([name, version]) => [`node_modules/${name}`, { version }]);
  const write = (file: string, content: object) =>
    writeFileSync(join(repository.folder, file), JSON.stringify(content));
  mkdirSync(join(repository.folder, 'apps', 'infra'), { recursive: true });
  write('package.json', { devDependencies: { nx: '^23' } });
  write('apps/infra/package.json', { dependencies: { 'aws-cdk-lib': '^2' } });
  write('package-lock.json', { packages: Object.fromEntries(packages) });
  repository.git('add', '.');
  return { commit: repository.commit('Next'), edited: false };
}

const compare = (from: ReturnType<typeof commit> | undefined, to: ReturnType<typeof commit> | undefined) =>
  compareDependencies([from, to], new Git(repository.folder), 'apps/infra');

/** The part about dependencies. */
async function textOf(comparing: ReturnType<typeof compare>): Promise<string[]> {
  const sides = { from: digest(1), to: digest(2), stacks: [], assets: [], tools: [], manifests: [] };
  return comparisonAsText(sides, await comparing)
    .split('\n')
    .slice(1);
}

describe('the dependencies of two releases', () => {
  test('are compared by the lockfiles of their commits: those that somebody named, and how many others', async () => {
    const from = commit({ 'aws-cdk-lib': '2.275.0', nx: '23.2.0', axios: '1.0.0', left: '1.0.0', zod: '4.0.0' });
    const to = commit({ 'aws-cdk-lib': '2.276.0', nx: '23.2.0', axios: '1.0.1', added: '1.0.0', zod: '4.0.0' });
    const { packages } = await compare(from, to);
    expect(packages).toEqual([
      { name: 'added', from: [], to: ['1.0.0'], isDirect: false },
      { name: 'aws-cdk-lib', from: ['2.275.0'], to: ['2.276.0'], isDirect: true },
      { name: 'axios', from: ['1.0.0'], to: ['1.0.1'], isDirect: false },
      { name: 'left', from: ['1.0.0'], to: [], isDirect: false },
    ]);
    expect(await textOf(compare(from, to))).toEqual([
      `Dependencies, by the lockfiles of commits ${from.commit.slice(0, 12)} and ${to.commit.slice(0, 12)}:`,
      '  aws-cdk-lib: 2.275.0 -> 2.276.0',
      '  3 more packages that others need',
    ]);
  });

  test('are the same where the commits are, or their lockfiles', async () => {
    const [from, to] = [commit({ nx: '23.2.0' }), commit({ nx: '23.2.0' })];
    expect(await textOf(compare(from, from))).toEqual([
      `Dependencies: both were published from commit ${from.commit.slice(0, 12)}.`,
    ]);
    const [line] = await textOf(compare({ ...from, edited: true }, to));
    expect(line).toMatch(/^Dependencies: none differs between the lockfiles of commits \w{12} and edits and \w{12}\.$/);
  });

  test('are not known where a commit is not, or not here, or has no lockfile', async () => {
    const one = commit({ nx: '23.2.0' });
    const missing = { commit: 'f'.repeat(40), edited: false };
    expect(await textOf(compare(one, missing))).toEqual([
      `Dependencies: what differs is not known, since commit ${missing.commit} is not in this clone.`,
    ]);
    expect(await textOf(compare(one, undefined))).toEqual([
      'Dependencies: what differs is not known, since the index names no commit for each of them.',
    ]);
    repository.git('rm', '-q', 'package-lock.json');
    const without = { commit: repository.commit('Without'), edited: false };
    expect((await compare(one, without)).unknown).toBe('a commit has no lockfile that can be read');
  });
});

test('the commits of releases are those that each was published from first', async () => {
  const world = new TwoEnvironments();
  await world.publish(1, STAGING, PROD);
  await world.publish(2, PROD);
  const sources = await sourcesOf(
    [digest(1), digest(2), digest(3)],
    historyPlaces(world.file, 'deploy'),
    OWNER.id,
    async () => world.aws,
  );
  expect(sources).toEqual([{ commit: COMMIT, edited: false }, { commit: COMMIT, edited: false }, undefined]);
});
