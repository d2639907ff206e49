import { clock, cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { error } from '../cloudformation/testing/fake-stack.ts';
import { detectDrift, type DriftReport } from './index.ts';

const ORIGIN = { constructPath: 'prod/Data/Queue/Resource', source: 'data.ts:14' };
const data = { id: 'prod/Data', resources: new Map([['Queue', ORIGIN]]) };
const drift = (LogicalResourceId: string, StackResourceDriftStatus: string, more: object = {}) => ({
  LogicalResourceId,
  StackResourceDriftStatus,
  ResourceType: 'AWS::SQS::Queue',
  PhysicalResourceId: `https://${LogicalResourceId}`,
  ...more,
});
const summary = (LogicalResourceId: string, ResourceType: string, more: object = {}) => ({
  LogicalResourceId,
  ResourceType,
  DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  ...more,
});
const changed = (PropertyPath: string, ExpectedValue: string, ActualValue: string, DifferenceType = 'NOT_EQUAL') => ({
  PropertyPath,
  ExpectedValue,
  ActualValue,
  DifferenceType,
});

async function look(stacks: readonly { readonly id: string }[] = [data], signal?: AbortSignal): Promise<DriftReport> {
  const request = { assembly: given(stacks), stacks: stacks.map(({ id }) => id) };
  return detectDrift(request, { ...dependencies(), signal });
}

/** What people read of the stacks. */
const shown = () =>
  events.flatMap((event) => (event.type === 'item-finished' ? [event.detail ?? '', ...(event.lines ?? [])] : []));

describe('a stack that drifted', () => {
  test('is shown by property, with where the app makes the resource, and secrets masked', async () => {
    // given
    cloud.put('prod-Data', 'CREATE_COMPLETE');
    const properties = [
      changed('/VisibilityTimeout', '30', '60'),
      changed('/Tags/0', 'null', '{"Key":"team","Value":"not-to-be-seen"}', 'ADD'),
      changed('/Environment/Variables/A~1B', 'was-secret', 'is-secret'),
      changed('/DelaySeconds', '5', 'null', 'REMOVE'),
    ];
    cloud.drift.found.set('prod-Data', [
      drift('Queue', 'MODIFIED', { PropertyDifferences: properties }),
      drift('Gone', 'DELETED'),
    ]);

    // when
    const report = await look();

    // then
    expect(report).toMatchObject({ success: true, drifted: true, stacks: [{ id: 'prod/Data', outcome: 'drifted' }] });
    expect(report.stacks[0]!.resources).toEqual([
      {
        logicalId: 'Queue',
        physicalId: 'https://Queue',
        resourceType: 'AWS::SQS::Queue',
        ...ORIGIN,
        status: 'modified',
        properties: [
          { path: 'DelaySeconds', difference: 'removed', expected: 5 },
          { path: 'Environment.Variables.A/B', difference: 'changed', expected: '****', actual: '**** (2)' },
          { path: 'Tags.0', difference: 'added', actual: { Key: 'team', Value: '****' } },
          { path: 'VisibilityTimeout', difference: 'changed', expected: 30, actual: 60 },
        ],
      },
      expect.objectContaining({ logicalId: 'Gone', status: 'deleted', properties: [] }),
    ]);
    expect(shown()).toEqual([
      '1 resource changed, 1 deleted',
      'changed: Queue (AWS::SQS::Queue, prod/Data/Queue/Resource, data.ts:14)',
      '  DelaySeconds: removed 5',
      '  Environment.Variables.A/B: **** -> **** (2)',
      '  Tags.0: added {"Key":"team","Value":"****"}',
      '  VisibilityTimeout: 30 -> 60',
      'deleted: Gone (AWS::SQS::Queue)',
    ]);
    expect(JSON.stringify([report, events])).not.toMatch(/not-to-be-seen|was-secret|is-secret/);
  });

  test('has drifted if a nested stack has, into which CloudFormation does not look by itself', async () => {
    cloud.put('prod-Data', 'CREATE_COMPLETE');
    const nested = cloud.put('nested', 'CREATE_COMPLETE');
    cloud.drift.resources.set('prod-Data', [
      summary('Network', 'AWS::CloudFormation::Stack', { PhysicalResourceId: nested.id }),
    ]);
    cloud.drift.found.set('nested', [drift('Queue', 'MODIFIED')]);
    const { stacks } = await look();
    expect(stacks[0]).toMatchObject({ outcome: 'drifted', notChecked: [] });
    expect(stacks[0]!.resources).toMatchObject([{ logicalId: 'Queue', nestedIn: 'Network' }]);
    // A logical id of a nested template is not that of the same name outside.
    expect(shown()).toContain('changed: Network/Queue (AWS::SQS::Queue)');
  });
});

test('a stack without drift says what was not checked', async () => {
  cloud.put('prod-Data', 'UPDATE_COMPLETE');
  cloud.drift.resources.set('prod-Data', [
    summary('Queue', 'AWS::SQS::Queue', { DriftInformation: { StackResourceDriftStatus: 'IN_SYNC' } }),
    summary('Odd', 'Custom::Odd'),
    summary('CDKMetadata', 'AWS::CDK::Metadata'),
  ]);
  expect(await look()).toMatchObject({
    success: true,
    drifted: false,
    stacks: [{ outcome: 'in-sync', resources: [], notChecked: [{ logicalId: 'Odd', resourceType: 'Custom::Odd' }] }],
  });
  expect(shown()).toEqual(['it is as it was deployed', 'CloudFormation does not check Odd (Custom::Odd)']);
});

test('stacks that are not deployed, are being deployed, or fail are told apart, and stop no other', async () => {
  cloud.put('review', 'REVIEW_IN_PROGRESS');
  cloud.put('busy', 'UPDATE_IN_PROGRESS');
  cloud.put('broken', 'ROLLBACK_COMPLETE');
  cloud.put('fine', 'CREATE_COMPLETE');
  cloud.intercept = (action, { StackName }) => {
    if (action === 'DetectStackDrift' && StackName.includes('/broken/'))
      throw error('ValidationError', 'Stack [broken] is in ROLLBACK_COMPLETE state');
  };
  const { success, stacks } = await look(['none', 'review', 'busy', 'broken', 'fine'].map((id) => ({ id })));
  expect(success).toBe(false);
  expect(stacks).toMatchObject([
    { outcome: 'not-deployed' },
    { outcome: 'not-deployed' },
    { outcome: 'skipped', reason: expect.stringMatching(/^UPDATE_IN_PROGRESS: somebody's operation is running/) },
    { outcome: 'failed', failure: { message: expect.stringMatching(/^broken: .*ROLLBACK_COMPLETE/) } },
    { outcome: 'in-sync' },
  ]);
  expect(events.at(-1)).toMatchObject({ summary: expect.stringMatching(/2 not deployed, 1 without drift, 1 failed/) });
});

describe('what CloudFormation could not find out', () => {
  test('of a resource is a failure that names it, beside what it did find', async () => {
    cloud.put('prod-Data', 'CREATE_COMPLETE');
    cloud.drift.statuses.push({ DetectionStatus: 'DETECTION_FAILED', DetectionStatusReason: 'some failed' });
    cloud.drift.found.set('prod-Data', [
      drift('Queue', 'UNKNOWN', { DriftStatusReason: 'not authorized' }),
      drift('Gone', 'DELETED'),
    ]);
    const { success, drifted, stacks } = await look();
    expect({ success, drifted }).toEqual({ success: false, drifted: true });
    expect(stacks[0]).toMatchObject({
      outcome: 'failed',
      failure: { code: 'DriftUnknown', message: expect.stringMatching(/could not read Queue \(.*: not authorized/) },
    });
    expect(shown()).toContain('deleted: Gone (AWS::SQS::Queue)');
  });

  test('of a whole stack is a failure with its reason', async () => {
    cloud.put('prod-Data', 'CREATE_COMPLETE');
    cloud.drift.statuses.push({ DetectionStatus: 'DETECTION_FAILED', DetectionStatusReason: 'internal failure' });
    const failure = { code: 'DriftUnknown', message: expect.stringMatching(/^prod\/Data: .*internal failure/) };
    expect(await look()).toMatchObject({ success: false, drifted: false, stacks: [{ outcome: 'failed', failure }] });
  });

  test('in an hour is a failure', async () => {
    cloud.put('prod-Data', 'CREATE_COMPLETE');
    cloud.drift.statuses.push(...Array.from({ length: 2000 }, () => ({ DetectionStatus: 'DETECTION_IN_PROGRESS' })));
    expect((await look()).stacks[0]!.failure).toMatchObject({
      code: 'DriftUnknown',
      message: expect.stringMatching(/has not ended/),
    });
  });
});

test('a detection that runs already is waited for, and then made again: its id is not known', async () => {
  // given an answer that got lost, so that the SDK asks again
  cloud.put('prod-Data', 'CREATE_COMPLETE');
  let refusals = 2;
  cloud.intercept = (action) => {
    if (action === 'DetectStackDrift' && refusals-- > 0)
      throw error('ValidationError', 'Drift detection is already in progress for stack [prod-Data]');
  };
  const before = clock.now();
  // then
  expect((await look()).stacks[0]).toMatchObject({ outcome: 'in-sync' });
  expect(cloud.calls.filter((call) => call === 'DetectStackDrift')).toHaveLength(3);
  expect(clock.now() - before).toBeGreaterThan(1000);
});

test('Ctrl-C ends the waiting', async () => {
  cloud.put('prod-Data', 'CREATE_COMPLETE');
  const interruption = new AbortController();
  cloud.intercept = (action) => {
    if (action === 'DetectStackDrift') interruption.abort();
  };
  expect(await look([data], interruption.signal)).toMatchObject({
    success: false,
    interrupted: true,
    stacks: [{ outcome: 'skipped', reason: 'interrupted before its drift was known' }],
  });
});

test('a target is not asked about more stacks at a time than it takes', async () => {
  const stacks = Array.from({ length: 12 }, (_, index) => ({ id: `Stack${index}` }));
  for (const { id } of stacks) cloud.put(id, 'CREATE_COMPLETE');
  let running = 0;
  let most = 0;
  cloud.intercept = (action) => {
    if (action === 'DetectStackDrift') most = Math.max(most, (running += 1));
    if (action === 'ListStackResources') running -= 1;
  };
  await look(stacks);
  expect(most).toBe(5);
});
