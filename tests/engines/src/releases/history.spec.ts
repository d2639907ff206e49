import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { type App, Stack, Stage } from 'aws-cdk-lib/core';
import { stackOwner } from 'nx-cdk/src/cloudformation/index.ts';
import { indexKey } from 'nx-cdk/src/release/index.ts';
import { CI, mayAssume, PROD, STAGING, startExecutors } from 'test-bed';
import { BUCKET, type Caller, openReleaseBed, type ReleaseBed, synthesize, type TestRelease } from './release-bed.ts';

const FILE = { environmentsFile: 'environments.json' };

let bed: ReleaseBed;
/** Three releases: all were deployed to staging, the first two to prod. */
let releases: TestRelease[];
/** May take the lookup roles of both accounts, and nothing else. */
let reader: Caller;

/** An app with the same two stacks in both environments, of which one changes with each version. */
function version(number: number, network = 7, more: readonly string[] = []): Promise<TestRelease> {
  return synthesize(bed, `Version${number}`, { stackNames: [] }, (app: App) => {
    for (const [name, env] of [['staging', STAGING] as const, ['prod', PROD] as const]) {
      const stage = new Stage(app, name, { env });
      new CfnQueue(new Stack(stage, 'Data'), 'Queue', { visibilityTimeout: number });
      new CfnQueue(new Stack(stage, 'Network'), 'Queue', { visibilityTimeout: network });
      for (const id of more) new CfnQueue(new Stack(stage, id), 'Queue');
    }
  });
}

async function run(executor: string, caller: Caller, options: object) {
  const { code, output } = await startExecutors(bed.workspace.root, [[executor, { ...FILE, ...options }]], caller)
    .ended;
  return { code, output };
}

const ship = (
  executor: 'publish' | 'deploy' | 'destroy',
  { assembly }: TestRelease,
  options: object = {},
  caller?: Caller,
) => run(executor, caller ?? (executor === 'publish' ? bed.publisher : bed.deployer), { assembly, ...options });

const short = (index: number) => releases[index]!.manifest.digest.slice(0, 12);

async function list(options: object = {}): Promise<{ output: string; requests: Record<string, number> }> {
  const proxy = await bed.bed.proxy();
  const { code, output } = await run('releases', { ...reader, AWS_ENDPOINT_URL: proxy.endpoint }, options);
  expect({ code, output }).toEndWith(0);
  const actions = Map.groupBy(proxy.requests, ({ action }) => action);
  return { output, requests: Object.fromEntries([...actions].map(([action, { length }]) => [action, length])) };
}

/** The line of a release. */
async function lineOf(index: number): Promise<string> {
  return (await list()).output.split('\n').find((line) => line.startsWith(short(index))) ?? '';
}

beforeAll(async () => {
  bed = await openReleaseBed();
  const environments = [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', approval: true, targets: [PROD] },
  ];
  writeFileSync(join(bed.workspace.root, FILE.environmentsFile), JSON.stringify({ ci: CI, environments }));
  reader = await bed.caller('history-reader', mayAssume('lookup', STAGING), mayAssume('lookup', PROD));
  releases = [await version(1), await version(2), await version(3)];
  for (const [index, release] of releases.entries()) {
    expect(await ship('publish', release)).toMatchObject({ code: 0 });
    const options = index < 2 ? {} : { environment: 'staging' };
    expect(await ship('deploy', release, options)).toMatchObject({ code: 0 });
  }
}, 300_000);

afterAll(() => bed?.close());

test('who may only take lookup roles sees what was released, and where it runs', async () => {
  const { output, requests } = await list();
  const lines = output.split('\n').filter((line) => /^[0-9a-f]{12} /.test(line));
  expect(lines.map((line) => line.split(/ {2,}/).at(-1))).toEqual([
    'staging (1 of 2 stacks)',
    'prod (1 of 2 stacks)',
    '(staging: 1 of 2 stacks), (prod: 1 of 2 stacks)',
  ]);
  expect(lines.map((line) => line.split(' ')[0])).toEqual([2, 1, 0].map(short));
  expect(requests).toEqual({ AssumeRole: 2, ListObjectsV2: 2, DescribeStacks: 2 });
  // and may not publish or deploy
  for (const step of ['publish', 'deploy'] as const) {
    expect(await ship(step, releases[0]!, {}, reader)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/history-reader\S* may not sts:AssumeRole \S+(file-publishing|deploy)-role/),
    });
  }
});

test('who may take no lookup role sees nothing, and is told which one', async () => {
  expect(await run('releases', bed.publisher, {})).toMatchObject({
    code: 1,
    output: expect.stringMatching(/staging 111111111111\/eu-west-1: .*cdk-hnb659fds-lookup-role/),
  });
});

test('what differs between two environments is read with their deploy roles', async () => {
  const { code, output } = await run('releases', bed.deployer, { compare: 'prod,staging' });
  expect({ code, output }).toEndWith(0);
  expect(output).toContain(`From release ${short(1)} to ${short(2)}: 2 stacks differ.`);
  expect(output).toContain('~ staging/Data: 1 modified');
  expect(output).toMatch(/~ staging\/Data: 1 modified\n +~ Queue \(AWS::SQS::Queue\)/);
  expect(output).toContain('Dependencies: what differs is not known, since the index names no commit');
  // and not with lookup roles
  expect(await run('releases', reader, { compare: 'prod,staging' })).toMatchObject({ code: 1 });
});

describe('a word for a release', () => {
  test('is no approval, and a whole digest is', async () => {
    const asked = { environment: 'prod', yes: false };
    const refused = await ship('deploy', releases[2]!, { ...asked, release: 'staging' });
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('asks for an approval') });
    expect(refused.output).toContain(`--release=staging is ${releases[2]!.manifest.digest}, which staging has`);
    expect(await lineOf(2)).not.toContain('prod');
  });

  test('needs a role in the environment that it names', async () => {
    const ofProd = await bed.caller('history-prod', mayAssume('deploy', PROD));
    expect(await ship('deploy', releases[2]!, { environment: 'prod', release: 'staging' }, ofProd)).toMatchObject({
      code: 1,
      output: expect.stringContaining('cdk-hnb659fds-deploy-role-111111111111-eu-west-1'),
    });
  });

  test('brings what staging has to prod, and what prod had before back', async () => {
    const toProd = { environment: 'prod', release: 'staging' };
    expect(await ship('deploy', releases[2]!, toProd)).toMatchObject({ code: 0 });
    expect(await lineOf(2)).toMatch(/staging \(1 of 2 stacks\), prod \(1 of 2 stacks\)/);

    // out of the bucket: another assembly is in the folder
    const back = await ship('deploy', releases[2]!, { environment: 'prod', release: 'previous' });
    expect(back).toMatchObject({ code: 0 });
    expect(back.output).toContain(
      `This goes back: release ${short(1)} was published before ${short(2)}, which prod/Data`,
    );
    expect(back.output).toContain(
      `--release=previous is ${releases[1]!.manifest.digest}, which was deployed to prod on `,
    );
    expect(await lineOf(1)).toContain('prod (1 of 2 stacks)');

    const digits = { environment: 'prod', release: short(2) };
    const forth = await ship('deploy', releases[2]!, digits);
    expect(forth).toMatchObject({ code: 0, output: expect.not.stringContaining('goes back') });
  });

  test('that names nothing ends the run before it looks at a stack', async () => {
    expect(await ship('deploy', releases[2]!, { environment: 'prod', release: 'latest' })).toMatchObject({
      code: 1,
      output: expect.stringContaining('"latest" names no release'),
    });
  });

  test('is refused where a deployment has left out a stack, until that is done', async () => {
    const both = await version(4, 8);
    expect(await ship('publish', both)).toMatchObject({ code: 0 });
    const toStaging = { environment: 'staging' };
    expect(await ship('deploy', both, { ...toStaging, stacks: 'staging/Data' })).toMatchObject({ code: 0 });
    const toProd = { environment: 'prod', release: 'staging', dryRun: true };
    expect(await ship('deploy', both, toProd)).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /staging has no release as a whole: \w{12} was deployed last, and staging-Network is not what it says: deploy it to staging again/,
      ),
    });
    // and a stack that was never made
    const more = await version(5, 8, ['More']);
    expect(await ship('publish', more)).toMatchObject({ code: 0 });
    expect(await ship('deploy', more, { ...toStaging, stacks: 'staging/[DN]*' })).toMatchObject({ code: 0 });
    expect(await ship('deploy', more, toProd)).toMatchObject({
      code: 1,
      output: expect.stringContaining('and staging-More of it is not there'),
    });
    expect(await ship('deploy', more, toStaging)).toMatchObject({ code: 0 });
    expect(await ship('deploy', more, toProd)).toMatchObject({ code: 0 });
  });
});

test('a thousand releases cost no request more than three', async () => {
  const before = await list({ limit: 3 });
  const { id: owner } = stackOwner('scratch', 'shop');
  const old = Array.from({ length: 1000 }, (_, index) => {
    const entry = { release: index.toString(16).padStart(64, '0'), publishedAt: Date.now() - index * 3_600_000 };
    return indexKey(owner, { ...entry, publishedAt: entry.publishedAt - 86_400_000 });
  });
  for (let start = 0; start < old.length; start += 50) {
    const some = old.slice(start, start + 50);
    await Promise.all(
      some.map((Key) => bed.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: '', ContentLength: 0 }))),
    );
  }
  const after = await list({ limit: 3 });
  expect(after.requests).toEqual(before.requests);
  expect(after.output).toBe(before.output);
});
