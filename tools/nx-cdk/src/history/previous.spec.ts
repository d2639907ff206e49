import { historyPlaces, resolveRelease } from './index.ts';
import { digest, OWNER, PROD, PROD_US, STAGING, TwoEnvironments } from './testing/two-environments.ts';

let world: TwoEnvironments;
beforeEach(async () => {
  world = new TwoEnvironments();
  for (const number of [1, 2, 3, 4]) await world.publish(number, STAGING, PROD, PROD_US);
});

const previous = (environment = 'staging') =>
  resolveRelease(
    { word: 'previous', owner: OWNER.id, here: historyPlaces(world.file, 'deploy', environment) },
    { aws: world.aws, awsThere: world.aws, clock: world.clock },
  );
const refusal = (message: RegExp) => ({ code: 'UnknownRelease', message: expect.stringMatching(message) });

describe('--release=previous', () => {
  test('is what the environment had before, whatever was published meanwhile; and says when that was deployed', async () => {
    await world.deploy(STAGING, 'Data', 1);
    await world.deploy(STAGING, 'Data', 4);
    const { digest: found, told } = await previous();
    expect(found).toBe(digest(1));
    expect(told).toMatch(
      /^--release=previous is 0{11}1\w+, which was deployed to staging on 2026-\S+ \S+ UTC, before 000000000004 \(it was the last to change every stack there\)\.$/,
    );
  });

  test('is of all stacks and targets together: a release may have changed one of them only', async () => {
    for (const target of [PROD, PROD_US]) await world.deploy(target, 'Data', 1);
    await world.deploy(PROD, 'Network', 1);
    await world.deploy(PROD_US, 'Data', 2);
    for (const target of [PROD, PROD_US]) await world.deploy(target, 'Data', 3);
    expect((await previous('prod')).digest).toBe(digest(2));
  });

  test('is what one came from, after one has gone back', async () => {
    for (const number of [1, 2, 1]) await world.deploy(STAGING, 'Data', number);
    expect((await previous()).digest).toBe(digest(2));
  });

  test.each<[string, () => Promise<void>]>([
    ['was rolled back', () => world.deploy(STAGING, 'Data', 2, 'UPDATE_ROLLBACK_COMPLETE')],
    ['failed, and was left so', () => world.deploy(STAGING, 'Data', 2, 'UPDATE_FAILED')],
    [
      'failed in one of its stacks',
      async () => {
        await world.deploy(STAGING, 'Data', 2);
        await world.deploy(STAGING, 'Service', 2, 'UPDATE_ROLLBACK_COMPLETE');
      },
    ],
  ])('is never a release that %s', async (_, failing) => {
    for (const stack of ['Data', 'Service']) await world.deploy(STAGING, stack, 1);
    await failing();
    for (const stack of ['Data', 'Service']) await world.deploy(STAGING, stack, 3);
    expect((await previous()).digest).toBe(digest(1));
    // but one that failed at first, and then did not
    for (const stack of ['Data', 'Service']) await world.deploy(STAGING, stack, 2);
    for (const stack of ['Data', 'Service']) await world.deploy(STAGING, stack, 4);
    expect((await previous()).digest).toBe(digest(2));
  });

  test('goes back from a deployment that has failed halfway', async () => {
    for (const target of [PROD, PROD_US]) await world.deploy(target, 'Data', 1);
    await world.deploy(PROD, 'Data', 2, 'UPDATE_ROLLBACK_COMPLETE');
    const { digest: found, told } = await previous('prod');
    expect(found).toBe(digest(1));
    expect(told).toContain('before 000000000002 (its deployment did not come to its end)');
  });

  test.each<[string, RegExp, () => Promise<void>]>([
    ['nothing was there before', /No event tells what staging had before 000000000003/, async () => undefined],
    [
      'another tool was there before',
      /Data was changed by another tool, or without a release, before 000000000003/,
      async () => {
        await world.deploy(STAGING, 'Data', 1);
        const { id } = world.at(STAGING).stacks.stacks.get('Data')!;
        await world.clock.sleep(1000);
        world.tell(id, 'cdk-42', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE');
      },
    ],
    [
      'it is not published any more',
      /No release that begins with 0{10}77/,
      async () => world.deploy(STAGING, 'Data', 77),
    ],
  ])('is refused where %s', async (_, message, before) => {
    await before();
    await world.deploy(STAGING, 'Data', 3);
    await expect(previous()).rejects.toMatchObject(refusal(message));
  });

  test('is refused while a deployment is running', async () => {
    await world.deploy(STAGING, 'Data', 1);
    await world.deploy(STAGING, 'Data', 2, 'UPDATE_IN_PROGRESS');
    await expect(previous()).rejects.toMatchObject(refusal(/did not come to its end \(UPDATE_IN_PROGRESS\)/));
  });

  test('reads no further than it has to, and gives up after twenty pages of events', async () => {
    for (let count = 0; count < 30; count += 1) await world.deploy(STAGING, 'Data', 1);
    for (const number of [2, 3]) await world.deploy(STAGING, 'Data', number);
    expect((await previous()).digest).toBe(digest(2));
    expect(world.pages).toBe(2);
    const { id } = world.at(STAGING).stacks.stacks.get('Data')!;
    world.tell(id, undefined, ...Array.from({ length: 70 }, () => 'Queue UPDATE_COMPLETE'));
    await expect(previous()).rejects.toMatchObject(refusal(/Data has so many events/));
  });
});
