import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { type App, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { nxWorkspace, rootClients, STAGING, startExecutors } from 'test-bed';
import { openPlanBed, type PlanBed } from '../plan/plan-bed.ts';

let bed: PlanBed;
/** The assembly of the app as it is now, which holds one stack only. */
let now: string;

const ALL = ['Shop-Keep', 'Shop-Data', 'Shop-Service', 'Shop-Guarded'];

/** `Service` uses an export of `Data`, and nobody may delete `Guarded`. */
const former = (app: App) => {
  keep(app);
  const data = new Stack(app, 'Data', { env: STAGING, stackName: 'Shop-Data' });
  dataOf(data);
  const service = new Stack(app, 'Service', { env: STAGING, stackName: 'Shop-Service' });
  new CfnQueue(service, 'Jobs', {
    redrivePolicy: { deadLetterTargetArn: new CfnQueue(data, 'Dead').attrArn, maxReceiveCount: 3 },
  });
  const guarded = new Stack(app, 'Guarded', { env: STAGING, stackName: 'Shop-Guarded', terminationProtection: true });
  new CfnQueue(guarded, 'Queue');
};

const keep = (app: App) => {
  new CfnQueue(new Stack(app, 'Keep', { env: STAGING, stackName: 'Shop-Keep' }), 'Queue');
};

const dataOf = (stack: Stack) => {
  new CfnTable(stack, 'Orders', {
    keySchema: [{ attributeName: 'id', keyType: 'HASH' }],
    attributeDefinitions: [{ attributeName: 'id', attributeType: 'S' }],
    billingMode: 'PAY_PER_REQUEST',
  });
  new CfnBucket(stack, 'Uploads').applyRemovalPolicy(RemovalPolicy.RETAIN);
};

// Given an app of four stacks, of which three have left it since
beforeAll(async () => {
  bed = await openPlanBed();
  await bed.ship(await bed.release('former', former));
  now = await bed.release('now', keep);
});

afterAll(() => bed?.close());

const namesThere = async () =>
  Object.entries(await bed.states(...ALL)).flatMap(([name, state]) => (state ? [name] : []));

const NAMED = [
  /3 stacks were left behind: the app deployed them, and does not hold them any more:$/m,
  /^ +Shop-Data in 111111111111\/eu-west-1, last deployed \d{4}-\d\d-\d\dT/m,
  /nx destroy shop --orphans, or with a deployment: nx deploy shop --prune\.$/m,
];

function expectNamed(output: string): void {
  for (const sentence of NAMED) expect(output).toMatch(sentence);
}

test('a deployment that changes nothing names them, and asks CloudFormation once', async () => {
  // given
  const proxy = await bed.bed.proxy();

  // when
  const { code, output } = await bed.run('deploy', { assembly: now }, { ...bed.deployer, ...endpointOf(proxy) });

  // then
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/1 stack: 1 unchanged/) });
  expectNamed(output);
  expect(proxy.count({ service: 'cloudformation' })).toBe(1);
  expect(await namesThere()).toEqual(ALL);
});

test('a plan and a diff name them', async () => {
  const planned = await bed.plan('now', now);
  expectNamed(planned.output);
  expect(planned.plan.leftBehind).toMatchObject([
    { stackName: 'Shop-Data' },
    { stackName: 'Shop-Guarded' },
    { stackName: 'Shop-Service' },
  ]);
  expect(planned.plan.deletions).toBeUndefined();
  expect(planned.markdown).toMatch(/^\*\*3 stacks were left behind: .*This plan leaves them alone\.$/m);

  const diffed = await bed.run('diff', { assembly: now }, bed.bed.environment());
  expect(diffed.code).toBe(0);
  expectNamed(diffed.output);
});

test('a stack under a new name says what it was called', async () => {
  const renamed = await bed.release('renamed', (app) => {
    keep(app);
    const store = new Stack(app, 'Store', { env: STAGING, stackName: 'Shop-Store' });
    dataOf(store);
    new CfnQueue(store, 'Dead');
  });
  const sentence =
    /Store \(111111111111\/eu-west-1\) was called Shop-Data before: a deployment creates a second one\. To keep the first one, set stackName: 'Shop-Data'/;
  const planned = await bed.plan('renamed', renamed);
  expect(planned.output).toMatch(sentence);
  expect(planned.stack('Store').reasons).toEqual(['was called Shop-Data before: a deployment creates a second one']);
  const diffed = await bed.run('diff', { assembly: renamed }, bed.bed.environment());
  expect(diffed.output).toMatch(sentence);
});

test('where nobody can be asked, nothing is deleted without a word for it', async () => {
  for (const [executor, options, next] of [
    ['destroy', { orphans: true }, /add --force/],
    ['deploy', { prune: true, yes: false }, /add --yes, or deploy a reviewed plan/],
    // A release says nothing of deletions.
    ['deploy', { prune: true, yes: false, requireEndpoint: true }, /add --yes, or deploy a reviewed plan/],
  ] as const) {
    const { code, output } = await bed.run(executor, { assembly: now, ...options });
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(next) });
    expect(output).toMatch(/Delete 2 stacks in 111111111111\/eu-west-1\? There is no terminal/);
    expect(output).toMatch(/Shop-Guarded in .*it stays: its termination protection is on/);
  }
  const both = await bed.run('destroy', { assembly: now, orphans: true, stacks: 'Keep' });
  expect(both).toMatchObject({ code: 1, output: expect.stringMatching(/--orphans and --stacks exclude each other/) });
  expect(await namesThere()).toEqual(ALL);
});

test('a dry run shows what would be deleted, with what becomes of data', async () => {
  const { code, output } = await bed.run('destroy', { assembly: now, orphans: true, dryRun: true });
  expect(code).toBe(0);
  expect(output).toMatch(/^2 stacks were left behind and are deleted, in this order:$/m);
  expect(output.indexOf('Shop-Service (')).toBeLessThan(output.indexOf('Shop-Data ('));
  expect(output).toMatch(/^ +remove +Orders +AWS::DynamoDB::Table +data is lost$/m);
  expect(output).toMatch(/^ +stays +Uploads +AWS::S3::Bucket +data is kept$/m);
  expect(await namesThere()).toEqual(ALL);
});

test('a project of the same name in another workspace has left nothing behind', async () => {
  const other = await nxWorkspace(join(bed.bed.folder, 'other'));
  writeFileSync(join(other.root, 'package.json'), JSON.stringify({ name: 'other', private: true, type: 'module' }));
  const assembly = join(bed.workspace.app, now);
  const options = { assembly, orphans: true, force: true };
  const { code, output } = await startExecutors(other.root, [['destroy', options]], bed.deployer).ended;
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/^No stack is deleted/m) });
  expect(output).not.toContain('Shop-');
  expect(await namesThere()).toEqual(ALL);
});

describe('a plan with deletions', () => {
  const plan = () => bed.plan('pruned', now, { prune: true });

  test('holds them, each after those that import from it', async () => {
    const { plan: content, markdown, output } = await plan();
    expect(content.deletions).toMatchObject([{ stackName: 'Shop-Service' }, { stackName: 'Shop-Data' }]);
    expect(content.leftBehind).toMatchObject([
      { stackName: 'Shop-Guarded', stays: 'its termination protection is on' },
    ]);
    expect(markdown).toMatch(/^\*\*2 stacks were left behind and are deleted, in this order:\*\*$/m);
    expect(markdown).toMatch(/Shop-Data<\/code>.*\*\*deletes\*\*, \*\*data loss\*\*/);
    expect(output).toMatch(/^Shop-Data \(.*\): delete, 2 resources, 1 stays; last deployed/m);
    // and the same again
    expect((await plan()).json).toBe(JSON.stringify(content, null, 2) + '\n');
  });

  test('is refused for a deployment that was to delete, if it was made without', async () => {
    const planned = await bed.plan('without', now);
    const { code, output } = await bed.run('deploy', { assembly: now, plan: planned.file, prune: true });
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(/made without --prune/) });
  });

  test('fails where the deploy role may not delete, and says so; nothing is gone', async () => {
    // given
    const { file } = await plan();
    const iam = rootClients(bed.bed.local, STAGING).iam();
    const policy = {
      RoleName: `cdk-hnb659fds-deploy-role-${STAGING.account}-${STAGING.region}`,
      PolicyName: 'no-deletion',
    };
    const Statement = [{ Effect: 'Deny', Action: 'cloudformation:DeleteStack', Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));

    // when
    const denied = await bed.run('deploy', { assembly: now, plan: file });
    await iam.send(new DeleteRolePolicyCommand(policy));

    // then
    expect(denied.code).toBe(1);
    expect(denied.output).toMatch(/1 stack: 1 unchanged/);
    expect(denied.output).toMatch(/Shop-Service: .*deploy-role-111111111111-eu-west-1.* cloudformation:DeleteStack/);
    expect(denied.output).toMatch(/Shop-Data.*still there, because Shop-Service failed/);
    expect(await namesThere()).toEqual(ALL);
  });

  test('deletes exactly these when all stacks are done, and once more there is nothing to do', async () => {
    // given a plan, and a stack that has left since
    const { file } = await plan();
    const later = await bed.release('later', (app) => {
      keep(app);
      new CfnQueue(new Stack(app, 'Later', { env: STAGING, stackName: 'Shop-Later' }), 'Queue');
    });
    await bed.ship(later);

    // when
    const pruned = await bed.run('deploy', { assembly: now, plan: file });

    // then
    expect(pruned).toMatchObject({ code: 0, output: expect.stringMatching(/2 stacks: 2 deleted/) });
    expect(await namesThere()).toEqual(['Shop-Keep', 'Shop-Guarded']);
    expect(await bed.states('Shop-Later')).toEqual({ 'Shop-Later': expect.stringContaining('CREATE_COMPLETE') });
    const again = await bed.run('deploy', { assembly: now, plan: file });
    expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/2 stacks: 2 not there/) });

    // and what was not in the plan goes when somebody says so
    const orphans = await bed.run('destroy', { assembly: now, orphans: true, force: true });
    expect(orphans).toMatchObject({ code: 0, output: expect.stringMatching(/1 stack: 1 deleted/) });
    const { Stacks = [] } = await bed.admin.send(new DescribeStacksCommand({}));
    expect(Stacks.map(({ StackName }) => StackName).sort()).toEqual(['CDKToolkit', 'Shop-Guarded', 'Shop-Keep']);
  });
});

function endpointOf(proxy: Awaited<ReturnType<PlanBed['bed']['proxy']>>): Record<string, string> {
  const { AWS_ENDPOINT_URL: url } = bed.bed.environment(proxy);
  return { AWS_ENDPOINT_URL: url! };
}
