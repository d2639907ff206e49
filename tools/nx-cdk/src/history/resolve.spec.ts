import { goingBack, historyPlaces, resolveRelease } from './index.ts';
import { digest, OWNER, PROD, PROD_US, STAGING, TwoEnvironments } from './testing/two-environments.ts';

let world: TwoEnvironments;
beforeEach(() => {
  world = new TwoEnvironments();
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
    await world.threeReleases();
    const { digest: found, told } = await resolve('staging', { there: 'staging' });
    expect(found).toBe(digest(3));
    expect(told).toBe(
      `--release=staging is ${digest(3)}, which staging has (it was the last to change every stack there; whether all of it is there cannot be compared).`,
    );
    // and not by a role of the environment that it goes to
    expect([...world.roles]).toEqual(['cdk-hnb659fds-deploy-role-111111111111-eu-west-1']);
  });

  test.each([10, 2500])('is found by the same number of requests among %i releases', async (count) => {
    for (let number = 1; number <= count; number += 1) await world.publish(number, STAGING);
    for (const number of [count - 1, count]) await world.deploy(STAGING, 'Data', number);
    expect((await resolve('previous', { here: 'staging' })).digest).toBe(digest(count - 1));
    expect((await resolve('staging', { there: 'staging' })).digest).toBe(digest(count));
    expect((await resolve(digest(count).slice(0, 12), { here: 'staging' })).digest).toBe(digest(count));
    expect(world.asked).toHaveLength(4);
  });

  test('that is the beginning of a digest means the only release that begins so', async () => {
    await world.threeReleases();
    expect((await resolve(digest(2).slice(0, 12))).digest).toBe(digest(2));
    await expect(resolve(digest(2).slice(0, 11))).rejects.toMatchObject(refusal(/"00000000000" names no release/));
    await expect(resolve('latest')).rejects.toMatchObject(refusal(/"latest" names no release/));
    await expect(resolve('f'.repeat(12))).rejects.toMatchObject(refusal(/No release that begins with f{12}/));
    // and if somebody puts another one beside it
    const other = `${digest(2).slice(0, 20)}${'0'.repeat(44)}`;
    world.at(PROD_US).objects.put('cdk-hnb659fds-assets-222222222222-us-east-1', `releases/${other}/x.json`, '');
    await expect(resolve(digest(2).slice(0, 12))).rejects.toMatchObject(refusal(/More than one release/));
    // also if something else comes before the one, or so much that it is not listed
    const hide = (name: string | number) =>
      world
        .at(PROD_US)
        .objects.put('cdk-hnb659fds-assets-222222222222-us-east-1', `releases/${other.slice(0, 20)}!${name}/x`, '');
    hide('');
    await expect(resolve(digest(2).slice(0, 12))).rejects.toMatchObject(refusal(/More than one release/));
    for (let number = 0; number < 1000; number += 1) hide(number);
    await expect(resolve(digest(2).slice(0, 12))).rejects.toMatchObject(refusal(/Too much in .* begins with releases/));
  });

  test.each<[string, string, () => Promise<void>, RegExp]>([
    ['nothing is deployed', 'staging', async () => undefined, /staging has no stack of this app/],
    [
      'its last deployment was rolled back',
      'staging',
      async () => world.deploy(STAGING, 'Data', 1, 'UPDATE_ROLLBACK_COMPLETE'),
      /the last deployment of Data did not come to its end \(UPDATE_ROLLBACK_COMPLETE\)/,
    ],
    [
      'one stack of its last deployment was rolled back',
      'staging',
      async () => {
        await world.deploy(STAGING, 'Service', 2, 'UPDATE_ROLLBACK_COMPLETE');
        await world.deploy(STAGING, 'Data', 2);
      },
      /the last deployment of Service did not come to its end/,
    ],
    [
      'it is being deployed',
      'staging',
      async () => world.deploy(STAGING, 'Data', 1, 'UPDATE_IN_PROGRESS'),
      /did not come to its end \(UPDATE_IN_PROGRESS\)/,
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
    await world.threeReleases();
    world.at(STAGING).stacks.stacks.get('Data')!.updatedAt += 3_600_000;
    await expect(resolve('staging', { there: 'staging' })).rejects.toMatchObject(refusal(/nobody knows/));
  });
});

describe('a deployment of a release', () => {
  const ask = async (number: number, target = STAGING, aws = world.aws) => {
    const { changeSetId, status } = world.at(target).stacks.stacks.get('Data')!;
    const places = historyPlaces(world.file, 'deploy');
    const stacks = [{ id: 'staging/Data', target, changeSetId, status }];
    return goingBack({ release: digest(number), owner: OWNER.id, places, stacks }, aws);
  };

  test('that is older than what runs is said to go back, with one request', async () => {
    await world.threeReleases();
    world.at(STAGING).objects.asked.length = 0;
    expect(await ask(1)).toMatch(
      /^This goes back: release 000000000001 was published before 000000000003, which staging\/Data has\. .*data .* does not/,
    );
    expect(world.at(STAGING).objects.asked).toHaveLength(1);
  });

  test.each<[string, () => Promise<void>, number, number]>([
    ['is newer', async () => world.publish(4, STAGING), 4, 1],
    ['runs already', async () => undefined, 3, 0],
    ['is in no index', async () => undefined, 9, 1],
    ['replaces what was rolled back', async () => world.deploy(STAGING, 'Data', 3, 'UPDATE_ROLLBACK_COMPLETE'), 2, 0],
    ['replaces nobody knows what', async () => world.deploy(STAGING, 'Data'), 1, 0],
  ])('that %s is not', async (_, before, number, requests) => {
    await world.threeReleases();
    await before();
    world.at(STAGING).objects.asked.length = 0;
    expect(await ask(number)).toBeUndefined();
    expect(world.at(STAGING).objects.asked).toHaveLength(requests);
  });

  test('goes on where the index cannot be read', async () => {
    await world.threeReleases();
    const s3 = async () => ({ send: async () => Promise.reject(new Error('denied')) });
    expect(await ask(1, STAGING, { s3 } as unknown as typeof world.aws)).toBeUndefined();
  });
});
