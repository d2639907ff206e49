import {
  comparisonAsText,
  compareReleases,
  historyAsText,
  historyPlaces,
  readHistory,
  type ReleaseContent,
  resolveRelease,
} from './index.ts';
import { COMMIT, digest, OWNER, TwoEnvironments } from './testing/two-environments.ts';

const STAGING = '111111111111/eu-west-1';
const PROD = '222222222222/eu-west-1';
const PROD_US = '222222222222/us-east-1';

let world: TwoEnvironments;
beforeEach(() => {
  world = new TwoEnvironments();
});

const read = (limit = 20) =>
  readHistory(
    { owner: OWNER.id, places: historyPlaces(world.file, 'lookup'), limit },
    { aws: world.aws, clock: world.clock, listener: () => undefined },
  );

/** Three releases: all are on staging, the second is in prod. */
async function threeReleases(): Promise<void> {
  for (const number of [1, 2, 3]) {
    await world.publish(number, STAGING, PROD, PROD_US);
    await world.deploy(STAGING, 'Data', number);
    if (number !== 2) continue;
    for (const target of [PROD, PROD_US]) await world.deploy(target, 'Data', 2);
  }
}

describe('a history', () => {
  test('shows releases newest first, with time, commit, and where each runs', async () => {
    await threeReleases();
    const history = await read();
    expect(history.releases.map(({ release, runs }) => [release, runs.map(({ target }) => target)])).toEqual([
      [digest(3), [STAGING]],
      [digest(2), [PROD, PROD_US]],
      [digest(1), []],
    ]);
    expect(historyAsText(history).split('\n')).toEqual([
      'release       published             commit        runs in',
      '────────────  ────────────────────  ────────────  ───────',
      `000000000003  2026-01-01 00:00 UTC  ${COMMIT.slice(0, 12)}  staging`,
      `000000000002  2026-01-01 00:00 UTC  ${COMMIT.slice(0, 12)}  prod`,
      `000000000001  2026-01-01 00:00 UTC  ${COMMIT.slice(0, 12)}  -`,
    ]);
  });

  test('is read by lookup roles alone, and not where instances are', async () => {
    await read();
    expect([...world.roles].toSorted()).toEqual([
      'cdk-hnb659fds-lookup-role-111111111111-eu-west-1',
      'cdk-hnb659fds-lookup-role-222222222222-eu-west-1',
      'cdk-hnb659fds-lookup-role-222222222222-us-east-1',
    ]);
  });

  test.each([10, 1000])('of %i releases costs one request for objects in each target', async (count) => {
    for (let number = 1; number <= count; number += 1) await world.publish(number, STAGING, PROD, PROD_US);
    for (const target of [STAGING, PROD, PROD_US]) await world.deploy(target, 'Data', count - 1);
    expect((await read(5)).releases.map(({ release }) => release)).toEqual(
      [0, 1, 2, 3, 4].map((back) => digest(count - back)),
    );
    expect(world.asked).toHaveLength(3);
  });

  test('shows an old release that still runs, with one request more', async () => {
    world.pause = 60_000;
    for (let number = 1; number <= 1000; number += 1) {
      await world.publish(number, STAGING);
      if (number === 300) await world.deploy(STAGING, 'Data', 300);
    }
    const { releases } = await read(2);
    expect(releases.map(({ release, commit }) => [release, commit])).toEqual(
      [1000, 999, 300].map((number) => [digest(number), COMMIT]),
    );
    expect(world.asked.filter((each) => each.includes(OWNER.id))).toHaveLength(4);
  });

  test('shows stacks that later releases left unchanged, and what nobody knows', async () => {
    await world.publish(1, STAGING);
    await world.publish(2, STAGING);
    await world.deploy(STAGING, 'Network', 1);
    await world.deploy(STAGING, 'Old');
    await world.deploy(STAGING, 'Data', 2);
    await world.deploy(PROD, 'Data', 1, 'UPDATE_ROLLBACK_COMPLETE');
    const lines = historyAsText(await read()).split('\n');
    expect(lines[2]).toMatch(/ staging \(1 of 3 stacks\)$/);
    expect(lines[3]).toMatch(/ \(staging: 1 of 3 stacks\), prod \(not finished\)$/);
    expect(lines[4]).toBe(`staging ${STAGING}: nobody knows which release Old has.`);
  });

  test('shows a release that is in no index by what is known of it', async () => {
    await world.deploy(STAGING, 'Data', 7);
    expect((await read()).releases).toMatchObject([{ release: digest(7).slice(0, 16), runs: [{ target: STAGING }] }]);
  });

  test('goes on where a target cannot be looked at', async () => {
    await threeReleases();
    const aws = {
      ...world.aws,
      cloudFormation: async (session: { account: string }) => {
        if (session.account === '111111111111') throw new Error('no such role');
        return world.aws.cloudFormation(session as never);
      },
    } as unknown as typeof world.aws;
    const history = await readHistory(
      { owner: OWNER.id, places: historyPlaces(world.file, 'lookup'), limit: 20 },
      { aws, clock: world.clock, listener: () => undefined },
    );
    expect(history.failures).toMatchObject([{ target: `staging ${STAGING}` }]);
    expect(history.releases).toHaveLength(3);
  });
});

describe('a word for a release', () => {
  const resolve = (word: string, { here = 'prod', there }: { here?: string; there?: string } = {}) =>
    resolveRelease(
      {
        ...{ word, owner: OWNER.id, here: historyPlaces(world.file, 'deploy', here) },
        ...(there && { there: historyPlaces(world.file, 'deploy', there) }),
      },
      { aws: world.aws, awsThere: world.aws, clock: world.clock },
    );
  const refusal = (message: RegExp) => ({ code: 'UnknownRelease', message: expect.stringMatching(message) });

  test('that is an environment means what was deployed there last', async () => {
    await threeReleases();
    const { digest: found, told } = await resolve('staging', { there: 'staging' });
    expect(found).toBe(digest(3));
    expect(told).toBe(
      `--release=staging is ${digest(3)}, which staging has (it was the last to change every stack there).`,
    );
    // and not by a role of the environment that it goes to
    expect([...world.roles]).toEqual(['cdk-hnb659fds-deploy-role-111111111111-eu-west-1']);
  });

  test('that is "previous" means what was published before that, and says so', async () => {
    await threeReleases();
    const { digest: found, told } = await resolve('previous');
    expect(found).toBe(digest(1));
    expect(told).toMatch(
      /^--release=previous is 0{11}1\w+, published 2026.* from commit c0ffeec0ffee: the release that was published there before 000000000002, which prod has/,
    );
    expect(told).toContain('Whether it was ever deployed there, nobody keeps.');
  });

  test.each([10, 2500])('is found by the same number of requests among %i releases', async (count) => {
    for (let number = 1; number <= count; number += 1) await world.publish(number, STAGING);
    await world.deploy(STAGING, 'Data', count);
    expect((await resolve('previous', { here: 'staging' })).digest).toBe(digest(count - 1));
    expect((await resolve('staging', { there: 'staging' })).digest).toBe(digest(count));
    expect((await resolve(digest(count).slice(0, 12), { here: 'staging' })).digest).toBe(digest(count));
    expect(world.asked).toHaveLength(3);
  });

  test('that is the beginning of a digest means the only release that begins so', async () => {
    await threeReleases();
    expect((await resolve(digest(2).slice(0, 12))).digest).toBe(digest(2));
    await expect(resolve(digest(2).slice(0, 11))).rejects.toMatchObject(refusal(/"00000000000" names no release/));
    await expect(resolve('latest')).rejects.toMatchObject(refusal(/"latest" names no release/));
    await expect(resolve('f'.repeat(12))).rejects.toMatchObject(refusal(/No release that begins with f{12}/));
    // and if somebody puts another one beside it
    const other = `${digest(2).slice(0, 20)}${'0'.repeat(44)}`;
    world.at(PROD_US).objects.put('cdk-hnb659fds-assets-222222222222-us-east-1', `releases/${other}/x.json`, '');
    await expect(resolve(digest(2).slice(0, 12))).rejects.toMatchObject(refusal(/More than one release/));
  });

  test.each<[string, string, () => Promise<void>, RegExp]>([
    ['nothing is deployed', 'staging', async () => undefined, /staging has no stack of this app/],
    [
      'its last deployment was rolled back',
      'staging',
      async () => world.deploy(STAGING, 'Data', 1, 'UPDATE_ROLLBACK_COMPLETE'),
      /the last deployment of Data is not finished \(UPDATE_ROLLBACK_COMPLETE\)/,
    ],
    [
      'one stack of its last deployment was rolled back',
      'staging',
      async () => {
        await world.deploy(STAGING, 'Service', 2, 'UPDATE_ROLLBACK_COMPLETE');
        await world.deploy(STAGING, 'Data', 2);
      },
      /the last deployment of Service is not finished/,
    ],
    [
      'it is being deployed',
      'staging',
      async () => world.deploy(STAGING, 'Data', 1, 'UPDATE_IN_PROGRESS'),
      /is not finished \(UPDATE_IN_PROGRESS\)/,
    ],
    ['the last deployment named no release', 'staging', async () => world.deploy(STAGING, 'Data'), /nobody knows/],
    [
      'its targets have several',
      'prod',
      async () => {
        await world.deploy(PROD, 'Data', 1);
        await world.deploy(PROD_US, 'Data', 2);
      },
      /prod has no single release: 000000000002 was deployed last, and 222222222222\/eu-west-1 has 000000000001/,
    ],
  ])('is refused where %s', async (_, there, deployed, message) => {
    await deployed();
    for (const number of [1, 2]) await world.publish(number, STAGING, PROD, PROD_US);
    await expect(resolve(there, { there })).rejects.toMatchObject(refusal(message));
  });

  test('is refused if somebody worked on the stack that was deployed last', async () => {
    await threeReleases();
    world.at(STAGING).stacks.stacks.get('Data')!.updatedAt += 3_600_000;
    await expect(resolve('staging', { there: 'staging' })).rejects.toMatchObject(refusal(/nobody knows/));
  });

  test('is refused where there is no release before', async () => {
    await world.publish(1, PROD, PROD_US);
    for (const target of [PROD, PROD_US]) await world.deploy(target, 'Data', 1);
    await expect(resolve('previous')).rejects.toMatchObject(
      refusal(/No release was published to .* before 000000000001/),
    );
  });
});

describe('a comparison', () => {
  const queue = (path: string, delay: number) => ({
    Type: 'AWS::SQS::Queue',
    Properties: { DelaySeconds: delay, Secret: 'never shown' },
    Metadata: { 'aws:cdk:path': path },
  });
  const release = (
    number: number,
    templates: Record<string, object>,
    more: Partial<ReleaseContent['manifest']> = {},
  ) => {
    const files = new Map(
      Object.entries(templates).map(([id, template]) => [`${id}.json`, Buffer.from(JSON.stringify(template))]),
    );
    const stacks = Object.fromEntries(
      Object.entries(templates).map(([id, template]) => [
        id,
        { template: `${id}.json`, sha256: JSON.stringify(template) },
      ]),
    );
    const manifest = {
      format: 1,
      digest: digest(number),
      tools: {},
      manifests: {},
      stacks,
      assets: [],
      ...more,
    } as const;
    return { manifest, files };
  };

  test('shows stacks, resources by their paths, assets and versions, and no values', () => {
    const from = release(
      1,
      {
        Data: { Resources: { Old: queue('Data/Old', 1), Kept: queue('Data/Kept', 1), Same: queue('Data/Same', 1) } },
        Gone: { Resources: { A: { Type: 'AWS::SNS::Topic' } } },
        Same: { Resources: {} },
      },
      {
        tools: { 'aws-cdk-lib': '2.275.0', node: '24' },
        assets: [
          { id: 'aaa', kind: 'file', path: 'asset.aaa', sha256: '1' },
          { id: 'tpl', kind: 'file', path: 'Data.json', sha256: '1' },
        ],
        manifests: { 'manifest.json': '1' },
      },
    );
    const to = release(
      2,
      {
        Data: {
          Resources: { Kept: queue('Data/Kept', 2), New: queue('Data/New', 1), Same: queue('Data/Same', 1) },
          Outputs: { Url: { Value: 'x' } },
        },
        Same: { Resources: {} },
      },
      {
        tools: { 'aws-cdk-lib': '2.276.0', node: '24' },
        assets: [{ id: 'bbb', kind: 'file', path: 'asset.bbb', sha256: '2' }],
        manifests: { 'manifest.json': '2' },
      },
    );
    const text = comparisonAsText(compareReleases(from, to));
    expect(text.split('\n')).toEqual([
      'From release 000000000001 to 000000000002: 2 stacks differ.',
      '~ Data: 1 added, 1 removed, 1 modified; Outputs',
      '    ~ Data/Kept (AWS::SQS::Queue, Kept)',
      '    + Data/New (AWS::SQS::Queue, New)',
      '    - Data/Old (AWS::SQS::Queue, Old)',
      '- Gone: 1 removed',
      '    - A (AWS::SNS::Topic)',
      'Assets (files): 1 added, 1 removed',
      'Tools:',
      '  aws-cdk-lib: 2.275.0 -> 2.276.0',
      'Manifests, which say tags, roles and where assets go:',
      '  ~ manifest.json',
    ]);
    expect(text).not.toContain('never shown');
  });

  test('of a release with itself shows nothing, and of what is no template no resource', () => {
    const one = release(1, { Data: { Resources: {} } });
    expect(comparisonAsText(compareReleases(one, one))).toBe('Both are release 000000000001.');
    const other = release(2, { Data: { Resources: [] } });
    other.files.set('Data.json', Buffer.from('a: yaml'));
    expect(compareReleases(one, other).stacks).toEqual([
      { id: 'Data', change: 'modified', resources: [], sections: [] },
    ]);
  });
});
