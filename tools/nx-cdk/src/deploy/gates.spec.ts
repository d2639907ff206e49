import type { AwsClients } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { deploy, type DeployReport, type DeployRequest } from './index.ts';
import type { DeployGate, StackState } from '../cloudformation/index.ts';
import { assemblyOf, queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { FakeCloudFormation } from '../cloudformation/testing/fake-cloudformation.ts';
import { VirtualClock } from '../cloudformation/testing/virtual-clock.ts';

/** Calls that leave something behind. */
const CHANGES = ['CreateChangeSet', 'ExecuteChangeSet', 'DeleteStack', 'RollbackStack', 'UpdateTerminationProtection'];

let clock: VirtualClock;
let cloud: FakeCloudFormation;
const assemblies: { dispose(): void }[] = [];

beforeEach(() => {
  clock = new VirtualClock();
  cloud = new FakeCloudFormation(clock);
});

afterEach(() => {
  for (const assembly of assemblies.splice(0)) assembly.dispose();
});

async function run(
  wanted: readonly TestStack[],
  gates: readonly DeployGate[],
  options: Partial<DeployRequest> = {},
): Promise<DeployReport> {
  const assembly = assemblyOf(wanted);
  assemblies.push(assembly);
  cloud.calls.length = 0;
  return deploy(
    { assembly, stacks: wanted.map(({ id }) => id), ...options },
    { aws: cloud.aws(), listener: () => undefined, clock, gates },
  );
}

const changes = () => cloud.calls.filter((call) => CHANGES.includes(call));
const idsOf = (pending: readonly StackState[]) => pending.map(({ desired }) => desired.resolved.stack.id);
const refusing: DeployGate = {
  check: async () => {
    throw new Failure('PlanMoved', { what: 'it is not what was approved' });
  },
};

describe('a gate', () => {
  test('is asked once, before the first change, about the stacks that are not known to be unchanged', async () => {
    // given
    const asked: { ids: string[]; before: number }[] = [];
    const gate: DeployGate = {
      check: async (pending) => void asked.push({ ids: idsOf(pending), before: changes().length }),
    };
    await run([{ id: 'Same' }, { id: 'Other' }], []);

    // when
    await run([{ id: 'Same' }, { id: 'Other', template: queues('Queue', 'Second') }, { id: 'New' }], [gate]);

    // then
    expect(asked).toEqual([{ ids: ['Other', 'New'], before: 0 }]);
    expect(changes().length).toBeGreaterThan(0);
  });

  test('that refuses keeps every stack as it is, and one of them says why', async () => {
    // when
    const { stacks, success } = await run([{ id: 'One' }, { id: 'Two' }, { id: 'Three' }], [refusing]);

    // then
    expect(success).toBe(false);
    expect(changes()).toEqual([]);
    expect(stacks.map(({ outcome }) => outcome).toSorted()).toEqual(['failed', 'skipped', 'skipped']);
    expect(stacks.find(({ outcome }) => outcome === 'failed')?.failure).toMatchObject({
      code: 'PlanMoved',
      message: expect.stringContaining('it is not what was approved'),
    });
  });

  test('that refuses leaves out what depends on a stack that was skipped, and does not say that it failed', async () => {
    // given a stack that is asked about first, since most stacks wait for it
    const chain = [
      { id: 'First' },
      { id: 'Behind', dependencies: ['First'] },
      { id: 'Last', dependencies: ['Behind'] },
    ];
    const others = [{ id: 'Other' }, { id: 'BehindOther', dependencies: ['Other'] }];

    // when
    const { stacks } = await run([...chain, ...others], [refusing]);

    // then
    expect(stacks.map(({ id, outcome, notes }) => [id, outcome, ...notes])).toEqual([
      ['First', 'failed'],
      ['Behind', 'skipped', 'First failed'],
      ['Last', 'skipped', 'First failed'],
      ['Other', 'skipped', expect.any(String)],
      ['BehindOther', 'skipped', 'Other was skipped'],
    ]);
  });

  test('that refuses is heard though the stack that it was asked for fails for a reason of its own', async () => {
    // given
    const missing = Object.assign(new Error('ParameterNotFound'), { name: 'ParameterNotFound' });
    const ssm = async () => ({ send: () => Promise.reject(missing) });
    const bootstrap = { version: 6, parameter: '/cdk-bootstrap/version' };
    const assembly = assemblyOf([{ id: 'NotBootstrapped', bootstrap }, { id: 'Other' }]);
    assemblies.push(assembly);

    // when
    const { stacks } = await deploy(
      { assembly, stacks: ['NotBootstrapped', 'Other'] },
      { aws: { ...cloud.aws(), ssm } as unknown as AwsClients, listener: () => undefined, clock, gates: [refusing] },
    );

    // then
    expect(stacks.map(({ failure }) => failure?.code)).toEqual(['NotBootstrapped', 'PlanMoved']);
    expect(changes()).toEqual([]);
  });

  test.each(['ROLLBACK_COMPLETE', 'UPDATE_FAILED'])('is asked before a stack in %s is recovered', async (status) => {
    // given
    cloud.put('Data', status);

    // when
    await run([{ id: 'Data' }], [refusing]);

    // then
    expect(changes()).toEqual([]);
    expect(cloud.stacks.get('Data')?.status).toBe(status);
  });

  test('is not asked if nothing changes', async () => {
    // given
    await run([{ id: 'Data' }], []);

    // when
    const same = await run([{ id: 'Data' }], [refusing]);

    // then
    expect(same.stacks[0]?.outcome).toBe('unchanged');
  });

  test('that does not admit a change set keeps that stack as it is, and only that', async () => {
    // given
    const gate: DeployGate = {
      admit: async ({ desired }) => {
        if (desired.resolved.stack.id === 'One')
          throw new Failure('NotPlanned', { what: 'it removes more than was planned' });
      },
    };

    // when
    const { stacks } = await run([{ id: 'One' }, { id: 'Two' }], [gate]);

    // then
    expect(stacks.map(({ outcome }) => outcome)).toEqual(['failed', 'created']);
    expect(cloud.calls.filter((call) => call === 'ExecuteChangeSet')).toHaveLength(1);
    expect(cloud.calls).toContain('DeleteChangeSet');
  });
});

test('an export in use keeps every change back, and what is unchanged stays unchanged', async () => {
  // given an export that a stack of somebody else imports, and a stack of which only the template tells
  await run([{ id: 'Same' }, { id: 'Data' }], []);
  cloud.stacks.get('Same')!.changeSetId = undefined;
  const describe = cloud._DescribeStacks.bind(cloud);
  const { promise: lookedAt, resolve } = Promise.withResolvers<void>();
  Object.assign(cloud, {
    _DescribeStacks: (input: never) => {
      const { Stacks } = describe(input) as { Stacks: { StackName: string }[] };
      const Outputs = [{ OutputKey: 'Queue', OutputValue: 'url', ExportName: 'Data:Queue' }];
      return { Stacks: Stacks.map((stack) => (stack.StackName === 'Data' ? { ...stack, Outputs } : stack)) };
    },
    _ListImports: () => (resolve(), { Imports: ['Stranger'] }),
  });
  // and a look at that template which takes its time
  cloud.intercept = (action, { StackName }) =>
    action === 'GetTemplate' && StackName.includes('/Same/') ? lookedAt : undefined;

  // when
  const report = await run([{ id: 'Same' }, { id: 'Data', template: queues('Queue', 'Second') }], []);

  // then
  expect(report.stacks).toMatchObject([
    { id: 'Same', outcome: 'unchanged' },
    { id: 'Data', outcome: 'failed', failure: { code: 'ExportInUse' } },
  ]);
  expect(changes()).toEqual([]);
});
