import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchDeleteImageCommand } from '@aws-sdk/client-ecr';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack, Stage } from 'aws-cdk-lib/core';
import { bundleKey, describeRelease, writeReleaseManifest } from 'nx-cdk/src/release/index.ts';
import { CI, PROD, rootClients, STAGING, startExecutors, startProcess } from 'test-bed';
import { synth } from '../bed/apps.ts';
import { ship } from '../bed/ship.ts';
import { putImage, repositoryName } from '../releases/put-image.ts';
import { BUCKET, synthesize, type TestRelease } from '../releases/release-bed.ts';
import { type GarbageBed, keysOf, openGarbageBed, shop, versioned } from './gc-bed.ts';

const CDK = join(import.meta.dirname, '..', '..', '..', '..', 'node_modules', '.bin', 'cdk');
const TAG = 'a9'.repeat(32);

let bed: GarbageBed;
/** Three releases of our app. */
let shops: TestRelease[];
/** Keys of two versions of an app of another workspace. */
const blog: string[] = [];
/** Keys of two versions of what `cdk deploy` brought there. */
const stock: string[] = [];

// Given two apps and one of the stock CLI, each deployed several times, and an image that nobody names
beforeAll(async () => {
  bed = await openGarbageBed();
  shops = [await shop(bed, 1), await shop(bed, 2), await shop(bed, 3)];
  for (const release of shops) {
    expect(await bed.run('publish', release, bed.publisher)).toMatchObject({ code: 0 });
    expect(await bed.run('deploy', release, bed.deployer)).toMatchObject({ code: 0 });
  }
  const { folder, local } = bed.bed;
  for (const version of [1, 2]) {
    const assembly = synth(join(folder, `blog${version}`), 'Blog', versioned(folder, 'Blog', version));
    const manifest = await describeRelease(assembly, { tools: {} });
    await writeReleaseManifest(assembly.directory, manifest);
    const { deployed } = await ship(assembly, { environment: bed.bed.environment() });
    expect(deployed.success).toBe(true);
    blog.push(...keysOf({ manifest }));
  }
  for (const version of [1, 2]) {
    const assembly = synth(join(folder, `stock${version}`), 'Stock', versioned(folder, 'Stock', version));
    const args = ['deploy', '--app', assembly.directory, '--all', '--require-approval', 'never'];
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ...local.foreignEnvironment() };
    const quiet = { CDK_DISABLE_VERSION_CHECK: '1', CDK_DISABLE_CLI_TELEMETRY: 'true' };
    const { code, output } = await startProcess(CDK, args, { cwd: folder, env: { ...env, ...quiet } }).ended;
    expect({ code, output }).toEndWith(0);
    stock.push(...keysOf({ manifest: await describeRelease(assembly, { tools: {} }) }));
  }
  await putImage(rootClients(local, STAGING).ecr(), TAG, 'unnamed');
}, 300_000);

afterAll(() => bed?.close());

async function keysThere(): Promise<string[]> {
  const { Contents = [] } = await bed.s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key }) => Key!);
}

const bundleOf = ({ manifest }: TestRelease) => bundleKey(manifest.digest);

const assetsThere = async () => (await keysThere()).filter((key) => !key.includes('/')).toSorted();

test('the executor, today: everything is young', async () => {
  const step = ['gc', { environmentsFile: 'environments.json', yes: true, json: true }] as const;
  const { code, output } = await startExecutors(bed.workspace.root, [step], bed.collector).ended;
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('no garbage') });
});

test('a release that is not kept is retired, and a day later what only it needs is deleted', async () => {
  // given
  const before = await assetsThere();
  const [gone = ''] = keysOf(shops[0]!).filter((key) => key.endsWith('.txt'));
  // when
  const first = await bed.collect(40);
  // then
  expect(first.targets).toMatchObject([{ outcome: 'deleted', retired: 1, deleted: 0 }]);
  expect(await assetsThere()).toEqual(before);

  // when
  const second = await bed.collect(42);
  // then files of the other app and of the stock CLI are there, also those that no stack needs
  expect(second.targets).toMatchObject([{ outcome: 'deleted', deleted: 3, files: { count: 3 } }]);
  const stored = (await keysThere()).filter((key) => key.startsWith('assemblies/'));
  expect(stored).toEqual(expect.arrayContaining(shops.slice(1).map(bundleOf)));
  expect(stored).not.toContain(bundleOf(shops[0]!));
  const now = await assetsThere();
  expect(now).toEqual(before.filter((key) => !keysOf(shops[0]!).includes(key)));
  expect(now).toEqual(expect.arrayContaining([...blog, ...stock, ...keysOf(shops[1]!), ...keysOf(shops[2]!)]));
  // and its versions are kept: it is back without its delete marker
  const { DeleteMarkers = [] } = await bed.s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: gone }));
  const [{ VersionId } = {}] = DeleteMarkers;
  await bed.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: gone, VersionId }));
  expect(await assetsThere()).toContain(gone);
});

test('a kept release can be deployed again as it is; one that was retired is published first', async () => {
  expect(await bed.run('deploy', shops[1]!, bed.deployer)).toMatchObject({ code: 0 });

  const refused = await bed.run('deploy', shops[0]!, bed.deployer);
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('is not published') });
  expect(await bed.run('publish', shops[0]!, bed.publisher)).toMatchObject({ code: 0 });
  expect(await bed.run('deploy', shops[0]!, bed.deployer)).toMatchObject({ code: 0 });
});

test('with --all, what no release names is deleted as well, if no stack needs it', async () => {
  // when
  const { targets } = await bed.collect(40, { all: true, keep: 10 });
  // then
  expect(targets).toMatchObject([{ outcome: 'deleted', images: { count: 1 } }]);
  const names = targets[0]!.items.map(({ name }) => name);
  const [stockOld = '', stockNew = ''] = stock.filter((key) => key.endsWith('.txt'));
  expect(names).toEqual(expect.arrayContaining([stockOld, TAG]));
  expect(names).not.toContain(stockNew);
  const now = await assetsThere();
  expect(now).not.toContain(stockOld);
  expect(now).toEqual(expect.arrayContaining([stockNew, ...blog, ...shops.flatMap(keysOf)]));
});

test('what a release has left where it has nothing goes with it, and leaves the rest alone', async () => {
  // given an app that has a stack in prod alone, published for both environments
  const environments = [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', targets: [PROD] },
  ];
  writeFileSync(join(bed.workspace.root, 'both.json'), JSON.stringify({ ci: CI, environments }));
  const elsewhere = await synthesize(bed, 'Elsewhere', { stackNames: [] }, (app) => {
    new CfnQueue(new Stack(new Stage(app, 'prod'), 'App', { env: PROD }), 'Queue');
  });
  const { digest } = elsewhere.manifest;
  const saying = async () => (await keysThere()).filter((key) => key.includes(digest));
  for (const environment of ['staging', 'prod']) {
    const published = await bed.run('publish', elsewhere, bed.publisher, {
      environmentsFile: 'both.json',
      environment,
    });
    expect(published).toMatchObject({ code: 0 });
  }
  expect(await saying()).toEqual(expect.arrayContaining([bundleOf(elsewhere), expect.stringMatching('^releases/')]));
  const others = (await keysThere()).filter((key) => !key.includes(digest));

  // when it is kept
  await bed.collect(44, { keep: 10 });
  await bed.collect(46, { keep: 10 });
  // then
  expect(await saying()).toContain(bundleOf(elsewhere));

  // when a newer one is all that is kept
  expect(await bed.run('publish', shops[2]!, bed.publisher, { force: true })).toMatchObject({ code: 0 });
  const { targets } = await bed.collect(48, { keep: 1 });
  expect(targets).toMatchObject([{ outcome: 'deleted' }]);
  await bed.collect(50, { keep: 1 });
  // then
  expect(await saying()).toEqual([]);
  const now = await keysThere();
  expect(now).toEqual(
    expect.arrayContaining(others.filter((key) => blog.includes(key) || key === bundleOf(shops[2]!))),
  );
  // and not from where nobody has collected
  const there = { Bucket: `cdk-hnb659fds-assets-${PROD.account}-${PROD.region}`, Key: bundleOf(elsewhere) };
  await expect(rootClients(bed.bed.local, PROD).s3().send(new GetObjectCommand(there))).resolves.toBeDefined();
});

describe('of the roles', () => {
  const [key, denied] = [`${'b7'.repeat(32)}.zip`, { name: 'AccessDenied' }];
  beforeAll(() => bed.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'content' })));

  const bootstrapRole = (kind: string) => `cdk-hnb659fds-${kind}-role-${STAGING.account}-${STAGING.region}`;

  test.each(['deploy', 'image-publishing'])('a role for %s deletes nothing', async (kind) => {
    const { s3, ecr } = await bed.as(bootstrapRole(kind));
    const Delete = { Objects: [{ Key: key }] };
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete })).catch((error: Error) => error);
    expect(answer).toMatchObject(answer instanceof Error ? denied : { Errors: [{ Code: 'AccessDenied' }] });
    expect(await keysThere()).toContain(key);
    const image = ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: TAG }] }));
    await expect(image).rejects.toMatchObject({ name: expect.stringContaining('AccessDenied') });
  });

  test('that for garbage reads and writes no asset, and deletes no version', async () => {
    const { s3 } = await bed.as('nx-cdk-gc');
    const { Versions = [] } = await bed.s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: key }));
    const { VersionId } = Versions[0]!;
    await expect(s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))).rejects.toMatchObject(denied);
    await expect(s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'x' }))).rejects.toMatchObject(denied);
    const forGood = s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key, VersionId }));
    await expect(forGood).rejects.toMatchObject(denied);
    // while it may put a delete marker over it
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    expect(await keysThere()).not.toContain(key);
  });
});
