import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { clock, cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { deploy, type DeployRequest } from '../deploy/index.ts';
import { preview } from './preview.ts';

function app(stacks: readonly TestStack[], options: Partial<DeployRequest> = {}) {
  const request = { assembly: given(stacks), stacks: stacks.map(({ id }) => id), ...options };
  return {
    deploy: () => deploy(request, dependencies()),
    preview: () => preview(request, dependencies(), 'deploy (dry run)'),
  };
}

const CHANGED = queues('Queue', 'Second');

test('lists what a creation would add, and leaves nothing behind', async () => {
  const { report, planned } = await app([{ id: 'Data', template: CHANGED }]).preview();

  expect(report).toMatchObject({ success: true, stacks: [{ outcome: 'planned', changes: { added: 2 }, outputs: {} }] });
  expect(planned).toMatchObject([{ outcome: 'create', changes: [{ logicalId: 'Queue' }, { logicalId: 'Second' }] }]);
  expect(cloud.calls).not.toContain('CreateChangeSet');
});

test('asks CloudFormation about an update, reads the deployed template once, and changes nothing', async () => {
  await app([{ id: 'Data' }, { id: 'Same' }]).deploy();
  cloud.calls.length = 0;

  const { report, planned } = await app([{ id: 'Data', template: CHANGED }, { id: 'Same' }]).preview();

  expect(report.stacks.map(({ outcome }) => outcome)).toEqual(['planned', 'unchanged']);
  expect(report.stacks[0]!.notes).toEqual(['template differs']);
  expect(planned.map(({ outcome }) => outcome)).toEqual(['update', 'unchanged']);
  expect(cloud.calls.filter((call) => call === 'GetTemplate')).toHaveLength(1);
  expect(cloud.calls).toEqual(expect.arrayContaining(['CreateChangeSet', 'DeleteChangeSet']));
  expect(cloud.calls).not.toContain('ExecuteChangeSet');
});

test('is told as what it is for, and counts in the words of a deployment', async () => {
  await app([{ id: 'Data' }]).preview();
  expect(events).toContainEqual(expect.objectContaining({ type: 'run-started', action: 'deploy (dry run)' }));
  expect(events.at(-1)).toMatchObject({ type: 'run-finished', success: true, summary: '1 stack: 1 planned' });
});

test.each([
  ['UPDATE_IN_PROGRESS', 'status is UPDATE_IN_PROGRESS: the running operation would be waited for first'],
  ['UPDATE_FAILED', 'status is UPDATE_FAILED: the stack would be rolled back first'],
  ['UPDATE_ROLLBACK_FAILED', 'status is UPDATE_ROLLBACK_FAILED: the rollback would be continued first'],
  [
    'IMPORT_ROLLBACK_FAILED',
    'status is IMPORT_ROLLBACK_FAILED: the stack has to be repaired in the CloudFormation console first',
  ],
])('says what comes first for a stack in %s', async (status, note) => {
  cloud.put('Data', status);
  const { report, planned, unclear } = await app([{ id: 'Data' }]).preview();
  expect(report).toMatchObject({ success: true, stacks: [{ outcome: 'planned', notes: [note] }] });
  expect(unclear).toMatchObject([{ code: 'Unplannable', subject: 'Data' }]);
  expect(planned).toEqual([]);
  expect(cloud.stacks.get('Data')!.status).toBe(status);
});

test('would delete what never came to life, or update it if failed stacks are kept', async () => {
  cloud.put('Data', 'CREATE_FAILED');
  const anew = await app([{ id: 'Data' }]).preview();
  expect(anew.planned).toMatchObject([{ outcome: 'recreate' }]);
  const kept = await app([{ id: 'Data' }], { rollback: false }).preview();
  expect(kept.planned).toMatchObject([{ outcome: 'update' }]);
  expect(cloud.calls).not.toContain('DeleteStack');
});

test('tells of termination protection that a deployment would switch', async () => {
  await app([{ id: 'Data' }]).deploy();
  const { report } = await app([{ id: 'Data', terminationProtection: true }]).preview();
  expect(report.stacks[0]).toMatchObject({ outcome: 'planned', notes: ['termination protection enabled'] });
  expect(cloud.calls).not.toContain('UpdateTerminationProtection');
});

test('looks again at a stack that somebody has begun to change', async () => {
  await app([{ id: 'Data' }]).deploy();
  const stack = cloud.stacks.get('Data')!;
  cloud.intercept = (action) => {
    if (action !== 'CreateChangeSet' || stack.token === 'theirs') return;
    Object.assign(stack, {
      status: 'UPDATE_IN_PROGRESS',
      token: 'theirs',
      next: { at: clock.now() + 60_000, status: 'UPDATE_COMPLETE' },
    });
  };
  const { report } = await app([{ id: 'Data', template: CHANGED }]).preview();
  expect(report.stacks[0]!.notes).toEqual([expect.stringContaining('status is UPDATE_IN_PROGRESS')]);
});
