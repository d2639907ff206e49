import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { deploy } from './index.ts';
import type { DeployRequest } from './request.ts';

const data = { id: 'Data' };
const changed = { ...data, template: queues('Queue', 'Other') };
const REPLACED = {
  Action: 'Modify',
  LogicalResourceId: 'Queue',
  ResourceType: 'AWS::SQS::Queue',
  Replacement: 'True',
};

/** Inputs of requests, by action, in order. */
let sent: Record<string, { DeploymentConfig?: object; DisableRollback?: boolean }[]>;

beforeEach(() => {
  sent = {};
  cloud.intercept = (action, input) => void (sent[action] ??= []).push(input as object);
});

const run = (stacks: readonly TestStack[], more: Partial<DeployRequest> = {}) =>
  deploy(
    { assembly: given(stacks), stacks: stacks.map(({ id }) => id), deploymentMode: () => 'express', ...more },
    dependencies(),
  );

/** Leaves the stack behind as a failed update in express mode does. */
async function failUpdate(): Promise<void> {
  await run([data]);
  cloud.endings.set('execute Data', ['UPDATE_FAILED']);
  await run([changed]);
  sent = {};
}

describe('a deployment in express mode', () => {
  test('says so in the change set, and leaves rollback to CloudFormation, which has it off', async () => {
    const report = await run([data]);
    expect(sent['CreateChangeSet']).toMatchObject([{ DeploymentConfig: { Mode: 'EXPRESS' } }]);
    expect(sent['CreateChangeSet']![0]!.DeploymentConfig).not.toHaveProperty('DisableRollback');
    expect(sent['ExecuteChangeSet']![0]).not.toHaveProperty('DisableRollback');
    expect(report.stacks[0]).toMatchObject({
      outcome: 'created',
      notes: ['express mode: its resources may still become ready'],
    });
  });

  test('tells once what that means, and nothing if nothing changes', async () => {
    await run([data, { id: 'Web' }]);
    const told = () => events.filter((event) => event.type === 'message' && /^Express mode/.test(event.text));
    expect(told()).toHaveLength(1);

    events.length = 0;
    const again = await run([data, { id: 'Web' }]);

    expect(again.stacks.map(({ outcome, notes }) => [outcome, notes])).toEqual([
      ['unchanged', []],
      ['unchanged', []],
    ]);
    expect(told()).toEqual([]);
  });

  test.each([
    [true, { Mode: 'EXPRESS', DisableRollback: false }],
    [false, { Mode: 'EXPRESS' }],
  ])('with rollback %s', async (rollback, config) => {
    await run([data], { rollback });
    expect(sent['CreateChangeSet']![0]!.DeploymentConfig).toEqual(config);
  });

  test('is each stack of its own, and standard ones send what they always sent', async () => {
    await run([data, { id: 'Web' }], { deploymentMode: (id) => (id === 'Web' ? 'express' : 'standard') });
    const byStack = new Map(
      sent['CreateChangeSet']!.map((input) => [(input as { StackName?: string }).StackName, input]),
    );
    expect(byStack.get('Data')!.DeploymentConfig).toBeUndefined();
    expect(byStack.get('Web')!.DeploymentConfig).toEqual({ Mode: 'EXPRESS' });
    expect(sent['ExecuteChangeSet']!.map(({ DisableRollback }) => DisableRollback).sort()).toEqual([false, undefined]);
  });

  test('finds what a deployment in the other mode made unchanged', async () => {
    await run([data], { deploymentMode: undefined });
    expect((await run([data])).stacks[0]?.outcome).toBe('unchanged');
  });
});

describe('a deployment that failed in express mode', () => {
  test('says that only another one in express mode leads on', async () => {
    await run([data]);
    cloud.endings.set('execute Data', ['UPDATE_FAILED']);
    const { failure } = (await run([changed])).stacks[0]!;
    expect(failure?.message).toMatch(/status is UPDATE_FAILED: .*again with --express: nothing else leads it on/);
  });

  test('goes on where it stopped', async () => {
    await failUpdate();
    expect((await run([changed])).stacks[0]?.outcome).toBe('updated');
    expect(Object.keys(sent)).not.toEqual(expect.arrayContaining(['RollbackStack', 'DeleteStack']));
  });

  test('of a new stack as well', async () => {
    cloud.endings.set('execute Data', ['CREATE_FAILED']);
    await run([data]);
    expect((await run([changed])).stacks[0]?.outcome).toBe('updated');
    expect(cloud.calls).not.toContain('DeleteStack');
  });

  test.each<[string, Partial<DeployRequest>]>([
    ['in standard mode', { deploymentMode: undefined }],
    ['with rollback', { rollback: true }],
  ])('is not led on %s, before anything is sent', async (_, more) => {
    await failUpdate();
    expect((await run([changed], more)).stacks[0]?.failure).toMatchObject({
      code: 'StuckStack',
      message: expect.stringMatching(
        /UPDATE_FAILED, since a deployment in express mode failed.*deploy again with --exp/,
      ),
    });
    expect(Object.keys(sent)).toEqual(['DescribeStacks']);
  });

  test('does not count as unchanged where CloudFormation sees nothing to change', async () => {
    await failUpdate();
    cloud.emptyChangeSets = true;
    expect((await run([changed])).stacks[0]?.failure).toMatchObject({
      code: 'StuckStack',
      message: expect.stringMatching(/UPDATE_FAILED, and CloudFormation sees nothing to change/),
    });
  });
});

describe('a replacement, which CloudFormation makes only with rollback', () => {
  beforeEach(async () => {
    await run([data]);
    sent = {};
    cloud.resourceChanges = [REPLACED];
  });

  test.each(['True', 'Conditional'])('turns it on in express mode (%s)', async (Replacement) => {
    cloud.resourceChanges = [{ ...REPLACED, Replacement }];
    const report = await run([changed]);
    expect(sent['CreateChangeSet']!.map(({ DeploymentConfig }) => DeploymentConfig)).toEqual([
      { Mode: 'EXPRESS' },
      { Mode: 'EXPRESS', DisableRollback: false },
    ]);
    expect(sent['DeleteChangeSet']).toHaveLength(1);
    expect(report.stacks[0]).toMatchObject({
      outcome: 'updated',
      notes: expect.arrayContaining([expect.stringMatching(/^with rollback, because/)]),
    });
  });

  test.each<[string, Partial<DeployRequest>]>([
    ['express', {}],
    ['standard', { deploymentMode: undefined }],
  ])('is refused in %s mode where rollback is off, and leaves no change set', async (_, more) => {
    expect((await run([changed], { ...more, rollback: false })).stacks[0]?.failure).toMatchObject({
      code: 'ReplacementNeedsRollback',
      message: expect.stringMatching(/would replace Queue \(AWS::SQS::Queue\).*: leave --no-rollback out\.$/),
    });
    expect(sent['DeleteChangeSet']).toHaveLength(1);
    expect(sent['ExecuteChangeSet']).toBeUndefined();
  });

  test('is refused where the stack has failed, since rollback cannot be on then', async () => {
    cloud.resourceChanges = [];
    await failUpdate();
    cloud.resourceChanges = [REPLACED];
    expect((await run([changed])).stacks[0]?.failure).toMatchObject({
      code: 'ReplacementNeedsRollback',
      message: expect.stringMatching(/its status is UPDATE_FAILED: deploy what worked last, and then this/),
    });
  });
});
