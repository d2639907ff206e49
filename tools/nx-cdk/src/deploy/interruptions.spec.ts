import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { stackOwner } from '../cloudformation/index.ts';
import { assemblyOf, queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { FakeCloudFormation } from '../cloudformation/testing/fake-cloudformation.ts';
import { type Command, type Fault, FAULTS, faultyClients } from '../cloudformation/testing/faults.ts';
import { VirtualClock } from '../cloudformation/testing/virtual-clock.ts';
import { deploy, type DeployReport } from './index.ts';

/** Two stacks, of which one needs the other, with a queue for each of these names. */
const chain = (...names: string[]): TestStack[] => [
  { id: 'Data', template: queues(...names) },
  { id: 'Service', template: queues(...names), dependencies: ['Data'], terminationProtection: true },
];

let clock: VirtualClock;
let cloud: FakeCloudFormation;
/** Operations that CloudFormation has begun, in order. */
let operations: string[];

beforeEach(() => {
  clock = new VirtualClock();
  cloud = new FakeCloudFormation(clock);
  operations = [];
});

/** Deploys as a process does. Undefined if it was killed. */
async function run(plans: readonly TestStack[], fault?: Fault): Promise<DeployReport | undefined> {
  const assembly = assemblyOf(plans);
  const killed = Promise.withResolvers<undefined>();
  const aws = faultyClients(cloud.aws(), fault, () => killed.resolve(undefined), carryOut);
  const stacks = plans.map(({ id }) => id);
  // What is killed is of a version that wrote no owner: the next one goes on all the same.
  const owner = fault === undefined ? stackOwner('acme', 'infra') : undefined;
  const ended = deploy({ assembly, stacks, owner }, { aws, listener: () => {}, clock });
  return Promise.race([ended, killed.promise]).finally(() => assembly.dispose());
}

async function carryOut(client: CloudFormationClient, command: Command): Promise<unknown> {
  const answer = await client.send(command as never);
  if (command.constructor.name === 'ExecuteChangeSetCommand') {
    for (const { name, status, changeSetId } of cloud.stacks.values()) {
      const operation = `${name} ${status} ${changeSetId}`;
      if (status.endsWith('_IN_PROGRESS') && !operations.includes(operation)) operations.push(operation);
    }
  }
  return answer;
}

/** What is left in the end, without what differs from run to run. */
const endState = () => ({
  stacks: [...cloud.stacks.values()].map(({ name, status, template, terminationProtection }) => ({
    name,
    status,
    template,
    terminationProtection,
  })),
  operations: operations.map((operation) => operation.replace(/ arn:.*/, '')),
});

describe.each([
  ['creates', chain('First'), undefined],
  ['updates', chain('First', 'Second'), chain('First')],
])('a deployment that %s two stacks', (_, wanted, before) => {
  /** From the state before; calls of another run are not part of it. */
  async function start(fault?: Fault): Promise<DeployReport | undefined> {
    clock = new VirtualClock();
    cloud = new FakeCloudFormation(clock);
    if (before) await run(before);
    operations = [];
    cloud.calls.length = 0;
    return run(wanted, fault);
  }

  test.each(FAULTS)('ends the same if at any single call %s, and begins no operation twice', async (kind) => {
    // given a clean run
    expect(await start()).toMatchObject({ success: true });
    const calls = [...cloud.calls];
    const clean = endState();
    const verb = before ? 'UPDATE' : 'CREATE';
    expect(clean.operations).toEqual([`Data ${verb}_IN_PROGRESS`, `Service ${verb}_IN_PROGRESS`]);
    expect(calls.filter((call) => call === 'ExecuteChangeSet')).toHaveLength(2);

    for (const [index, name] of calls.entries()) {
      // when
      let report = await start({ call: index + 1, kind });
      if (kind !== 'its answer is lost') {
        expect(report).toBeUndefined();
        report = await run(wanted);
      }

      // then
      expect({ call: `${index + 1} ${name}`, success: report?.success, ...endState() }).toEqual({
        call: `${index + 1} ${name}`,
        success: true,
        ...clean,
      });
      // and there is nothing left to do
      const again = await run(wanted);
      expect(again?.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    }
  });
});
