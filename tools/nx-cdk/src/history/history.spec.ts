import { historyAsText, historyPlaces, readHistory } from './index.ts';
import { COMMIT, digest, OWNER, PROD, PROD_US, STAGING, TwoEnvironments } from './testing/two-environments.ts';

let world: TwoEnvironments;
beforeEach(() => {
  world = new TwoEnvironments();
});

const read = (limit = 20) =>
  readHistory(
    { owner: OWNER.id, places: historyPlaces(world.file, 'lookup'), limit },
    { aws: world.aws, clock: world.clock, listener: () => undefined },
  );

describe('a history', () => {
  test('shows releases newest first, with time, commit, and where each runs', async () => {
    await world.threeReleases();
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
    await world.threeReleases();
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
