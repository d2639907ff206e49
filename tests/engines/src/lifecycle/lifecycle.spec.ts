import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Stack, Stage } from 'aws-cdk-lib/core';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { LocalAws } from '@nx-cdk/local-aws';
import { type Assembly, readAssembly } from 'nx-cdk/src/assembly/index.ts';
import { type AwsClients, createAws } from 'nx-cdk/src/aws/index.ts';
import { bootstrap } from 'nx-cdk/src/bootstrap/index.ts';
import { deploy } from 'nx-cdk/src/deploy/index.ts';
import { diff } from 'nx-cdk/src/diff/index.ts';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { publish } from 'nx-cdk/src/publish/index.ts';
import { rollback } from 'nx-cdk/src/rollback/index.ts';
import { sharedAws } from 'test-bed';
import { type DestroyReport, destroy } from 'nx-cdk/src/destroy/index.ts';

const CI = { account: '123456789012', region: 'eu-west-1' };
const STAGING = { account: '111111111111', region: 'eu-west-1' };
const PROD = { account: '222222222222', region: 'us-east-1' };

const folder = mkdtempSync(join(tmpdir(), 'destroy-'));
const opened: AwsClients[] = [];
let local: LocalAws;
let assembly: Assembly;

beforeAll(async () => {
  local = await sharedAws();
  Object.assign(process.env, local.environment(CI.account));
  const targets = [STAGING, PROD].map((place) => ({
    label: place.account,
    ...place,
    qualifier: 'hnb659fds',
    access: { roleArn: `arn:aws:iam::${place.account}:role/OrganizationAccountAccessRole`, roleIsChosen: false },
    trust: [CI.account],
    executionPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
  }));
  const { success } = await bootstrap({ targets }, dependencies());
  expect(success).toBe(true);
  assembly = synth('first');
});

beforeEach(() => deployAll(assembly));

afterAll(async () => {
  for (const aws of opened) aws.destroy();
  rmSync(folder, { recursive: true, force: true });
});

function dependencies(account = CI.account, events: ProgressEvent[] = []) {
  const listener = (event: ProgressEvent) => void events.push(event);
  const credentials = async () => local.credentialsFor(account);
  const aws = createAws({ listener, environment: local.environment(account), credentials });
  opened.push(aws);
  return { aws, listener };
}

/** Two environments of a data stack and a service stack that uses an export of it. */
function synth(name: string, change: { delay?: number; protect?: boolean; broken?: boolean } = {}): Assembly {
  const app = new App({ outdir: join(folder, name), analyticsReporting: false });
  for (const [stageName, env] of [
    ['staging', STAGING],
    ['prod', PROD],
  ] as const) {
    const stage = new Stage(app, stageName, { env });
    const data = new Stack(stage, 'Data', change.protect ? { terminationProtection: true } : {});
    const queue = new CfnQueue(data, 'Queue', { visibilityTimeout: 30 });
    const service = new Stack(stage, 'Service');
    // The name is that of the bootstrap's own parameter.
    const taken = { name: '/cdk-bootstrap/hnb659fds/version', type: 'String', value: 'x' };
    if (change.broken) new CfnParameter(service, 'Taken', taken);
    const jobs = new CfnQueue(service, 'Jobs', change.delay === undefined ? {} : { delaySeconds: change.delay });
    new CfnOutput(service, 'Uses', { value: queue.attrArn });
    new CfnOutput(service, 'Has', { value: jobs.attrArn });
  }
  app.synth();
  return readAssembly(join(folder, name));
}

async function deployAll(what: Assembly): Promise<void> {
  const published = await publish({ files: what.files }, dependencies());
  expect(published.success).toBe(true);
  const report = await deploy({ assembly: what, stacks: what.stacks.map(({ id }) => id) }, dependencies());
  expect(report.stacks.map(({ failure }) => failure?.message)).toEqual(Array(4).fill(undefined));
}

const ALL = ['staging/Data', 'staging/Service', 'prod/Data', 'prod/Service'];
const PROMOTION = [
  { name: 'staging', stackIds: ALL.slice(0, 2) },
  { name: 'prod', stackIds: ALL.slice(2) },
];

function outcomes(report: { stacks: readonly { id: string; outcome: string }[] }): Record<string, string> {
  return Object.fromEntries(report.stacks.map(({ id, outcome }) => [id, outcome]));
}

describe('diff', () => {
  test('finds nothing after a deployment, and exactly what was changed afterwards', async () => {
    // when nothing changed
    const same = await diff({ assembly, stacks: ALL }, dependencies());

    // then
    expect(same).toMatchObject({ success: true, different: false });
    expect(Object.values(outcomes(same))).toEqual(Array(4).fill('unchanged'));

    // when a property changed
    const events: ProgressEvent[] = [];
    const changed = synth('changed', { delay: 7 });
    const report = await diff(
      { assembly: changed, stacks: ['staging/Data', 'staging/Service'] },
      dependencies(CI.account, events),
    );

    // then it is shown with its stack, in one piece
    expect(report).toMatchObject({ success: true, different: true });
    expect(outcomes(report)).toEqual({ 'staging/Data': 'unchanged', 'staging/Service': 'different' });
    const shown = events.find((event) => event.type === 'item-finished' && event.id === 'staging/Service');
    expect(shown).toMatchObject({
      outcome: 'planned',
      lines: expect.arrayContaining([expect.stringContaining('DelaySeconds')]),
    });
    expect(events.filter((event) => event.type === 'message' && event.level !== 'debug')).toEqual([]);
  });

  test('by change set finds the same, and leaves nothing behind', async () => {
    const changed = synth('by-change-set', { delay: 9 });
    await publish({ files: changed.files }, dependencies());
    const report = await diff({ assembly: changed, stacks: ['staging/Service'], method: 'change-set' }, dependencies());
    expect(report.stacks[0]).toMatchObject({ outcome: 'different', text: expect.stringContaining('DelaySeconds') });
  });

  test('with credentials that nobody trusts fails with a sentence for each stack', async () => {
    const report = await diff({ assembly, stacks: ['staging/Data'] }, dependencies('555555555555'));
    expect(report).toMatchObject({ success: false, different: false });
    expect(report.stacks[0]!.failure?.message).toMatch(
      /^staging\/Data: no role of 111111111111\/eu-west-1 can be assumed: .*: bootstrap it with trust for 555555555555 \(nx bootstrap\)\.$/,
    );
  });
});

describe('destroy', () => {
  test('deletes in reverse order, the last environment first, and only with deploy roles', async () => {
    // given
    const events: ProgressEvent[] = [];

    // when
    const report = await destroy({ assembly, stacks: ALL, promotion: PROMOTION }, dependencies(CI.account, events));

    // then
    expect(report).toMatchObject({ success: true, declined: false });
    const ended = events.flatMap((event) => (event.type === 'item-finished' ? [event.id] : []));
    expect(ended).toEqual(['prod/Service', 'prod/Data', 'staging/Service', 'staging/Data']);
    const callers = events.flatMap((event) =>
      event.type === 'aws-call' && event.service !== 'sts' ? [event.role] : [],
    );
    expect(new Set(callers.map((role) => role.replace(/-\d{12}-.*/, '')))).toEqual(
      new Set(['cdk-hnb659fds-deploy-role']),
    );

    // and the next run finds nothing to delete, and asks nobody
    const ask = async () => {
      throw new Error('asked although there is nothing to delete');
    };
    const again = await destroy({ assembly, stacks: ALL }, { ...dependencies(), confirm: ask });
    expect(Object.values(outcomes(again))).toEqual(Array(4).fill('unchanged'));
  });

  test('deletes nothing where the answer is no, or in a dry run', async () => {
    const declined = await destroy({ assembly, stacks: ALL }, { ...dependencies(), confirm: async () => false });
    expect(declined).toMatchObject({ success: false, declined: true, stacks: [] });
    const dry = await destroy({ assembly, stacks: ALL, dryRun: true }, dependencies());
    expect(Object.values(outcomes(dry))).toEqual(Array(4).fill('planned'));
    const same = await diff({ assembly, stacks: ALL }, dependencies());
    expect(same.different).toBe(false);
  });

  test('leaves a protected stack alone and says how to go on; what depends on it is gone, the rest too', async () => {
    // given
    const protectedOne = synth('protected', { protect: true });
    await deployAll(protectedOne);

    // when
    const report: DestroyReport = await destroy({ assembly: protectedOne, stacks: ALL.slice(0, 2) }, dependencies());

    // then
    expect(outcomes(report)).toEqual({ 'staging/Data': 'failed', 'staging/Service': 'deleted' });
    expect(report.stacks.find(({ id }) => id === 'staging/Data')!.failure).toMatchObject({
      code: 'TerminationProtected',
      message: expect.stringContaining('is protected from deletion: set terminationProtection: false'),
    });
    await deployAll(assembly);
  });

  test('says what keeps a stack from being deleted', async () => {
    // when a stack is to go without the one that uses it
    const report = await destroy({ assembly, stacks: ['staging/Data'] }, dependencies());

    // then
    expect(outcomes(report)).toEqual({ 'staging/Data': 'failed' });
    const { message } = report.stacks[0]!.failure!;
    expect(message).toMatch(/^staging\/Data: /);
    expect(message).toMatch(/staging-Service|in use/);
  });

  test('by an account that nobody trusts is a sentence that names the role', async () => {
    const report = await destroy({ assembly, stacks: ['staging/Service'] }, dependencies('555555555555'));
    expect(report.success).toBe(false);
    expect(report.stacks[0]!.failure?.message).toContain('cdk-hnb659fds-deploy-role-111111111111-eu-west-1');
  });
});

describe('rollback', () => {
  test('leaves stacks alone that are not stuck', async () => {
    const report = await rollback({ assembly, stacks: ALL }, dependencies());
    expect(report.success).toBe(true);
    expect(Object.values(outcomes(report))).toEqual(Array(4).fill('unchanged'));
  });

  test('brings a stack that is stuck in UPDATE_FAILED back to its last good state', async () => {
    // given a failed update that was not rolled back
    const broken = synth('broken', { broken: true });
    await publish({ files: broken.files }, dependencies());
    const failed = await deploy({ assembly: broken, stacks: ['staging/Service'], rollback: false }, dependencies());
    expect(failed.stacks[0]).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringContaining('UPDATE_FAILED') },
    });

    // when
    const report = await rollback({ assembly: broken, stacks: ALL }, dependencies());

    // then
    expect(report.stacks.map(({ detail }) => detail)).toContain('rolled back from UPDATE_FAILED');
    expect(outcomes(report)).toMatchObject({ 'staging/Service': 'updated', 'staging/Data': 'unchanged' });
    expect(await diff({ assembly, stacks: ['staging/Service'] }, dependencies())).toMatchObject({ different: false });
  });
});
