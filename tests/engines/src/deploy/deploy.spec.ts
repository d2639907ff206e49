import { CreateChangeSetCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { ACCOUNT, largeTemplate, queues, REGION } from 'nx-cdk/src/cloudformation/testing/assembly.ts';
import { BUCKET, VERSION_PARAMETER } from './environment-template.ts';
import { modern, outcomes, Rehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;

beforeAll(async () => {
  rehearsal = await Rehearsal.start();
});

afterAll(() => rehearsal.stop());

/** A parameter whose name is taken cannot be made, and takes what was made before it down with it. */
function broken(): { Resources: Record<string, object> } {
  const Properties = { Type: 'String', Name: VERSION_PARAMETER, Value: 'taken' };
  const Taken = { Type: 'AWS::SSM::Parameter', DependsOn: 'Fine', Properties };
  return { Resources: { ...queues('Fine').Resources, Taken } };
}

describe('one stack, with the permissions of the deploy role alone', () => {
  const plan = () => modern('Orders', queues('First'), { tags: { team: 'orders' }, terminationProtection: true });

  test('is created, with its tags and its termination protection', async () => {
    const report = await rehearsal.run([plan()]);

    expect(report.success).toBe(true);
    expect(report.stacks[0]).toMatchObject({ outcome: 'created', changes: { added: 1, modified: 0, removed: 0 } });
    expect(await rehearsal.stackInAws('Orders')).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      EnableTerminationProtection: true,
      Tags: [{ Key: 'team', Value: 'orders' }],
    });
  });

  test('costs one look when nothing changed', async () => {
    rehearsal.requests();
    const report = await rehearsal.run([plan()], { publish: false });

    expect(report.stacks[0]).toMatchObject({ outcome: 'unchanged', notes: [] });
    expect(rehearsal.requests().filter((request) => !request.includes('AssumeRole'))).toEqual([
      'cloudformation:DescribeStacks',
    ]);
  });

  test('is updated, and the report says what changed', async () => {
    const report = await rehearsal.run([modern('Orders', queues('First', 'Second'), { tags: { team: 'orders' } })]);

    expect(report.stacks[0]).toMatchObject({
      outcome: 'updated',
      notes: ['template differs'],
      changes: { added: 1, resources: [{ action: 'Add', logicalId: 'Second', resourceType: 'AWS::SQS::Queue' }] },
    });
  });

  test('is brought back after somebody else changed it past us', async () => {
    const client = await rehearsal.cloudFormation();
    await client.send(new UpdateStackCommand({ StackName: 'Orders', TemplateBody: JSON.stringify(queues('First')) }));

    const report = await rehearsal.run([modern('Orders', queues('First', 'Second'), { tags: { team: 'orders' } })]);

    expect(report.stacks[0]).toMatchObject({ outcome: 'updated', changes: { added: 1 } });
  });

  test('switches termination protection alone where nothing else differs', async () => {
    const report = await rehearsal.run([
      modern('Orders', queues('First', 'Second'), { tags: { team: 'orders' }, terminationProtection: false }),
    ]);

    expect(report.stacks[0]).toMatchObject({ outcome: 'updated', notes: ['termination protection disabled'] });
    expect(await rehearsal.stackInAws('Orders')).toMatchObject({ EnableTerminationProtection: false });
  });
});

describe('a dry run', () => {
  test('lists what would be created and leaves nothing behind', async () => {
    const report = await rehearsal.run([modern('Planned', queues('One', 'Two'))], { dryRun: true });

    expect(report.stacks[0]).toMatchObject({ outcome: 'planned', changes: { added: 2 } });
    expect(await rehearsal.stackInAws('Planned')).toBeUndefined();
  });

  test('asks CloudFormation what an update would change, and changes nothing', async () => {
    await rehearsal.run([modern('Planned', queues('One'))]);

    const report = await rehearsal.run([modern('Planned', queues('One', 'Two'))], { dryRun: true });

    expect(report.stacks[0]).toMatchObject({ outcome: 'planned', notes: ['template differs'], changes: { added: 1 } });
    expect((await rehearsal.run([modern('Planned', queues('One'))])).stacks[0]).toMatchObject({ outcome: 'unchanged' });
  });
});

describe('a resource that cannot be created', () => {
  const origin = { constructPath: 'Broken/Taken/Resource', source: 'stack.ts:14' };
  const plan = () => modern('Broken', broken(), { resources: new Map([['Taken', origin]]) });

  test('is named first, with where it stands in the source', async () => {
    const report = await rehearsal.run([plan()]);

    expect(report.success).toBe(false);
    expect(report.stacks[0]?.failure).toMatchObject({
      code: 'StackFailed',
      message: expect.stringMatching(
        /^Broken: the creation failed in 111111111111\/eu-west-1 at Broken\/Taken\/Resource .*stack\.ts:14.*ROLLBACK_COMPLETE/,
      ),
    });
    expect(report.stacks[0]?.failure?.causes[0]).toMatchObject({
      logicalId: 'Taken',
      status: 'CREATE_FAILED',
      ...origin,
    });
  });

  test('does not have to be cleared away by hand once it is corrected', async () => {
    expect(await rehearsal.stackInAws('Broken')).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });

    const report = await rehearsal.run([modern('Broken', queues('Fine'))]);

    expect(report.stacks[0]).toMatchObject({
      outcome: 'created',
      notes: [expect.stringMatching(/deleted first.*ROLLBACK_COMPLETE/)],
    });
  });

  test('leaves an update rolled back, which a later run does not take for the new template', async () => {
    const failed = await rehearsal.run([plan()]);
    expect(failed.stacks[0]?.failure?.message).toMatch(
      /the update failed.*UPDATE_ROLLBACK_COMPLETE: the stack is as it was before/,
    );

    expect((await rehearsal.run([plan()])).stacks[0]).toMatchObject({ outcome: 'failed' });
    expect((await rehearsal.run([modern('Broken', queues('Fine'))])).stacks[0]).toMatchObject({ outcome: 'unchanged' });
  });

  test('stops its dependents only', async () => {
    const report = await rehearsal.run([
      modern('Base', broken()),
      modern('OnTop', queues('Queue'), { dependencies: ['Base'] }),
      modern('Beside', queues('Queue')),
    ]);

    expect(outcomes(report)).toEqual({ Base: 'failed', OnTop: 'skipped', Beside: 'created' });
    expect(report.stacks[1]?.notes).toEqual(['Base failed']);
  });
});

test('outputs that are others than before are named where no resource changes', async () => {
  const stack = (outputs: Record<string, string>) =>
    modern('Told', {
      ...queues('Queue'),
      Outputs: Object.fromEntries(Object.entries(outputs).map(([key, Value]) => [key, { Value }])),
    });
  const created = await rehearsal.run([stack({ Kept: 'same', Url: 'old', Gone: 'it' })]);
  expect(created.stacks[0]).toMatchObject({ outcome: 'created' });
  expect(created.stacks[0]).not.toHaveProperty('outputChanges');

  const { stacks } = await rehearsal.run([stack({ Kept: 'same', Url: 'new', More: 'it' })]);
  expect(stacks[0]).toMatchObject({
    outcome: 'updated',
    changes: { resources: [] },
    outputs: { Kept: 'same', Url: 'new', More: 'it' },
    outputChanges: { added: ['More'], changed: ['Url'], removed: ['Gone'] },
  });
});

describe('what has to be there before', () => {
  test('a template that is not published is named, with the next step', async () => {
    const report = await rehearsal.run([modern('Unpublished', largeTemplate())], { publish: false });

    expect(report.stacks[0]?.failure).toEqual({
      code: 'AssetMissing',
      message: `Unpublished: its template is not in bucket staging-${ACCOUNT}-${REGION}: run publish first (nx publish <project>).`,
      next: 'run publish first (nx publish <project>)',
      causes: [],
    });
    expect(await rehearsal.stackInAws('Unpublished')).toBeUndefined();
  });

  test('one that goes into the request need not be published', async () => {
    const report = await rehearsal.run([modern('InRequest', queues('Queue'))], { publish: false });

    expect(outcomes(report)).toEqual({ InRequest: 'created' });
  });

  test('so is an asset', async () => {
    const file = {
      stacks: [],
      assetId: 'abc',
      displayName: 'Handler/Code',
      target: { account: ACCOUNT, region: REGION },
      manifestFile: 'Data.assets.json',
    };
    const asset = {
      ...file,
      source: { fingerprint: 'abc', packaging: 'zip' as const },
      bucket: BUCKET,
      key: 'abc.zip',
    };
    const report = await rehearsal.run([modern('NoAsset', queues('Queue'), { files: [asset] })]);

    expect(report.stacks[0]?.failure?.message).toMatch(
      /^NoAsset: asset Handler\/Code is not in bucket .*run publish first/,
    );
  });

  test('a bootstrap that is missing or too old is named, with both versions', async () => {
    const missing = { version: 6, parameter: '/another-bootstrap/version' };
    const tooOld = { version: 99, parameter: VERSION_PARAMETER };
    const report = await rehearsal.run([
      modern('NoBootstrap', queues('Queue'), { bootstrap: missing, deployRole: undefined }),
      modern('OldBootstrap', queues('Queue'), { bootstrap: tooOld }),
    ]);

    expect(report.stacks.map(({ failure }) => failure?.code)).toEqual(['NotBootstrapped', 'BootstrapTooOld']);
    expect(report.stacks[1]?.failure?.message).toMatch(/version 30, but 99 is needed: run nx bootstrap/);
  });

  test('a role that may not be assumed is named, and other environments go on', async () => {
    const report = await rehearsal.run([
      modern('Denied', queues('Queue'), {
        account: '999999999999',
        deployRole: { arn: 'arn:aws:iam::999999999999:role/none' },
        templateUrl: undefined,
      }),
      modern('Allowed', queues('Queue')),
    ]);

    expect(outcomes(report)).toEqual({ Denied: 'failed', Allowed: 'created' });
    expect(report.stacks[0]?.failure).toMatchObject({
      code: 'AssumeRoleDenied',
      message: expect.stringMatching(/sts:AssumeRole .*role\/none/),
    });
  });
});

describe('a template that CloudFormation reads from the bucket', () => {
  test('is the one that was published, however large', async () => {
    rehearsal.requests();
    const report = await rehearsal.run([modern('Large', largeTemplate('Größe'))]);

    expect(outcomes(report)).toEqual({ Large: 'created' });
    expect(rehearsal.requests().filter((request) => request === 'cloudformation:GetTemplate')).toHaveLength(1);
  });

  test('is not executed where somebody has replaced it, of a new stack and of one that is there', async () => {
    const [before, after] = [modern('Swapped', largeTemplate('before')), modern('Swapped', largeTemplate('after'))];
    const forged = JSON.stringify({ Resources: { Admin: { Type: 'AWS::SSM::Parameter' } } });
    const refused = {
      outcome: 'failed',
      failure: {
        code: 'TemplateReplaced',
        message: expect.stringMatching(/^Swapped: CloudFormation has read another/),
      },
    };

    await rehearsal.put(before.templateUrl!, forged);
    expect((await rehearsal.run([before], { publish: false })).stacks[0]).toMatchObject(refused);
    await rehearsal.run([before]);
    await rehearsal.put(after.templateUrl!, forged);
    expect((await rehearsal.run([after], { publish: false })).stacks[0]).toMatchObject(refused);

    expect(await rehearsal.stackInAws('Swapped')).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
    expect(await rehearsal.changeSetsOf('Swapped')).toEqual([]);
  });
});

describe('parameters', () => {
  const template = (extra: object = {}) => ({
    Parameters: { Size: { Type: 'String' }, Secret: { Type: 'String', NoEcho: true, Default: 'none' }, ...extra },
    Resources: { Value: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { Ref: 'Size' } } } },
    Outputs: { Size: { Value: { Ref: 'Size' } } },
  });

  test('are required, given, kept and compared', async () => {
    const without = await rehearsal.run([modern('Sized', template())]);
    expect(without.stacks[0]?.failure).toMatchObject({
      code: 'MissingParameter',
      message: expect.stringMatching(/parameter Size: give it/),
    });

    const created = await rehearsal.run([modern('Sized', template())], { parameters: ['Sized:Size=small'] });
    expect(created.stacks[0]).toMatchObject({ outcome: 'created', outputs: { Size: 'small' } });

    const kept = await rehearsal.run([modern('Sized', template())]);
    expect(kept.stacks[0]).toMatchObject({ outcome: 'unchanged' });

    const changed = await rehearsal.run([modern('Sized', template())], { parameters: ['Size=large'] });
    expect(changed.stacks[0]).toMatchObject({
      outcome: 'updated',
      notes: ['parameter Size differs'],
      outputs: { Size: 'large' },
    });
  });

  test('that are secret reach neither events nor report', async () => {
    const events: ProgressEvent[] = [];
    const report = await rehearsal.run([modern('Sized', template())], {
      parameters: ['Secret=hunter2-hunter2'],
      listener: (event) => events.push(event),
    });

    expect(report.stacks[0]?.notes).toContain('parameter Secret is secret and cannot be compared');
    expect(JSON.stringify([report, events])).not.toContain('hunter2');
  });
});

describe('many stacks', () => {
  const plans = Array.from({ length: 40 }, (_, index) => modern(`Many${index}`, queues('Queue', `Queue${index}`)));

  test('need few requests each when they are created', async () => {
    await rehearsal.run(plans.slice(0, 1), { dryRun: true });
    rehearsal.requests();
    const report = await rehearsal.run(
      plans.map((plan) => ({ ...plan })),
      { publish: true },
    );
    const spent = rehearsal.requests().filter((request) => !request.endsWith(':PutObject'));

    expect(report.success).toBe(true);
    // Two of the nine requests a stack that a deployment may cost are the publishing step's.
    expect(spent.length / plans.length).toBeLessThanOrEqual(7);
  });

  test('need one look together when nothing changed', async () => {
    rehearsal.requests();
    const report = await rehearsal.run(plans, { publish: false });

    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['unchanged']));
    expect(rehearsal.requests().filter((request) => !request.includes('AssumeRole')).length).toBeLessThanOrEqual(2);
  });
});

describe('a run that ends early', () => {
  test('starts nothing new after an interruption, and the next run picks up', async () => {
    const plans = [modern('Chain1'), modern('Chain2', queues('Queue'), { dependencies: ['Chain1'] })];
    const interrupt = new AbortController();
    const report = await rehearsal.run(plans, {
      signal: interrupt.signal,
      listener: (event) => event.type === 'item-progress' && event.step === 'creating' && interrupt.abort(),
    });

    expect(report).toMatchObject({ success: false, interrupted: true });
    expect(outcomes(report)).toEqual({ Chain1: 'created', Chain2: 'skipped' });
    expect(outcomes(await rehearsal.run(plans))).toEqual({ Chain1: 'unchanged', Chain2: 'created' });
  });

  test('between change set and execution leaves nothing that stops the next one', async () => {
    const client = await rehearsal.cloudFormation();
    const TemplateBody = JSON.stringify(queues('Other'));
    await client.send(
      new CreateChangeSetCommand({ StackName: 'Left', ChangeSetName: 'left', ChangeSetType: 'CREATE', TemplateBody }),
    );
    expect(await rehearsal.stackInAws('Left')).toMatchObject({ StackStatus: 'REVIEW_IN_PROGRESS' });

    expect(outcomes(await rehearsal.run([modern('Left')]))).toEqual({ Left: 'created' });
  });
});
