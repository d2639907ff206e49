import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { clock, cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { deploy } from '../deploy/index.ts';
import { makePlan } from './make-plan.ts';
import { planAsJson } from './plan-file.ts';

function app(wanted: readonly TestStack[]) {
  const request = { assembly: given(wanted), stacks: wanted.map(({ id }) => id) };
  return {
    deploy: () => deploy(request, dependencies()),
    plan: () => makePlan({ project: 'shop', release: 'a'.repeat(64), ...request }, dependencies()),
  };
}

const errors = () =>
  events.flatMap((event) => (event.type === 'message' && event.level === 'error' ? [event.text] : []));
const failures = () =>
  events.flatMap((event) => (event.type === 'item-finished' && event.outcome === 'failed' ? [event.detail] : []));

test('holds neither the time nor the order in which answers came: twice the same bytes', async () => {
  await app([{ id: 'One' }, { id: 'Two' }]).deploy();
  const next = app([{ id: 'Two', template: queues('Queue', 'Second') }, { id: 'One' }, { id: 'New' }]);

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
  await app([{ id: 'Data' }]).deploy();
  cloud.calls.length = 0;
  events.length = 0;

  await app([{ id: 'Data', template: queues('Queue', 'Second') }]).plan();

  expect(cloud.calls).not.toContain('ExecuteChangeSet');
  expect(cloud.calls).toContain('DeleteChangeSet');
  expect(events.filter(({ type }) => type === 'run-started' || type === 'run-finished')).toEqual([
    expect.objectContaining({ type: 'run-started', action: 'plan' }),
    expect.objectContaining({ type: 'run-finished', success: true, summary: '1 stack: 1 to update' }),
  ]);
});

test('names outputs that are added, changed and removed, with no value', async () => {
  const template = (Outputs: object) => ({ ...queues('Queue'), Outputs });
  const value = (Value: unknown) => ({ Value });
  await app([{ id: 'Data', template: template({ Kept: value('k'), Url: value('old'), Gone: value('it') }) }]).deploy();
  const after = template({ More: value('it'), Url: value({ Ref: 'Queue' }), Kept: value('k') });

  const { plan } = await app([{ id: 'Data', template: after }]).plan();

  expect(plan!.stacks[0]).toMatchObject({
    outcome: 'update',
    outputs: { added: ['More'], changed: ['Url'], removed: ['Gone'] },
  });
  expect(planAsJson(plan!)).not.toContain('old');
});

test.each(['ROLLBACK_COMPLETE', 'CREATE_FAILED'])(
  'deletes and creates anew what never came to life (%s)',
  async (status) => {
    cloud.put('Data', status);
    const { plan } = await app([{ id: 'Data' }]).plan();
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
  const { plan } = await app([{ id: 'Data' }]).plan();
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
  const report = await app([{ id: 'Data' }, { id: 'Other' }]).plan();
  expect(report).toMatchObject({ success: false, failures: [expect.stringMatching(sentence)] });
  expect(report.plan).toBeUndefined();
  expect(errors()).toEqual([expect.stringMatching(sentence)]);
});

test('there is none if CloudFormation refuses a change set, which is said once', async () => {
  await app([{ id: 'Data' }]).deploy();
  cloud.changeSetRefusal = 'Parameter validation failed';
  events.length = 0;

  const report = await app([{ id: 'Data', template: queues('Other') }]).plan();

  expect(report.success).toBe(false);
  expect(report.failures).toEqual([
    expect.stringMatching(/^Data: CloudFormation refused .*Parameter validation failed/),
  ]);
  expect(failures()).toEqual(report.failures);
  expect(errors()).toEqual([]);
});

test('lists all that the new template allows where the deployed one was written by hand', async () => {
  cloud.put('Data', 'UPDATE_COMPLETE', { template: 'Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n' });
  const { plan } = await app([{ id: 'Data' }]).plan();
  expect(plan!.stacks[0]!.permissions).toEqual({
    widened: true,
    lines: [{ widens: true, text: '? the deployed template is no JSON: everything that the new one allows is listed' }],
  });
});
