import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { NestedStack, Stack, Stage } from 'aws-cdk-lib/core';
import { CI, mayAssume, type NxWorkspace, nxWorkspace, STAGING, startExecutors } from 'test-bed';
import { put } from './bucket-contents.ts';
import { BUCKET, type Caller, openReleaseBed, type ReleaseBed, synthesize, type TestRelease } from './release-bed.ts';

const STAGED = { environmentsFile: 'environments.json', environment: 'staging' };

let bed: ReleaseBed;
/** Settings, and no assembly. */
let far: NxWorkspace;
/** May take the lookup role and the deploy role. */
let reviewer: Caller;
/** May take the lookup role alone. */
let reader: Caller;
let before: TestRelease;
let after: TestRelease;

/** A stack with a nested one, in which another one is nested: each has a queue with that timeout. */
function version(number: number): Promise<TestRelease> {
  return synthesize(bed, `Version${number}`, { stackNames: ['Outer'] }, (app) => {
    app.node.setContext('aws:cdk:enable-asset-metadata', true);
    const outer = new Stack(new Stage(app, 'staging'), 'App', { env: STAGING, stackName: 'Outer' });
    const inner = new NestedStack(outer, 'Inner');
    for (const scope of [outer, inner, new NestedStack(inner, 'Innermost')])
      new CfnQueue(scope, 'Queue', { visibilityTimeout: scope === outer ? 30 : number });
  });
}

beforeAll(async () => {
  bed = await openReleaseBed();
  far = await nxWorkspace(join(bed.bed.folder, 'far'));
  const environments = [{ name: 'staging', targets: [STAGING] }];
  for (const { root } of [bed.workspace, far])
    writeFileSync(join(root, 'environments.json'), JSON.stringify({ ci: CI, environments }));
  const lookup = mayAssume('lookup', STAGING);
  reviewer = await bed.caller('diff-reviewer', lookup, mayAssume('deploy', STAGING));
  reader = await bed.caller('diff-reader', lookup);
  [before, after] = [await version(41), await version(42)];
  for (const release of [before, after])
    expect(await bed.run('publish', release, bed.publisher, STAGED)).toMatchObject({ code: 0 });
  expect(await bed.run('deploy', before, bed.deployer, STAGED)).toMatchObject({ code: 0 });
}, 120_000);

afterAll(() => bed?.close());

beforeEach(forget);

/** Deletes what was fetched. */
function forget(): void {
  rmSync(join(far.root, 'dist'), { recursive: true, force: true });
}

async function diffFar({ manifest }: TestRelease, caller: Caller, options: object = {}) {
  const proxy = await bed.bed.proxy();
  const step = ['diff', { ...STAGED, release: manifest.digest, ...options }] as const;
  const run = await startExecutors(far.root, [step], { ...caller, ...proxy.environment }).ended;
  return { ...run, gets: proxy.requests.filter(({ action }) => action === 'GetObject').length };
}

const keyOfNested = ({ manifest }: TestRelease) =>
  manifest.assets.find(({ path = '' }) => /Innermost.*nested\.template\.json$/.test(path))!.id + '.json';

test('a release is compared by its digest as it is where the sources are, nested stacks included', async () => {
  const here = await bed.run('diff', after, reader, { ...STAGED, json: false });
  expect(here.output.match(/VisibilityTimeout/g)).toHaveLength(2);
  const changes = (output: string) => output.split('\n').filter((line) => /[┃│├└]|VisibilityTimeout/.test(line));

  // when
  const there = await diffFar(after, reviewer);
  // then the assembly and two templates are fetched
  expect(there).toMatchObject({ code: 0, gets: 3 });
  expect(changes(there.output)).toEqual(changes(here.output));
  expect(await diffFar(before, reviewer)).toMatchObject({ code: 0, output: expect.stringContaining('no differences') });

  // and for what is there, the lookup role is enough
  const again = await diffFar(after, reader);
  expect(again).toMatchObject({ code: 0, gets: 0 });
  expect(changes(again.output)).toEqual(changes(here.output));
});

test('who may take lookup roles alone fetches nothing, and is told which role it takes', async () => {
  const refused = await diffFar(after, reader);
  expect(refused).toMatchObject({
    code: 1,
    output: expect.stringMatching(/sts:AssumeRole \S+-deploy-role-111111111111/),
  });
});

test('a nested template that was replaced or deleted is named, and not shown', async () => {
  const key = keyOfNested(after);
  await put(bed.s3, key, '{"Resources":{"Planted":{"Type":"AWS::SQS::Queue"}}}');
  const replaced = await diffFar(after, reviewer);
  expect(replaced).toMatchObject({
    code: 1,
    output: expect.stringContaining(`${key} is not the nested template that`),
  });
  expect(replaced.output).not.toContain('Planted');
  await bed.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
  forget();
  const missing = await diffFar(after, reviewer);
  expect(missing).toMatchObject({ code: 1, output: expect.stringContaining('its nested template is not there') });
  // and publishing again heals it
  expect(await bed.run('publish', after, bed.publisher, STAGED)).toMatchObject({ code: 0 });
  expect(await diffFar(after, reviewer, { masked: true })).toMatchObject({ code: 0 });
});
