import { writeFileSync } from 'node:fs';
import { DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import type { Assembly } from 'nx-cdk/src/assembly/model.ts';
import { openTestBed, rootClients, STAGING, type TestBed } from 'test-bed';
import { synth } from '../bed/apps.ts';
import { outcomes, ship } from '../bed/ship.ts';
import { twoTopics, type Version } from './apps.ts';

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
});

afterAll(() => bed?.close());

const app = (name: string, version: Version): Assembly =>
  synth(bed.folder, `${name}-${Object.values(version).join('-')}`, twoTopics(name, version));
const send = (assembly: Assembly, options = {}) => ship(assembly, { environment: bed.environment(), ...options });
const client = () => rootClients(bed.local, STAGING).cloudFormation();

async function stackNamed(name: string) {
  const { Stacks } = await client().send(new DescribeStacksCommand({ StackName: name }));
  const [{ StackStatus: status, Outputs = [] }] = Stacks as [(typeof Stacks & object)[number]];
  return { status, exports: Outputs.flatMap(({ ExportName }) => ExportName ?? []) };
}

/** The operations that a stack has gone through. */
async function operationsOf(name: string) {
  const { StackEvents = [] } = await client().send(new DescribeStackEventsCommand({ StackName: name }));
  const own = StackEvents.filter(({ LogicalResourceId }) => LogicalResourceId === name);
  return own
    .map(({ ResourceStatus }) => ResourceStatus)
    .filter((status) => !status!.endsWith('_IN_PROGRESS'))
    .reverse();
}

describe('an export that nobody needs any more, and that a stack of the run still imports', () => {
  test('goes in two steps by itself', async () => {
    // given
    await send(app('Plain', { uses: true }));
    expect((await stackNamed('Plain-A')).exports).toHaveLength(2);

    // when
    const shipment = await send(app('Plain', { uses: false }));

    // then
    expect(outcomes(shipment)).toMatchObject({ A: 'updated', B: 'updated' });
    expect(await stackNamed('Plain-A')).toEqual({
      status: 'UPDATE_COMPLETE',
      exports: [expect.stringContaining('One')],
    });
    const [a, b] = shipment.deployed.stacks;
    expect(a!.notes.join()).toMatch(/two steps: keeps its exports Plain-A:\S*Two\S* until B no longer imports them/);
    expect(b!.notes.join()).toMatch(/then A without its exports Plain-A:\S*Two/);
    expect(Object.keys(a!.outputs)).toEqual([expect.stringContaining('One')]);

    // and the next run finds nothing to do
    expect(outcomes(await send(app('Plain', { uses: false })))).toMatchObject({ A: 'unchanged', B: 'unchanged' });
  });

  test('goes with the resource behind it, while a new one arrives that the same stack needs', async () => {
    await send(app('Swap', { uses: true }));
    const shipment = await send(app('Swap', { uses: false, has: false, more: 'Three' }));
    expect(outcomes(shipment)).toMatchObject({ A: 'updated', B: 'updated' });
    expect((await stackNamed('Swap-A')).exports).toEqual([
      expect.stringContaining('One'),
      expect.stringContaining('Three'),
    ]);
    expect(shipment.deployed.stacks[0]!.changes).toMatchObject({ added: 1, removed: 1 });
    expect(await operationsOf('Swap-A')).toEqual(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE']);
  });

  test.each([
    ['the stack that imports it', 1, 'B: '],
    ['the second step', 2, 'A: '],
  ])('stays if %s fails, and goes with the next run', async (_, nth, subject) => {
    // given
    const name = `Later${nth}`;
    await send(app(name, { uses: true }));
    const next = app(name, { uses: false });
    const proxy = await bed.proxy();
    const fault = proxy.fail({
      match: { service: 'cloudformation', action: 'ExecuteChangeSet' },
      with: { status: 403, code: 'AccessDenied' },
      nth,
    });

    // when
    const failed = await ship(next, { environment: bed.environment(proxy) });

    // then
    expect(fault.injected).toBe(1);
    expect(outcomes(failed)).toMatchObject({ B: expect.stringContaining(subject) });
    expect((await stackNamed(`${name}-A`)).exports).toHaveLength(2);
    expect((await send(next)).deployed.success).toBe(true);
    expect((await stackNamed(`${name}-A`)).exports).toHaveLength(1);
  });
});

describe('an export that cannot go is found before anything changes', () => {
  async function expectRefusal(name: string, assembly: Assembly, sentence: RegExp, options = {}) {
    const { deployed } = await send(assembly, options);
    const failure = deployed.stacks.map((stack) => stack.failure).find((one) => one !== undefined);
    expect(failure).toMatchObject({ code: 'ExportInUse', message: expect.stringMatching(sentence) });
    expect(await operationsOf(`${name}-A`)).toEqual(['CREATE_COMPLETE']);
    expect(await operationsOf(`${name}-B`)).toEqual(['CREATE_COMPLETE']);
  }

  test('if the stack that imports it is not chosen: its id is named', async () => {
    await send(app('Chosen', { uses: true }));
    await expectRefusal(
      'Chosen',
      app('Chosen', { uses: false }),
      /^A: its new template no longer exports \S+Two\S+, which the stack Chosen-B in 111111111111\/eu-west-1 imports, .*: deploy B in the same run/,
      { stacks: ['A'] },
    );
  });

  test('if a stack of another app imports it: the two steps are named', async () => {
    // given
    const both = app('Other', { uses: true });
    await send(both);
    const [name] = (await stackNamed('Other-A')).exports.filter((one) => one.includes('Two'));
    const other = synth(bed.folder, 'Other-importing', (root) => {
      const c = new Stack(root, 'C', { env: STAGING, stackName: 'Other-C' });
      new CfnTopic(c, 'Topic');
      new CfnOutput(c, 'Uses', { value: `{{${name}}}` });
    });
    const file = other.stacks[0]!.templateFile;
    const template = {
      Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
      Outputs: { Uses: { Value: { 'Fn::ImportValue': name } } },
    };
    writeFileSync(file, JSON.stringify(template));
    await send(other);

    // then
    await expectRefusal(
      'Other',
      app('Other', { uses: false }),
      /which the stack Other-C in \S+ imports, and which is not part of this run: keep the export \(this\.exportValue in A\) until/,
    );
  });

  test('if the template in between is too large to be sent: the two steps are named', async () => {
    await send(app('Large', { uses: true, padding: 60_000 }));
    await expectRefusal(
      'Large',
      app('Large', { uses: false, padding: 60_000 }),
      /^A: it loses exports that are in use \(.*Two.*\), and cannot keep them for a while: that template would have \d+ bytes.*: deploy twice: first with this\.exportValue in A/,
    );
  });

  test('if the resource behind it would be replaced: the stack itself does not change', async () => {
    await send(app('Replaced', { uses: true }));
    await expectRefusal(
      'Replaced',
      app('Replaced', { uses: true, named: 'another' }),
      /^A: .*Two would be replaced, and its export \S+ is in use by the stack Replaced-B in \S+: deploy in two steps/,
    );
  });
});
