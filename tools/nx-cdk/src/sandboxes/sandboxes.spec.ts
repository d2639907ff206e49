import { parseEnvironments } from '@nx-cdk/environments';
import { changeSetName, ownerOfInstance, stackOwner, type StackOwner } from '../cloudformation/index.ts';
import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { clock, cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';
import { deploy } from '../deploy/index.ts';
import { findSandboxStacks } from './delete.ts';
import { deleteSandboxes, listSandboxes, sandboxesAsText } from './index.ts';

const OURS = stackOwner('acme', 'infra');
const COMMIT = '0123456789ab';
const HOUR = 3_600_000;
const target = { account: '111111111111', region: 'eu-west-1' };
const file = parseEnvironments(
  JSON.stringify({
    ci: { account: '123456789012', region: 'eu-west-1' },
    environments: [
      { name: 'sandbox', instances: true, targets: [target] },
      { name: 'prod', targets: [target] },
    ],
  }),
  'environments.json',
);
const request = { file, environments: file.environments.slice(0, 1), owner: OURS };

/** Deploys the two stacks of an instance, or others. */
async function ship(instance: string, hours?: number, kinds: readonly string[] = ['data', 'service'], owner = OURS) {
  const stacks = kinds.map((kind): TestStack => ({ id: `sandbox-${instance}-${kind}`, template: queues(kind) }));
  const expiresAt = hours === undefined ? undefined : clock.now() + hours * HOUR;
  return shipAs(stacks, ownerOfInstance(owner, { instance, expiresAt, commit: COMMIT }));
}

async function shipAs(stacks: readonly TestStack[], owner: StackOwner) {
  return deploy({ assembly: given(stacks), stacks: stacks.map(({ id }) => id), owner }, dependencies());
}

const list = () => listSandboxes(request, dependencies(), 'lookup');
const expired = async () => (await list()).filter((one) => one.expired);
const namesLeft = () => [...cloud.stacks.keys()].sort();
const passes = async (hours: number) => clock.sleep(hours * HOUR);

test('two instances live side by side and are listed, with age, commit and expiry', async () => {
  await ship('ada', 1);
  await ship('ben');
  await shipAs([{ id: 'prod-data' }], OURS);
  await ship('eve', 1, ['data'], stackOwner('other', 'infra'));
  await passes(3);

  const found = await list();

  expect(found).toMatchObject([
    {
      environment: 'sandbox',
      instance: 'ada',
      commit: COMMIT,
      expired: true,
      stacks: [{}, { status: 'CREATE_COMPLETE' }],
    },
    { environment: 'sandbox', instance: 'ben', commit: COMMIT, expired: false },
  ]);
  expect(found[1]).not.toHaveProperty('expiresAt');
  const [ada, ben] = sandboxesAsText(found, clock.now()).split('\n');
  expect(ada).toBe(
    'sandbox/ada: 2 stacks in 111111111111/eu-west-1, made 3 hours ago, deployed 3 hours ago from 0123456789ab, expired 2 hours ago',
  );
  expect(ben).toContain('does not expire');
});

describe('an expiry', () => {
  test('is that of what was changed last, for all stacks of the instance', async () => {
    await ship('ada', 1);
    await passes(2);
    expect(await expired()).toHaveLength(1);

    // one stack is changed, the other is left as it is
    await shipAs(
      [
        { id: 'sandbox-ada-data', template: queues('data') },
        { id: 'sandbox-ada-service', template: queues('New') },
      ],
      ownerOfInstance(OURS, { instance: 'ada', expiresAt: clock.now() + HOUR, commit: COMMIT }),
    );
    expect(await expired()).toEqual([]);
  });

  test('is not moved by a deployment that changes nothing', async () => {
    await ship('ada', 1);
    const [before] = await list();
    await ship('ada', 100);
    expect(await list()).toEqual([before]);
  });
});

describe('what has expired is deleted', () => {
  const reap = async (meanwhile: () => Promise<unknown> = async () => undefined) => {
    const { deletions, kept } = await findSandboxStacks(request, await expired(), dependencies());
    await meanwhile();
    return { kept, report: await deleteSandboxes(request, { deletions, onlyExpired: true }, dependencies()) };
  };

  test('and nothing else: no other instance, app, environment, or stack without an instance', async () => {
    await ship('ada', 1);
    await ship('ben', 9);
    await ship('kim');
    await ship('eve', 1, ['data'], stackOwner('other', 'infra'));
    await shipAs([{ id: 'sandbox-ada-by-hand' }], OURS);
    cloud.put('sandbox-ada-stock', 'CREATE_COMPLETE', {
      changeSetId: 'arn:aws:cloudformation:x:y:changeSet/cdk-deploy-change-set/1',
    });
    await passes(2);

    const { report } = await reap();

    expect(report).toMatchObject({ success: true, stacks: [{ outcome: 'deleted' }, { outcome: 'deleted' }] });
    expect(namesLeft()).toEqual([
      ...['sandbox-ada-by-hand', 'sandbox-ada-stock', 'sandbox-ben-data', 'sandbox-ben-service'],
      ...['sandbox-eve-data', 'sandbox-kim-data', 'sandbox-kim-service'],
    ]);
    expect(await expired()).toEqual([]);
  });

  test('not with termination protection', async () => {
    await ship('ada', 1);
    cloud.stacks.get('sandbox-ada-data')!.terminationProtection = true;
    await passes(2);

    const { kept } = await reap();

    expect(kept).toMatchObject([{ stackName: 'sandbox-ada-data', stays: 'its termination protection is on' }]);
    expect(namesLeft()).toEqual(['sandbox-ada-data']);
  });

  test('not if it is deployed while somebody is asked, with none of its stacks', async () => {
    await ship('ada', 1);
    await passes(2);

    const { report } = await reap(() =>
      shipAs(
        [{ id: 'sandbox-ada-service', template: queues('New') }],
        ownerOfInstance(OURS, { instance: 'ada', expiresAt: clock.now() + HOUR, commit: COMMIT }),
      ),
    );

    expect(report).toMatchObject({ success: false, stacks: Array(2).fill({ failure: { code: 'PlanMoved' } }) });
    expect(namesLeft()).toEqual(['sandbox-ada-data', 'sandbox-ada-service']);
  });

  test('again after a run that was interrupted', async () => {
    await ship('ada', 1);
    await passes(2);
    cloud.stacks.get('sandbox-ada-data')!.status = 'DELETE_FAILED';
    cloud.stacks.delete('sandbox-ada-service');

    expect((await reap()).report).toMatchObject({ success: true });
    expect(namesLeft()).toEqual([]);
  });
});

describe('a stack of one instance is not deployed as', () => {
  const idOf = (owner: StackOwner) =>
    `arn:aws:cloudformation:eu-west-1:111111111111:changeSet/${changeSetName('d'.repeat(32), clock.now(), { owner })}/uuid`;
  const ada = ownerOfInstance(OURS, { instance: 'ada' });

  test.each([
    ['that of another one', ownerOfInstance(OURS, { instance: 'ada-b' }), ada, 'belongs to the instance ada-b'],
    ['one of no instance', ada, OURS, 'belongs to the instance ada'],
    ['an instance', OURS, ada, 'belongs to no instance'],
  ])('%s', async (_, theirs, ours, words) => {
    cloud.put('sandbox-ada-b-data', 'CREATE_COMPLETE', { changeSetId: idOf(theirs), updatedAt: clock.now() });
    const { stacks } = await shipAs([{ id: 'sandbox-ada-b-data' }], ours);
    expect(stacks[0]!.failure).toMatchObject({ code: 'OtherInstance', message: expect.stringContaining(words) });
  });
});
