import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { DeployReport, StackReport } from 'nx-cdk/src/deploy/index.ts';
import { readReleaseManifest } from 'nx-cdk/src/release/index.ts';
import {
  nxWorkspace,
  type NxWorkspace,
  openTestBed,
  rootClients,
  rootOf,
  STAGING,
  startExecutors,
  type TestBed,
} from 'test-bed';
import { operationsOf } from '../bed/end-state.ts';

/** An app that fails if it is told to: a parameter with a name that the bootstrap has taken. */
const APP = `import { App, NestedStack, Stack } from 'aws-cdk-lib/core';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';

const app = new App();
const env = ${JSON.stringify(STAGING)};
const broken = app.node.tryGetContext('broken') === 'true';

function setting(scope, kind) {
  const name = broken ? '/cdk-bootstrap/hnb659fds/version' : '/' + kind;
  return new CfnParameter(scope, 'Setting', { type: 'String', value: 'on', name }); // culprit
}

const data = new Stack(app, 'Data', { env });
const queue = new CfnQueue(data, 'Queue');
setting(data, 'data').node.addDependency(queue);

const service = new Stack(app, 'Service', { env });
new CfnQueue(service, 'Queue');
service.addStackDependency(data);
const site = new Stack(app, 'Site', { env });
new CfnQueue(site, 'Queue');
site.addStackDependency(service);

new CfnQueue(new Stack(app, 'Elsewhere', { env }), 'Queue');

const parent = new Stack(app, 'Parent', { env });
new CfnQueue(parent, 'Queue');
setting(new NestedStack(parent, 'Child'), 'child');
`;

let bed: TestBed;
let client: CloudFormationClient;
let workspace: NxWorkspace;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  client = rootClients(bed.local, STAGING).cloudFormation();
  workspace = await nxWorkspace(join(bed.folder, 'workspace'));
  writeFileSync(join(workspace.app, 'app.mjs'), APP);
  const { code, output } = await startExecutors(
    workspace.root,
    [
      ['synth', { context: ['broken=true'], output: 'broken.out' }],
      ['synth', { context: ['broken=false'], output: 'corrected.out' }],
    ],
    {},
  ).ended;
  expect({ code, output }).toEndWith(0);
});

afterAll(async () => {
  await bed?.close();
});

interface Run {
  readonly code: number;
  readonly output: string;
  readonly report: DeployReport;
  readonly stack: (id: string) => StackReport;
}

/** Deploys the app as it is, broken or corrected. */
async function run(assembly: 'broken.out' | 'corrected.out', stacks: string): Promise<Run> {
  const { code, output } = await startExecutors(
    workspace.root,
    [
      ['publish', { assembly }],
      ['deploy', { assembly, stacks, report: 'report.json' }],
    ],
    bed.environment(),
  ).ended;
  const report = JSON.parse(readFileSync(join(workspace.root, 'report.json'), 'utf8')) as DeployReport;
  return { code, output, report, stack: (id) => report.stacks.find((stack) => stack.id === id)! };
}

async function stackInAws(StackName: string) {
  return (await client.send(new DescribeStacksCommand({ StackName }))).Stacks![0]!;
}

describe('a resource that cannot be created', () => {
  let failed: Run;

  beforeAll(async () => {
    failed = await run('broken.out', '{Data,Service,Site,Elsewhere}');
  });

  test('stops the stacks that depend on its stack, and no other', () => {
    const outcomes = Object.fromEntries(failed.report.stacks.map(({ id, outcome }) => [id, outcome]));
    expect(outcomes).toEqual({ Data: 'failed', Service: 'skipped', Site: 'skipped', Elsewhere: 'created' });
    expect(failed.stack('Site').notes).toEqual(['Data failed']);
    expect(failed).toEndWith(1);
  });

  test('is named first, with its construct path and the line that made it', () => {
    const line = APP.split('\n').findIndex((text) => text.includes('// culprit')) + 1;
    const source = expect.stringMatching(new RegExp(`app\\.mjs:${line}$`));
    const origin = { logicalId: 'Setting', constructPath: 'Data/Setting', source, status: 'CREATE_FAILED' };
    expect(failed.stack('Data').failure).toMatchObject({ code: 'StackFailed', causes: [origin] });
    expect(failed.output).toMatch(
      /Data: the creation failed in 111111111111\/eu-west-1 at Data\/Setting \(AWS::SSM::Parameter, \S*app\.mjs:\d+\): /,
    );
    expect(failed.output).toMatch(/status is ROLLBACK_COMPLETE: correct the cause and deploy again/);
    expect(failed.output).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  });

  test('does not have to be cleared away: corrected, the next deployment creates the stack anew and those behind it', async () => {
    const before = await stackInAws('Data');
    expect(before.StackStatus).toBe('ROLLBACK_COMPLETE');

    const next = await run('corrected.out', '{Data,Service,Site,Elsewhere}');

    expect(next).toEndWith(0);
    expect(next.stack('Data')).toMatchObject({
      outcome: 'created',
      notes: [expect.stringContaining('ROLLBACK_COMPLETE')],
    });
    expect(['Service', 'Site', 'Elsewhere'].map((id) => next.stack(id).outcome)).toEqual([
      'created',
      'created',
      'unchanged',
    ]);
    const after = await stackInAws('Data');
    expect(after.StackId).not.toBe(before.StackId);
    expect(await operationsOf(client, after.StackId!)).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  });
});

test('a resource that fails in a nested stack is the reason that is given, with where the nested stack stands', async () => {
  // when
  const { code, output, stack } = await run('broken.out', 'Parent');

  // then; the local AWS has no events of a nested stack that failed, AWS has, and with them the resource itself comes
  // first
  expect({ code, output }).toEndWith(1);
  expect(stack('Parent').failure!.causes[0]).toMatchObject({
    resourceType: 'AWS::CloudFormation::Stack',
    reason: expect.stringMatching(/AWS::SSM::Parameter.*already exists/),
    constructPath: expect.stringMatching(/^Parent\/Child\.NestedStack/),
    source: expect.stringMatching(/app\.mjs:\d+$/),
  });

  // when it is corrected
  const next = await run('corrected.out', 'Parent');
  expect({ code: next.code, outcome: next.stack('Parent').outcome }).toEqual({ code: 0, outcome: 'created' });
});

test('where only the digest of a release is known, a failure names the construct path as well', async () => {
  // given a release that was published, in a folder without an assembly
  const { code, output } = await startExecutors(
    workspace.root,
    [['publish', { assembly: 'broken.out' }]],
    bed.environment(),
  ).ended;
  expect({ code, output }).toEndWith(0);
  const { digest: release } = (await readReleaseManifest(join(workspace.app, 'broken.out')))!;
  const { accessKeyId, secretAccessKey } = rootOf(bed.local, STAGING).credentials;
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: STAGING.region };
  // when
  const options = { assembly: 'nowhere.out', release, stacks: 'Data', report: 'far.json' };
  const failed = await startExecutors(workspace.root, [['deploy', options]], { ...bed.environment(), ...keys }).ended;
  // then
  expect(failed).toEndWith(1);
  expect(failed.output).toContain('is taken from s3://');
  expect(failed.output).toMatch(
    /Data: the update failed in 111111111111\/eu-west-1 at Data\/Setting \(AWS::SSM::Parameter\): /,
  );
  const { stacks } = JSON.parse(readFileSync(join(workspace.root, 'far.json'), 'utf8')) as DeployReport;
  expect(stacks[0]!.failure!.causes[0]).toMatchObject({ logicalId: 'Setting', constructPath: 'Data/Setting' });
  // and so does the page
  const [, page = ''] = /Report: (\S+\.html)/.exec(failed.output) ?? [];
  const text = readFileSync(join(workspace.root, page), 'utf8').replaceAll(/<[^>]+>|\s+/g, ' ');
  expect(text).toMatch(
    / What happened +UPDATE_FAILED.* Where +Data\/Setting +AWS::SSM::Parameter +111111111111\/eu-west-1/,
  );
});
