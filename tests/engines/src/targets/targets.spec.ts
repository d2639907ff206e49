import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack, Stage } from 'aws-cdk-lib/core';
import {
  callerWhoMayOnly,
  CI,
  mayAssume,
  nxWorkspace,
  type NxWorkspace,
  openTestBed,
  type Place,
  PROD,
  rootClients,
  STAGING,
  startExecutors,
  type TestBed,
} from 'test-bed';
import { synth } from '../bed/apps.ts';

const NOBODYS: Place = { account: '333333333333', region: 'eu-west-1' };

const nameOf = ({ account, region }: Place) => `${account}/${region}`;

let bed: TestBed;
let workspace: NxWorkspace;
let publisher: Record<string, string>;
let deployer: Record<string, string>;

// Given an environment of three targets, and callers that may use the roles of one of them
beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  workspace = await nxWorkspace(join(bed.folder, 'workspace'));
  const environments = [{ name: 'prod', targets: [STAGING, PROD, NOBODYS] }];
  writeFileSync(join(workspace.root, 'environments.json'), JSON.stringify({ ci: CI, environments }));
  [publisher, deployer] = await Promise.all([
    callerWhoMayOnly(bed.local, 'publish-one-target', mayAssume('file-publishing', PROD)),
    callerWhoMayOnly(bed.local, 'deploy-one-target', mayAssume('deploy', PROD)),
  ]);
});

afterAll(async () => {
  await bed?.close();
});

/** A stage with a stack in two targets; the second depends on the first if it is asked to. */
function app(name: string, dependent = false): string {
  return synth(bed.folder, name, (root) => {
    const stage = new Stage(root, 'prod');
    const one = new Stack(stage, 'One', { env: STAGING, stackName: `${name}-One` });
    const two = new Stack(stage, 'Two', { env: PROD, stackName: `${name}-Two` });
    for (const stack of [one, two]) new CfnQueue(stack, 'Queue');
    if (dependent) two.addStackDependency(one);
  }).directory;
}

async function run(executor: string, options: object, environment: Record<string, string>) {
  const all = { environmentsFile: 'environments.json', environment: 'prod', report: 'report.json', ...options };
  return startExecutors(workspace.root, [[executor, all]], environment).ended;
}

const report = <T>() => JSON.parse(readFileSync(join(workspace.root, 'report.json'), 'utf8')) as T;

async function statusOf(place: Place, stackName: string): Promise<string | undefined> {
  const answer = rootClients(bed.local, place)
    .cloudFormation()
    .send(new DescribeStacksCommand({ StackName: stackName }));
  return answer.then(
    ({ Stacks: [stack] = [] }) => stack?.StackStatus,
    () => undefined,
  );
}

test('a step whose role is for one target publishes and deploys that one, and leaves the others alone', async () => {
  const assembly = app('Limited');
  const limited = { assembly, targets: nameOf(PROD) };

  // when
  const published = await run('publish', limited, publisher);

  // then
  expect(published).toMatchObject({ code: 0, output: expect.stringMatching(/1 asset: 1 uploaded/) });
  expect(report<{ destinations: Place[] }>().destinations.map(nameOf)).toEqual([nameOf(PROD)]);

  // when
  const deployed = await run('deploy', limited, deployer);

  // then
  expect(deployed).toMatchObject({ code: 0, output: expect.stringMatching(/prod\/Two.*created/) });
  expect(report<{ stacks: { id: string }[] }>().stacks.map(({ id }) => id)).toEqual(['prod/Two']);
  expect(await statusOf(PROD, 'Limited-Two')).toBe('CREATE_COMPLETE');
  expect(await statusOf(STAGING, 'Limited-One')).toBeUndefined();
});

test('the same step is denied every other target, whichever way it is asked for', async () => {
  const assembly = app('Denied');
  for (const targets of [undefined, nameOf(STAGING), '*/eu-west-1', `${nameOf(PROD)},${nameOf(STAGING)}`]) {
    const published = await run('publish', { assembly, targets }, publisher);
    expect(published).toMatchObject({
      code: 1,
      output: expect.stringMatching(/may not sts:AssumeRole \S+file-publishing-role-111111111111-eu-west-1/),
    });
  }
  const deployed = await run('deploy', { assembly, targets: nameOf(STAGING) }, deployer);
  expect(deployed).toMatchObject({
    code: 1,
    output: expect.stringMatching(/may not sts:AssumeRole \S+deploy-role-111111111111-eu-west-1/),
  });
  expect(await statusOf(STAGING, 'Denied-One')).toBeUndefined();
});

test('a stack that needs one of another target is refused before anything is asked of AWS', async () => {
  const assembly = app('Dependent', true);
  const { code, output } = await run('deploy', { assembly, targets: nameOf(PROD), verbose: true }, deployer);
  expect({ code, output }).toEndWith(1);
  expect(output).toMatch(
    /prod\/Two in 222222222222\/us-east-1 depends on prod\/One in 111111111111\/eu-west-1, .*set "parallelActions": 1 for prod/,
  );
  expect(output).not.toMatch(/^aws /m);
});

test('a target that the environment has, but this app does not use, is nothing to do', async () => {
  const limited = { assembly: app('Elsewhere'), targets: nameOf(NOBODYS) };
  expect(await run('publish', limited, publisher)).toEndWith(0);
  expect(await run('deploy', limited, deployer)).toMatchObject({
    code: 0,
    output: expect.stringMatching(/No stack of shop goes to 333333333333\/eu-west-1: there is nothing to deploy\./),
  });
});

test('a target that nobody has is a mistake', async () => {
  const limited = { assembly: app('Unknown'), targets: '222222222222/eu-north-1' };
  for (const [executor, caller] of [
    ['publish', publisher],
    ['deploy', deployer],
  ] as const) {
    expect(await run(executor, limited, caller)).toMatchObject({
      code: 1,
      output: expect.stringContaining(
        'There is no target "222222222222/eu-north-1": there are 111111111111/eu-west-1, 222222222222/us-east-1, 333333333333/eu-west-1.',
      ),
    });
  }
});

test('an environment-agnostic stack goes where the caller is, and so belongs to that target', async () => {
  const assembly = synth(bed.folder, 'Agnostic', (root) => {
    new CfnQueue(new Stack(new Stage(root, 'prod'), 'Open', { stackName: 'Agnostic-Open' }), 'Queue');
  }).directory;
  const own = { ...bed.environment(), AWS_ACCESS_KEY_ID: STAGING.account, AWS_REGION: STAGING.region };
  for (const executor of ['publish', 'deploy']) {
    expect(await run(executor, { assembly, targets: nameOf(STAGING) }, own)).toEndWith(0);
  }
  expect(await statusOf(STAGING, 'Agnostic-Open')).toBe('CREATE_COMPLETE');
  expect(await run('deploy', { assembly, targets: nameOf(PROD) }, own)).toMatchObject({
    code: 0,
    output: expect.stringMatching(/nothing to deploy/),
  });
});
