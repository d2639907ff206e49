import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteRolePolicyCommand, PutRolePolicyCommand, UpdateRoleCommand } from '@aws-sdk/client-iam';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { type App, NestedStack, Stack } from 'aws-cdk-lib/core';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { DriftReport } from 'nx-cdk/src/drift/index.ts';
import type { Plan } from 'nx-cdk/src/plan/index.ts';
import { callerWhoMayOnly, mayAssume, rootClients, STAGING, statement } from 'test-bed';
import { openPlanBed, type PlanBed } from '../plan/plan-bed.ts';

let bed: PlanBed;
let assembly: string;
/** Credentials that may assume the lookup role, and nothing else. */
let looker: Record<string, string>;

const LOOKUP_ROLE = `cdk-hnb659fds-lookup-role-${STAGING.account}-${STAGING.region}`;

/** A stack with a nested one, one that stays as it is, and one that nobody deploys. */
const build = (app: App) => {
  const data = new Stack(app, 'Data', { env: STAGING, stackName: 'Drift-Data' });
  new CfnRole(data, 'Reader', {
    roleName: 'drift-reader',
    maxSessionDuration: 3600,
    assumeRolePolicyDocument: statement({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
  });
  new CfnParameter(data, 'Size', { type: 'String', name: '/drift/size', value: 'deployed-value' });
  const nested = new NestedStack(data, 'Inside');
  new CfnParameter(nested, 'Gone', { type: 'String', name: '/drift/gone', value: 'small' });
  const calm = new Stack(app, 'Calm', { env: STAGING, stackName: 'Drift-Calm' });
  new CfnParameter(calm, 'Size', { type: 'String', name: '/drift/calm', value: 'small' });
};

// Given an app that is deployed, but for one stack
beforeAll(async () => {
  bed = await openPlanBed();
  looker = await callerWhoMayOnly(bed.bed.local, 'drift-looker', mayAssume('lookup', STAGING));
  await bed.ship(await bed.release('deployed', build));
  assembly = await bed.release('app', (app) => {
    build(app);
    const later = new Stack(app, 'Later', { env: STAGING, stackName: 'Drift-Later' });
    new CfnParameter(later, 'Size', { type: 'String', value: 'small' });
  });
});

afterAll(() => bed?.close());

async function drift(options: object = {}, environment = looker) {
  const file = join(bed.root, 'drift.json');
  rmSync(file, { force: true });
  const { code, output } = await bed.run('drift', { assembly, report: 'drift.json', ...options }, environment);
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DriftReport) : undefined;
  return { code, output, report };
}

/** What somebody does in the console. */
async function meddle(): Promise<void> {
  const { iam, ssm } = rootClients(bed.bed.local, STAGING);
  await iam().send(new UpdateRoleCommand({ RoleName: 'drift-reader', MaxSessionDuration: 7200 }));
  await ssm().send(new PutParameterCommand({ Name: '/drift/size', Value: 'meddled-value', Overwrite: true }));
  await ssm().send(new DeleteParameterCommand({ Name: '/drift/gone' }));
}

test('nothing has drifted right after a deployment, and a stack that is not deployed says so', async () => {
  const { code, output, report } = await drift({ failOnDrift: true });
  expect({ code, output }).toMatchObject({
    code: 0,
    output: expect.stringMatching(/3 stacks: 1 not deployed, 2 without drift/),
  });
  expect(output).toMatch(/Later .*it is not deployed/);
  expect(report).toMatchObject({ success: true, drifted: false });
});

describe('what somebody changed by hand', () => {
  beforeAll(meddle);

  test('is shown by property, with secrets masked, nested stacks included', async () => {
    const { code, output, report } = await drift();
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/3 stacks: 1 drifted, /) });
    expect(output).toMatch(/^ +changed: Reader \(AWS::IAM::Role, Data\/Reader\S*, .*drift\.spec\.ts:\d+\)$/m);
    expect(output).toMatch(/^ +MaxSessionDuration: 3600 -> 7200$/m);
    expect(output).toMatch(/^ +Value: \*+ -> \*+ \(2\)$/m);
    expect(output).toMatch(/^ +deleted: InsideNestedStack\w+\/Gone \(AWS::SSM::Parameter\)$/m);
    expect(output).toMatch(/nx deploy shop --revertDrift/);
    expect(JSON.stringify([output, report])).not.toMatch(/deployed-value|meddled-value/);
    expect(report!.stacks[0]!.resources).toMatchObject([
      { logicalId: 'Reader', physicalId: 'drift-reader', properties: [{ expected: 3600, actual: 7200 }] },
      { logicalId: 'Size', properties: [{ path: 'Value', difference: 'changed' }] },
      { logicalId: 'Gone', status: 'deleted', nestedIn: expect.stringMatching(/^Inside/) },
    ]);
  });

  test('is in a plan that was to look for it, with the lookup role besides the deploy role', async () => {
    const options = { assembly, drift: true, output: 'plans/drift.json', markdown: 'plans/drift.md', stacks: 'Data' };
    const both = [mayAssume('deploy', STAGING), mayAssume('lookup', STAGING)];
    const planner = await callerWhoMayOnly(bed.bed.local, 'drift-planner', ...both);

    const denied = await bed.run('plan', options);
    expect({ code: denied.code, output: denied.output }).toMatchObject({
      code: 1,
      output: expect.stringMatching(new RegExp(`Data: .*${LOOKUP_ROLE}`)),
    });
    expect(existsSync(join(bed.root, options.output))).toBe(false);

    const { code, output } = await bed.run('plan', options, planner);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/1 unchanged; 1 drifted/) });
    const [json, markdown] = [options.output, options.markdown].map((file) =>
      readFileSync(join(bed.root, file), 'utf8'),
    );
    expect((JSON.parse(json!) as Plan).stacks).toMatchObject([
      {
        id: 'Data',
        outcome: 'unchanged',
        drift: [{ logicalId: 'Reader' }, { logicalId: 'Size' }, { status: 'deleted' }],
      },
    ]);
    expect(markdown).toMatch(/changed Reader .*MaxSessionDuration/);
    expect([output, json, markdown].join('\n')).not.toMatch(/deployed-value|meddled-value/);
    // and it is deployed by somebody who may not look
    expect(await bed.run('deploy', { assembly, plan: options.output })).toMatchObject({ code: 0 });
  });

  test('fails a schedule, but not one of other stacks', async () => {
    expect((await drift({ failOnDrift: true })).code).toBe(1);
    expect(await drift({ failOnDrift: true, stacks: 'Calm' })).toMatchObject({
      code: 0,
      output: expect.stringMatching(/1 stack: 1 without drift/),
    });
  });
});

describe('is denied, and says so,', () => {
  test('to somebody who may deploy and not read', async () => {
    const { code, output } = await drift({}, bed.deployer);
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`Data: .*${LOOKUP_ROLE}`));
    expect(output).not.toMatch(/without drift/);
  });

  test('to a lookup role that may not detect drift', async () => {
    // given
    const iam = rootClients(bed.bed.local, STAGING).iam();
    const policy = { RoleName: LOOKUP_ROLE, PolicyName: 'no-drift' };
    const PolicyDocument = JSON.stringify(
      statement({ Effect: 'Deny', Action: 'cloudformation:DetectStackDrift', Resource: '*' }),
    );
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));

    // when
    const { code, output, report } = await drift();
    await iam.send(new DeleteRolePolicyCommand(policy));

    // then
    expect(code).toBe(1);
    expect(output).toMatch(/Calm: .*cloudformation:DetectStackDrift/);
    expect(report!.stacks[0]!.failure).toMatchObject({ denied: { action: 'cloudformation:DetectStackDrift' } });
  });

  test('to a lookup role that wants to change something', async () => {
    const { output } = await bed.run('deploy', { assembly }, looker);
    expect(output).toMatch(/deploy-role/);
    expect(await bed.states('Drift-Later')).toEqual({ 'Drift-Later': undefined });
  });
});
