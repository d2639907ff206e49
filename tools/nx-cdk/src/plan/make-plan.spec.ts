import type { ProgressEvent } from '../progress/index.ts';
import { deploy } from '../deploy/index.ts';
import { assemblyOf, queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { FakeCloudFormation } from '../cloudformation/testing/fake-cloudformation.ts';
import { VirtualClock } from '../cloudformation/testing/virtual-clock.ts';
import { makePlan } from './make-plan.ts';
import { planAsJson } from './plan-file.ts';

let clock: VirtualClock;
let cloud: FakeCloudFormation;
let events: ProgressEvent[];
const assemblies: { dispose(): void }[] = [];

beforeEach(() => {
  clock = new VirtualClock();
  cloud = new FakeCloudFormation(clock);
  events = [];
});

afterEach(() => {
  for (const assembly of assemblies.splice(0)) assembly.dispose();
});

function given(plans: readonly TestStack[]) {
  const assembly = assemblyOf(plans);
  assemblies.push(assembly);
  const stacks = plans.map(({ id }) => id);
  const dependencies = { aws: cloud.aws(), listener: (event: ProgressEvent) => void events.push(event), clock };
  return {
    deploy: () => deploy({ assembly, stacks }, dependencies),
    plan: () => makePlan({ project: 'shop', release: 'a'.repeat(64), assembly, stacks }, dependencies),
  };
}

const errors = () =>
  events.flatMap((event) => (event.type === 'message' && event.level === 'error' ? [event.text] : []));
const failures = () =>
  events.flatMap((event) => (event.type === 'item-finished' && event.outcome === 'failed' ? [event.detail] : []));

test('holds neither the time nor the order in which answers came: twice the same bytes', async () => {
  await given([{ id: 'One' }, { id: 'Two' }]).deploy();
  const next = given([{ id: 'Two', template: queues('Queue', 'Second') }, { id: 'One' }, { id: 'New' }]);

  const first = await next.plan();
  await clock.sleep(3600_000);
  const second = await next.plan();

  expect(first.success).toBe(true);
  expect(planAsJson(first.plan!)).toBe(planAsJson(second.plan!));
  expect(first.plan!.stacks.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
    'Two update',
    'One unchanged',
    'New create',
  ]);
});

test('is told as a plan, stack by stack, and executes nothing', async () => {
  await given([{ id: 'Data' }]).deploy();
  cloud.calls.length = 0;
  events = [];

  await given([{ id: 'Data', template: queues('Queue', 'Second') }]).plan();

  expect(cloud.calls).not.toContain('ExecuteChangeSet');
  expect(cloud.calls).toContain('DeleteChangeSet');
  expect(events.filter(({ type }) => type === 'run-started' || type === 'run-finished')).toEqual([
    expect.objectContaining({ type: 'run-started', action: 'plan' }),
    expect.objectContaining({ type: 'run-finished', success: true, summary: '1 stack: 1 to update' }),
  ]);
});

test.each(['ROLLBACK_COMPLETE', 'CREATE_FAILED'])(
  'deletes and creates anew what never came to life (%s)',
  async (status) => {
    cloud.put('Data', status);
    const { plan } = await given([{ id: 'Data' }]).plan();
    expect(plan!.stacks[0]).toMatchObject({
      outcome: 'recreate',
      basis: { status },
      changes: [{ action: 'Add', logicalId: 'Queue' }],
    });
    expect(cloud.stacks.get('Data')!.status).toBe(status);
  },
);

test('counts a stack that nobody has executed a change set of as none', async () => {
  cloud.put('Data', 'REVIEW_IN_PROGRESS');
  const { plan } = await given([{ id: 'Data' }]).plan();
  expect(plan!.stacks[0]).toMatchObject({ outcome: 'create', basis: null });
});

test.each([
  [
    'UPDATE_IN_PROGRESS',
    /Data: what changes depends on how that ends: status is UPDATE_IN_PROGRESS: .*plan again when it is done/,
  ],
  ['UPDATE_ROLLBACK_FAILED', /Data: .*status is UPDATE_ROLLBACK_FAILED: .*nx rollback/],
  ['IMPORT_ROLLBACK_FAILED', /Data: .*status is IMPORT_ROLLBACK_FAILED: .*repair it, then plan again/],
])('there is none if what changes depends on what comes before (%s)', async (status, sentence) => {
  cloud.put('Data', status);
  const report = await given([{ id: 'Data' }, { id: 'Other' }]).plan();
  expect(report).toMatchObject({ success: false, failures: [expect.stringMatching(sentence)] });
  expect(report.plan).toBeUndefined();
  expect(errors()).toEqual([expect.stringMatching(sentence)]);
});

test('there is none if CloudFormation refuses a change set, which is said once', async () => {
  await given([{ id: 'Data' }]).deploy();
  cloud.changeSetRefusal = 'Parameter validation failed';
  events = [];

  const report = await given([{ id: 'Data', template: queues('Other') }]).plan();

  expect(report.success).toBe(false);
  expect(report.failures).toEqual([
    expect.stringMatching(/^Data: CloudFormation refused .*Parameter validation failed/),
  ]);
  expect(failures()).toEqual(report.failures);
  expect(errors()).toEqual([]);
});

test('lists all that the new template allows where the deployed one was written by hand', async () => {
  cloud.put('Data', 'UPDATE_COMPLETE', { template: 'Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n' });
  const { plan } = await given([{ id: 'Data' }]).plan();
  expect(plan!.stacks[0]!.permissions).toEqual({
    widened: true,
    lines: [{ widens: true, text: '? the deployed template is no JSON: everything that the new one allows is listed' }],
  });
});
