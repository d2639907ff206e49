import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateChangeSetCommand, DescribeStacksCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { startInstance, type LocalAws } from '../../../local-aws/src/index.ts';
import type { Assembly } from '../assembly/model.ts';
import { createAws, type ConnectedAws } from '../aws/index.ts';
import type { ProgressEvent } from '../progress/events.ts';
import { deploy, type DeployReport, type DeployRequest } from './index.ts';
import { ACCOUNT, assemblyOf, queues, REGION, type StackPlan } from './testing/assembly.ts';
import {
  BUCKET,
  DEPLOY_ROLE,
  ENVIRONMENT_TEMPLATE,
  EXECUTION_ROLE,
  VERSION_PARAMETER,
} from './testing/environment-template.ts';

const folder = mkdtempSync(join(tmpdir(), 'deploy-local-aws-'));
const assemblies: { dispose(): void }[] = [];
let local: LocalAws;
let aws: ConnectedAws;

beforeAll(async () => {
  local = await startInstance({
    directory: join(folder, 'aws'),
    managementAccount: ACCOUNT,
    region: REGION,
    logRequests: true,
  });
  Object.assign(process.env, local.environment(ACCOUNT));
  aws = connect();
  // The environment is a stack without deploy role and without bucket: it goes in with the caller's own credentials.
  const report = await run([{ id: 'Environment', template: ENVIRONMENT_TEMPLATE }]);
  expect(report.stacks[0]).toMatchObject({ outcome: 'created' });
}, 120_000);

afterAll(async () => {
  aws?.destroy();
  await local?.stop();
  for (const assembly of assemblies) assembly.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function connect(): ConnectedAws {
  return createAws({
    listener: () => {},
    environment: local.environment(ACCOUNT),
    credentials: async () => local.credentialsFor(ACCOUNT),
  });
}

/** A stack as the CDK's default synthesizer describes it. */
function modern(id: string, template: object = queues('Queue'), more: Partial<StackPlan> = {}): StackPlan {
  const key = `${createHash('sha256').update(JSON.stringify(template)).digest('hex')}.json`;
  return {
    id,
    template,
    templateUrl: `s3://${BUCKET}/${key}`,
    deployRole: { arn: DEPLOY_ROLE },
    executionRoleArn: EXECUTION_ROLE,
    bootstrap: { version: 6, parameter: VERSION_PARAMETER },
    ...more,
  };
}

async function publish(assembly: Assembly): Promise<void> {
  const s3 = await aws.s3({ account: ACCOUNT, region: REGION });
  for (const stack of assembly.stacks) {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(stack.templateUrl ?? '') ?? [];
    if (!bucket || !key) continue;
    const Bucket = bucket.replace('${AWS::AccountId}', ACCOUNT).replace('${AWS::Region}', REGION);
    await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: readFileSync(stack.templateFile) }));
  }
}

async function run(
  plans: readonly StackPlan[],
  options: Partial<DeployRequest> & {
    publish?: boolean;
    signal?: AbortSignal;
    listener?: (event: ProgressEvent) => void;
    aws?: ConnectedAws;
  } = {},
): Promise<DeployReport> {
  const assembly = assemblyOf(plans);
  assemblies.push(assembly);
  if (options.publish !== false) await publish(assembly);
  return deploy(
    { assembly, stacks: plans.map(({ id }) => id), ...options },
    { aws: options.aws ?? aws, listener: options.listener ?? (() => {}), signal: options.signal },
  );
}

let counted = 0;

/** What was asked of the endpoint since the last call, such as `cloudformation:DescribeStacks`. */
function requests(): string[] {
  const lines = readFileSync(local.requestLog!, 'utf8').trim().split('\n');
  const fresh = lines.slice(counted).map((line) => JSON.parse(line) as { service: string; action: string });
  counted = lines.length;
  return fresh.map(({ service, action }) => `${service}:${action}`);
}

/** A parameter whose name is taken cannot be made, and takes what was made before it down with it. */
function broken(): { Resources: Record<string, object> } {
  const Properties = { Type: 'String', Name: VERSION_PARAMETER, Value: 'taken' };
  const Taken = { Type: 'AWS::SSM::Parameter', DependsOn: 'Fine', Properties };
  return { Resources: { ...queues('Fine').Resources, Taken } };
}

async function stackInAws(
  stackName: string,
): Promise<{ StackStatus?: string; EnableTerminationProtection?: boolean } | undefined> {
  const client = await aws.cloudFormation({ account: ACCOUNT, region: REGION });
  const answer = await client.send(new DescribeStacksCommand({ StackName: stackName })).catch(() => undefined);
  return answer?.Stacks?.[0];
}

const outcomes = (report: DeployReport) => Object.fromEntries(report.stacks.map(({ id, outcome }) => [id, outcome]));

describe('one stack, with the permissions of the deploy role alone', () => {
  const plan = () => modern('Orders', queues('First'), { tags: { team: 'orders' }, terminationProtection: true });

  test('is created, with its tags and its termination protection', async () => {
    const report = await run([plan()]);

    expect(report.success).toBe(true);
    expect(report.stacks[0]).toMatchObject({ outcome: 'created', changes: { added: 1, modified: 0, removed: 0 } });
    expect(await stackInAws('Orders')).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      EnableTerminationProtection: true,
      Tags: [{ Key: 'team', Value: 'orders' }],
    });
  });

  test('costs one look when nothing changed', async () => {
    requests();
    const report = await run([plan()], { publish: false });

    expect(report.stacks[0]).toMatchObject({ outcome: 'unchanged', notes: [] });
    expect(requests().filter((request) => !request.includes('AssumeRole'))).toEqual(['cloudformation:DescribeStacks']);
  });

  test('is updated, and the report says what changed', async () => {
    const report = await run([modern('Orders', queues('First', 'Second'), { tags: { team: 'orders' } })]);

    expect(report.stacks[0]).toMatchObject({
      outcome: 'updated',
      notes: ['template differs'],
      changes: { added: 1, resources: [{ action: 'Add', logicalId: 'Second', resourceType: 'AWS::SQS::Queue' }] },
    });
  });

  test('is brought back after somebody else changed it past us', async () => {
    const client = await aws.cloudFormation({ account: ACCOUNT, region: REGION });
    await client.send(new UpdateStackCommand({ StackName: 'Orders', TemplateBody: JSON.stringify(queues('First')) }));

    const report = await run([modern('Orders', queues('First', 'Second'), { tags: { team: 'orders' } })]);

    expect(report.stacks[0]).toMatchObject({ outcome: 'updated', changes: { added: 1 } });
  });

  test('switches termination protection alone where nothing else differs', async () => {
    const report = await run([
      modern('Orders', queues('First', 'Second'), { tags: { team: 'orders' }, terminationProtection: false }),
    ]);

    expect(report.stacks[0]).toMatchObject({ outcome: 'updated', notes: ['termination protection disabled'] });
    expect(await stackInAws('Orders')).toMatchObject({ EnableTerminationProtection: false });
  });
});

describe('a dry run', () => {
  test('lists what would be created and leaves nothing behind', async () => {
    const report = await run([modern('Planned', queues('One', 'Two'))], { dryRun: true });

    expect(report.stacks[0]).toMatchObject({ outcome: 'planned', changes: { added: 2 } });
    expect(await stackInAws('Planned')).toBeUndefined();
  });

  test('asks CloudFormation what an update would change, and changes nothing', async () => {
    await run([modern('Planned', queues('One'))]);

    const report = await run([modern('Planned', queues('One', 'Two'))], { dryRun: true });

    expect(report.stacks[0]).toMatchObject({ outcome: 'planned', notes: ['template differs'], changes: { added: 1 } });
    expect((await run([modern('Planned', queues('One'))])).stacks[0]).toMatchObject({ outcome: 'unchanged' });
  });
});

describe('a resource that cannot be created', () => {
  const origin = { constructPath: 'Broken/Taken/Resource', source: 'stack.ts:14' };
  const plan = () => modern('Broken', broken(), { resources: new Map([['Taken', origin]]) });

  test('is named first, with where it stands in the source', async () => {
    const report = await run([plan()]);

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
    expect(await stackInAws('Broken')).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });

    const report = await run([modern('Broken', queues('Fine'))]);

    expect(report.stacks[0]).toMatchObject({
      outcome: 'created',
      notes: [expect.stringMatching(/deleted first.*ROLLBACK_COMPLETE/)],
    });
  });

  test('leaves an update rolled back, which a later run does not take for the new template', async () => {
    const failed = await run([plan()]);
    expect(failed.stacks[0]?.failure?.message).toMatch(
      /the update failed.*UPDATE_ROLLBACK_COMPLETE: the stack is as it was before/,
    );

    expect((await run([plan()])).stacks[0]).toMatchObject({ outcome: 'failed' });
    expect((await run([modern('Broken', queues('Fine'))])).stacks[0]).toMatchObject({ outcome: 'unchanged' });
  });

  test('stops its dependents only', async () => {
    const report = await run([
      modern('Base', broken()),
      modern('OnTop', queues('Queue'), { dependencies: ['Base'] }),
      modern('Beside', queues('Queue')),
    ]);

    expect(outcomes(report)).toEqual({ Base: 'failed', OnTop: 'skipped', Beside: 'created' });
    expect(report.stacks[1]?.notes).toEqual(['Base failed']);
  });
});

describe('what has to be there before', () => {
  test('a template that is not published is named, with the next step', async () => {
    const report = await run([modern('Unpublished', queues('Never'))], { publish: false });

    expect(report.stacks[0]?.failure).toEqual({
      code: 'AssetMissing',
      message: `Unpublished: its template is not in bucket staging-${ACCOUNT}-${REGION}: run publish first (nx publish <project>)`,
      causes: [],
    });
    expect(await stackInAws('Unpublished')).toBeUndefined();
  });

  test('so is an asset', async () => {
    const file = {
      stacks: [],
      assetId: 'abc',
      displayName: 'Handler/Code',
      destinationId: 'here',
      environment: { account: ACCOUNT, region: REGION },
    };
    const asset = {
      ...file,
      source: { fingerprint: 'abc', packaging: 'zip' as const },
      bucket: BUCKET,
      key: 'abc.zip',
    };
    const report = await run([modern('NoAsset', queues('Queue'), { files: [asset] })]);

    expect(report.stacks[0]?.failure?.message).toMatch(
      /^NoAsset: asset Handler\/Code is not in bucket .*run publish first/,
    );
  });

  test('a bootstrap that is missing or too old is named, with both versions', async () => {
    const missing = { version: 6, parameter: '/another-bootstrap/version' };
    const tooOld = { version: 99, parameter: VERSION_PARAMETER };
    const report = await run([
      modern('NoBootstrap', queues('Queue'), { bootstrap: missing, deployRole: undefined }),
      modern('OldBootstrap', queues('Queue'), { bootstrap: tooOld }),
    ]);

    expect(report.stacks.map(({ failure }) => failure?.code)).toEqual(['NotBootstrapped', 'BootstrapTooOld']);
    expect(report.stacks[1]?.failure?.message).toMatch(/version 30, but 99 is needed: run nx bootstrap/);
  });

  test('a role that may not be assumed is named, and other environments go on', async () => {
    const report = await run([
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

describe('parameters', () => {
  const template = (extra: object = {}) => ({
    Parameters: { Size: { Type: 'String' }, Secret: { Type: 'String', NoEcho: true, Default: 'none' }, ...extra },
    Resources: { Value: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { Ref: 'Size' } } } },
    Outputs: { Size: { Value: { Ref: 'Size' } } },
  });

  test('are required, given, kept and compared', async () => {
    const without = await run([modern('Sized', template())]);
    expect(without.stacks[0]?.failure).toMatchObject({
      code: 'MissingParameter',
      message: expect.stringMatching(/parameter Size: give it/),
    });

    const created = await run([modern('Sized', template())], { parameters: ['Sized:Size=small'] });
    expect(created.stacks[0]).toMatchObject({ outcome: 'created', outputs: { Size: 'small' } });

    const kept = await run([modern('Sized', template())]);
    expect(kept.stacks[0]).toMatchObject({ outcome: 'unchanged' });

    const changed = await run([modern('Sized', template())], { parameters: ['Size=large'] });
    expect(changed.stacks[0]).toMatchObject({
      outcome: 'updated',
      notes: ['parameter Size differs'],
      outputs: { Size: 'large' },
    });
  });

  test('that are secret reach neither events nor report', async () => {
    const events: ProgressEvent[] = [];
    const report = await run([modern('Sized', template())], {
      parameters: ['Secret=hunter2-hunter2'],
      listener: (event) => events.push(event),
    });

    expect(report.stacks[0]?.notes).toContain('parameter Secret is secret and cannot be compared');
    expect(JSON.stringify([report, events])).not.toContain('hunter2');
  });
});

describe('a run that ends early', () => {
  test('starts nothing new after an interruption, and the next run picks up', async () => {
    const plans = [modern('Chain1'), modern('Chain2', queues('Queue'), { dependencies: ['Chain1'] })];
    const interrupt = new AbortController();
    const report = await run(plans, {
      signal: interrupt.signal,
      listener: (event) => event.type === 'item-progress' && event.step === 'creating' && interrupt.abort(),
    });

    expect(report).toMatchObject({ success: false, interrupted: true });
    expect(outcomes(report)).toEqual({ Chain1: 'created', Chain2: 'skipped' });
    expect(outcomes(await run(plans))).toEqual({ Chain1: 'unchanged', Chain2: 'created' });
  });

  test('between change set and execution leaves nothing that stops the next one', async () => {
    const client = await aws.cloudFormation({ account: ACCOUNT, region: REGION });
    const TemplateBody = JSON.stringify(queues('Other'));
    await client.send(
      new CreateChangeSetCommand({ StackName: 'Left', ChangeSetName: 'left', ChangeSetType: 'CREATE', TemplateBody }),
    );
    expect(await stackInAws('Left')).toMatchObject({ StackStatus: 'REVIEW_IN_PROGRESS' });

    expect(outcomes(await run([modern('Left')]))).toEqual({ Left: 'created' });
  });
});

describe('many stacks', () => {
  const plans = Array.from({ length: 40 }, (_, index) => modern(`Many${index}`, queues('Queue', `Queue${index}`)));

  test('need few requests each when they are created', async () => {
    await run(plans.slice(0, 1), { dryRun: true });
    requests();
    const report = await run(
      plans.map((plan) => ({ ...plan })),
      { publish: true },
    );
    const spent = requests().filter((request) => !request.endsWith(':PutObject'));

    expect(report.success).toBe(true);
    // Two of the nine requests a stack that a deployment may cost are the publishing step's.
    expect(spent.length / plans.length).toBeLessThanOrEqual(7);
  });

  test('need one look together when nothing changed', async () => {
    requests();
    const report = await run(plans, { publish: false });

    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['unchanged']));
    expect(requests().filter((request) => !request.includes('AssumeRole')).length).toBeLessThanOrEqual(2);
  });
});
