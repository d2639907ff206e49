import { StackStatus } from '@aws-sdk/client-cloudformation';
import type { ProgressEvent } from '../progress/index.ts';
import { deploy, type DeployReport, type DeployRequest, outputsOf } from './index.ts';
import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { clock, cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { error } from '../cloudformation/testing/fake-stack.ts';

async function run(
  wanted: readonly TestStack[],
  options: Partial<DeployRequest> & { signal?: AbortSignal; onEvent?: (event: ProgressEvent) => void } = {},
): Promise<DeployReport> {
  const { onEvent, signal, ...request } = options;
  const listener = (event: ProgressEvent) => (events.push(event), onEvent?.(event));
  return deploy(
    { assembly: given(wanted), stacks: wanted.map(({ id }) => id), ...request },
    { ...dependencies(), listener, signal },
  );
}

const data: TestStack = { id: 'Data' };
const first = (report: DeployReport) => report.stacks[0]!;
const count = (action: string) => cloud.calls.filter((call) => call === action).length;

describe('from every status a stack can be in', () => {
  /** What a run from there ends with; what is not listed ends with an update. */
  const expected: Partial<Record<StackStatus, string>> = {
    REVIEW_IN_PROGRESS: 'created',
    ROLLBACK_COMPLETE: 'created',
    ROLLBACK_FAILED: 'created',
    CREATE_FAILED: 'created',
    DELETE_FAILED: 'created',
    DELETE_COMPLETE: 'created',
    DELETE_IN_PROGRESS: 'created',
    ROLLBACK_IN_PROGRESS: 'created',
    IMPORT_ROLLBACK_FAILED: 'failed',
  };
  /** What operations that are running when the run begins end in. */
  const endOf = (status: string) =>
    status === 'REVIEW_IN_PROGRESS' || !status.endsWith('_IN_PROGRESS')
      ? undefined
      : status.replace(/(_COMPLETE_CLEANUP)?_IN_PROGRESS$/, '_COMPLETE');

  test.each(Object.values(StackStatus))('%s', async (status) => {
    const ending = endOf(status);
    cloud.put('Data', status, ending ? { next: { at: clock.now() + 5000, status: ending } } : {});

    const report = await run([data]);

    expect(first(report).outcome).toBe(expected[status] ?? 'updated');
    if (first(report).outcome === 'failed') expect(first(report).failure?.message).toContain(status);
    else expect(cloud.stacks.get('Data')?.status).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
  });
});

describe('a stack without resources', () => {
  test('is skipped with a note, and what depends on it goes on', async () => {
    const empty = { id: 'Empty', template: { Resources: {} } };
    const report = await run([empty, { id: 'After', dependencies: ['Empty'] }]);
    expect(report).toMatchObject({ success: true, stacks: [{ outcome: 'unchanged' }, { outcome: 'created' }] });
    expect(first(report).notes).toEqual(['it has no resources: there is nothing to deploy']);
    expect([...cloud.stacks.keys()]).toEqual(['After']);
  });

  test('is not made of one that has some: deleting is said in so many words', async () => {
    await run([data]);
    const report = await run([{ ...data, template: {} }]);
    expect(first(report).failure).toMatchObject({
      code: 'EmptyStack',
      message: expect.stringMatching(
        /^Data: its template has no resources any more.*nx destroy <project> --stacks='Data'/,
      ),
    });
    expect(cloud.stacks.get('Data')?.status).toBe('CREATE_COMPLETE');
  });
});

test('what CloudFormation says of a stack that is done is noted', async () => {
  cloud.statusReasons.set('Data', 'One or more resources could not be deleted.');
  expect(first(await run([data])).notes).toEqual(['One or more resources could not be deleted.']);
});

describe('an operation that is running when the run begins', () => {
  test('is followed and counted as its own where an earlier run started it', async () => {
    await run([data]);
    const stack = cloud.stacks.get('Data')!;
    Object.assign(stack, {
      status: 'CREATE_IN_PROGRESS',
      next: { at: clock.now() + 60_000, status: 'CREATE_COMPLETE' },
    });
    cloud.calls.length = 0;

    const report = await run([data]);

    expect(first(report)).toMatchObject({ outcome: 'created', notes: ['started by an earlier run'] });
    expect(cloud.calls).not.toContain('CreateChangeSet');
    expect(cloud.calls).not.toContain('GetTemplate');
  });

  test('is waited for and reported where somebody else started it; then the stack is updated', async () => {
    cloud.put('Data', 'UPDATE_IN_PROGRESS', { next: { at: clock.now() + 60_000, status: 'UPDATE_COMPLETE' } });

    const report = await run([data]);

    expect(first(report).outcome).toBe('updated');
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'message',
        text: expect.stringMatching(/waiting for an operation that this run did not start/),
      }),
    );
  });

  test('is waited for where it began between the look and the change set', async () => {
    const stack = cloud.put('Data', 'UPDATE_COMPLETE');
    cloud.intercept = (action) => {
      if (action !== 'CreateChangeSet' || stack.next || stack.token) return;
      Object.assign(stack, {
        status: 'UPDATE_IN_PROGRESS',
        token: 'theirs',
        next: { at: clock.now() + 60_000, status: 'UPDATE_COMPLETE' },
      });
    };

    expect(first(await run([data])).outcome).toBe('updated');
  });

  test('is not waited for after an interruption', async () => {
    cloud.put('Data', 'UPDATE_IN_PROGRESS');
    const interrupt = new AbortController();

    const report = await run([data], {
      signal: interrupt.signal,
      onEvent: ({ type }) => type === 'message' && interrupt.abort(),
    });

    expect(first(report).outcome).toBe('skipped');
  });
});

describe('a stack that never came to life', () => {
  test('is not deleted against its termination protection', async () => {
    cloud.put('Data', 'ROLLBACK_COMPLETE', { terminationProtection: true });

    expect(first(await run([data])).failure).toMatchObject({ code: 'TerminationProtected' });
    expect(cloud.calls).not.toContain('DeleteStack');
  });

  test('is deleted once more when that fails, and then named with the resources that stay', async () => {
    cloud.put('Data', 'ROLLBACK_COMPLETE');
    cloud.endings.set('delete Data', ['DELETE_FAILED', 'DELETE_FAILED']);

    const { failure } = first(await run([data]));

    expect(count('DeleteStack')).toBe(2);
    expect(failure?.message).toMatch(/the deletion failed in .* at Queue .*status is DELETE_FAILED/);
  });

  test('is updated where it stands, when failed stacks are kept for a closer look', async () => {
    cloud.put('Data', 'CREATE_FAILED');
    const report = await run([data], { rollback: false });
    expect(cloud.calls).not.toContain('DeleteStack');
    expect(first(report).outcome).toBe('updated');
  });
});

describe('a rollback that got stuck', () => {
  test('is continued once', async () => {
    cloud.put('Data', 'UPDATE_ROLLBACK_FAILED');
    cloud.endings.set('continue Data', ['UPDATE_ROLLBACK_FAILED']);

    expect(first(await run([data])).failure?.message).toMatch(
      /the rollback failed .*UPDATE_ROLLBACK_FAILED.*nx rollback/,
    );
    expect(count('ContinueUpdateRollback')).toBe(1);
  });
});

describe('a failure', () => {
  test('names the resource that failed by itself, not the one that was cancelled', async () => {
    cloud.endings.set('execute Data', ['ROLLBACK_COMPLETE']);

    const { failure } = first(await run([data]));

    expect(failure?.causes).toEqual([
      { logicalId: 'Queue', resourceType: 'AWS::SQS::Queue', status: 'CREATE_FAILED', reason: 'Not allowed.' },
    ]);
    expect(failure?.message).toMatch(
      /^Data: the creation failed in 111111111111\/eu-west-1 at Queue \(AWS::SQS::Queue\): Not allowed; status is ROLLBACK_COMPLETE/,
    );
  });

  test('leaves the trace of what was thrown for those who ask for details', async () => {
    cloud.changeSetRefusal = 'Transform failed';
    await run([data]);
    expect(events).toContainEqual({
      type: 'message',
      level: 'debug',
      id: 'Data',
      text: expect.stringMatching(/Transform failed[^]*\n\s+at /),
    });
  });

  test('of a change set says why, and what the validation before it has found', async () => {
    cloud.changeSetRefusal = 'Transform failed';
    expect(first(await run([data])).failure).toMatchObject({
      code: 'ChangeSetFailed',
      message: expect.stringMatching(/^Data: CloudFormation refused the change set nx-cdk-.*: Transform failed\.$/),
    });

    cloud.changeSetRefusal = 'The following validation failed: [AWS::EarlyValidation::PropertyValidation].';
    const finding = { EventType: 'VALIDATION_ERROR', LogicalResourceId: 'Queue', ResourceType: 'AWS::SQS::Queue' };
    cloud.validationErrors = [
      { ...finding, ValidationStatusReason: 'Unsupported property [x]', ValidationPath: '/Resources/Queue' },
    ];
    const { failure } = first(await run([data]));
    expect(failure?.message).toMatch(/Queue: Unsupported property \[x\] at \/Resources\/Queue\.$/);
    expect(failure?.causes).toHaveLength(1);
  });

  test('in one group keeps later groups from starting', async () => {
    cloud.endings.set('execute staging-Data', ['ROLLBACK_COMPLETE']);
    const wanted = ['staging/Data', 'staging/Other', 'prod/Data'].map((id) => ({ id }));
    const promotion = [
      { name: 'staging', stackIds: ['staging/Data', 'staging/Other'] },
      { name: 'prod', stackIds: ['prod/Data'] },
    ];

    const report = await run(wanted, { promotion });

    expect(report.stacks.map(({ outcome, notes }) => [outcome, ...notes])).toEqual([
      ['failed'],
      ['created'],
      ['skipped', 'staging/Data failed'],
    ]);
  });
});

describe('an answer that gets lost', () => {
  test.each(['CreateChangeSet', 'ExecuteChangeSet', 'DeleteStack', 'DescribeStacks', 'DescribeChangeSet'])(
    'of %s does no harm',
    async (action) => {
      cloud.put('Data', 'ROLLBACK_COMPLETE');
      cloud.losing.add(action);

      expect(first(await run([data])).outcome).toBe('created');
      expect(cloud.stacks.get('Data')?.status).toBe('CREATE_COMPLETE');
    },
  );

  test('and a server that fails for a while do not fail what CloudFormation goes on doing', async () => {
    let failures = 0;
    cloud.intercept = (action) => {
      if (action === 'DescribeStacks' && count('ExecuteChangeSet') > 0 && failures++ < 3) {
        throw error('InternalFailure', 'try later', { $fault: 'server', $metadata: { httpStatusCode: 503 } });
      }
    };

    expect(first(await run([data])).outcome).toBe('created');
    expect(failures).toBeGreaterThan(3);
  });

  test.each([
    ['fails', () => Promise.reject(error('Throttling', 'Rate exceeded'))],
    ['is never answered', () => new Promise<void>(() => {})],
  ])('a read for the display that %s neither delays nor fails the end', async (_, answer) => {
    cloud.intercept = (action) => (action === 'DescribeStackEvents' ? answer() : undefined);

    expect(first(await run([data])).outcome).toBe('created');
    expect(count('DescribeStackEvents')).toBeGreaterThan(0);
  });

  test('a read that lags behind the execution is not taken for success', async () => {
    await run([data]);
    cloud.lag = 8000;
    cloud.endings.set('execute Data', ['UPDATE_ROLLBACK_COMPLETE']);

    const report = await run([{ ...data, template: queues('Queue', 'Other') }]);

    expect(first(report).outcome).toBe('failed');
  });
});

describe('what is unchanged', () => {
  test('is told by one look, whose change set carries the digest', async () => {
    await run([data]);
    cloud.calls.length = 0;

    expect(first(await run([data])).outcome).toBe('unchanged');
    expect(cloud.calls).toEqual(['DescribeStacks']);
  });

  test('and reads from SSM is told, with the way to have CloudFormation look', async () => {
    const Queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: '{{resolve:ssm:/shop/name}}' } };
    const reading = { ...data, template: { Resources: { Queue } } };
    await run([reading]);

    expect(first(await run([reading]))).toMatchObject({
      outcome: 'unchanged',
      notes: ['{{resolve:ssm:/shop/name}} may have changed in SSM: --force lets CloudFormation look'],
    });
  });

  test('is compared by template where the last operation was not that of the change set', async () => {
    await run([data]);
    const stack = cloud.stacks.get('Data')!;
    stack.updatedAt = clock.now() + 600_000;
    stack.template = JSON.stringify(queues('Foreign'));
    cloud.calls.length = 0;

    expect(first(await run([data])).outcome).toBe('updated');
    expect(cloud.calls.slice(0, 2)).toEqual(['DescribeStacks', 'GetTemplate']);
  });

  test('by the words of CloudFormation leaves no change set', async () => {
    cloud.put('Data', 'UPDATE_COMPLETE');
    cloud.emptyChangeSets = true;

    expect(first(await run([data], { force: true })).outcome).toBe('unchanged');
    expect(count('DeleteChangeSet')).toBe(1);
    expect(cloud.calls).not.toContain('ExecuteChangeSet');
  });

  test('is not believed of the template after a rollback', async () => {
    await run([data]);
    cloud.stacks.get('Data')!.status = 'UPDATE_ROLLBACK_COMPLETE';
    cloud.calls.length = 0;

    expect(first(await run([data])).outcome).toBe('unchanged');
    expect(cloud.calls).toEqual(['DescribeStacks', 'GetTemplate']);
  });
});

describe('many stacks', () => {
  test('are followed together: a thousand cost few looks', async () => {
    const wanted = Array.from({ length: 1000 }, (_, index) => ({ id: `Stack${index}` }));

    const report = await run(wanted, { concurrency: 100, concurrencyPerTarget: 100 });

    expect(report.stacks.every(({ outcome }) => outcome === 'created')).toBe(true);
    expect(count('DescribeStacks') / wanted.length).toBeLessThan(1);
  });
});

test('outputs are told by stack name, and by id if several stacks have that name', () => {
  const stacks = [
    { id: 'west/Data', stackName: 'data', outputs: { Url: 'a' } },
    { id: 'east/Data', stackName: 'data', outputs: { Url: 'b' } },
    { id: 'east/Web', stackName: 'web', outputs: { Url: 'c' } },
  ];
  expect(outputsOf(stacks)).toEqual({
    'west/Data': { Url: 'a' },
    'east/Data': { Url: 'b' },
    web: { Url: 'c' },
  });
});

describe('a request that makes no sense', () => {
  test('is refused before anything is asked of AWS', async () => {
    await expect(run([data], { stacks: ['Missing'] })).rejects.toMatchObject({ code: 'UnknownStack' });
    await expect(run([data, { id: 'Copy', stackName: 'Data' }])).rejects.toMatchObject({ code: 'DuplicateStack' });
    expect(cloud.calls).toEqual([]);
  });
});
