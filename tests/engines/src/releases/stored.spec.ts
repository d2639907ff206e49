import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput, Stack, Stage } from 'aws-cdk-lib/core';
import { bundleKey } from 'nx-cdk/src/release/index.ts';
import { CI, type NxWorkspace, nxWorkspace, PROD, rootClients, rootOf, STAGING, startExecutors } from 'test-bed';
import { endStateOf, type StackState } from '../bed/end-state.ts';
import { contentOf, flipByte, put, recordsOf } from './bucket-contents.ts';
import {
  assuming,
  BUCKET,
  type Caller,
  makeRelease,
  openReleaseBed,
  type ReleaseBed,
  synthesize,
  type TestRelease,
} from './release-bed.ts';

const FILE = { environmentsFile: 'environments.json' };
const ENVIRONMENTS = { staging: STAGING, prod: PROD };

let bed: ReleaseBed;
/** Another machine: settings, and no sources. */
let far: NxWorkspace;

beforeAll(async () => {
  bed = await openReleaseBed();
  far = await nxWorkspace(join(bed.bed.folder, 'far'));
  for (const { root } of [bed.workspace, far]) writeFile(root);
});

afterAll(() => bed?.close());

function writeFile(root: string, more: object = {}): void {
  const environments = Object.entries(ENVIRONMENTS).map(([name, target]) => ({ name, targets: [target] }));
  writeFileSync(join(root, 'environments.json'), JSON.stringify({ ci: CI, environments, ...more }));
}

/** A release for both environments: in each, a stack with folders that are zipped and a file, the same for both. */
function stagedRelease(name: string, visibility = 30): Promise<TestRelease> {
  const folder = join(bed.bed.folder, 'sources', name);
  mkdirSync(join(folder, 'handler', 'lib'), { recursive: true });
  writeFileSync(join(folder, 'settings.txt'), `settings of ${name}`);
  writeFileSync(join(folder, 'handler', 'index.mjs'), `export const handler = () => '${name}';\n`);
  writeFileSync(join(folder, 'handler', 'lib', 'more.mjs'), 'export const more = 1;\n');
  const stackNames = Object.keys(ENVIRONMENTS).map((environment) => `${name}-${environment}`);
  return synthesize(bed, name, { stackNames }, (app) => {
    for (const [environment, env] of Object.entries(ENVIRONMENTS)) {
      const stack = new Stack(new Stage(app, environment), 'App', { env, stackName: `${name}-${environment}` });
      new CfnQueue(stack, 'Queue', { visibilityTimeout: visibility });
      const assets = {
        Text: join(folder, 'settings.txt'),
        Handler: join(folder, 'handler'),
        Library: join(folder, 'handler', 'lib'),
      };
      for (const [id, path] of Object.entries(assets))
        new CfnOutput(stack, `${id}Key`, { value: new Asset(stack, id, { path }).s3ObjectKey });
    }
  });
}

async function published(name: string, visibility?: number): Promise<TestRelease> {
  const release = await stagedRelease(name, visibility);
  expect(await bed.run('publish', release, bed.publisher, FILE)).toMatchObject({ code: 0 });
  return release;
}

/** Runs an executor on the other machine. */
async function runFar(
  executor: string,
  { manifest }: TestRelease,
  options: object = {},
  caller: Caller = bed.deployer,
) {
  const step = [executor, { ...FILE, release: manifest.digest, ...options }] as const;
  return startExecutors(far.root, [step], caller).ended;
}

async function endStates({ stackNames }: TestRelease, name: string): Promise<StackState[]> {
  const states = Object.values(ENVIRONMENTS).map((place, index) =>
    endStateOf(rootClients(bed.bed.local, place).cloudFormation(), name, [stackNames[index]!]),
  );
  return (await Promise.all(states)).flat();
}

const folderOf = ({ manifest }: TestRelease) => join(far.root, 'dist', 'releases', 'shop', manifest.digest);

/** Nothing was deployed, in either account. */
async function expectNothing({ stackNames }: TestRelease): Promise<void> {
  for (const [index, place] of Object.values(ENVIRONMENTS).entries()) {
    const StackName = stackNames[index]!;
    const look = rootClients(bed.bed.local, place).cloudFormation().send(new DescribeStacksCommand({ StackName }));
    await expect(look).rejects.toThrow(`${StackName} does not exist`);
  }
}

test('a release is deployed by its digest, from where there are no sources, as it is from where they are', async () => {
  // given a release that is there, and the next one
  const deployHere = async (visibility: number) =>
    bed.run('deploy', await stagedRelease('Away', visibility), caller, FILE);
  const proxy = await bed.bed.proxy();
  const caller = { ...bed.deployer, ...proxy.environment };
  const counted = async (run: Promise<{ code: number; output: string }>) => {
    const { code, output } = await run;
    expect({ code, output }).toMatchObject({ code: 0 });
    // A stack is looked at until it has ended, however often that is.
    const asked = proxy.requests.filter(
      ({ action }) => !['DescribeStacks', 'DescribeChangeSet', 'DescribeStackEvents'].includes(action ?? ''),
    );
    const countOf = (name: string) => asked.filter(({ service, action }) => `${service}:${action}` === name).length;
    const counts = { requests: asked.length, gets: countOf('s3:GetObject'), roles: countOf('sts:AssumeRole') };
    proxy.reset();
    return { ...counts, output };
  };

  await published('Away', 30);
  await counted(deployHere(30));
  const away = await published('Away', 31);
  const state = async () => (await endStates(away, 'Away')).map((one) => ({ ...one, operations: undefined }));

  // when
  const there = await counted(runFar('deploy', away, {}, caller));
  const stateThere = await state();
  // and it is done once more, with the sources
  await counted(deployHere(30));
  const here = await counted(deployHere(31));

  // then
  expect(there.output).toContain(`is taken from s3://${BUCKET}/${bundleKey(away.manifest.digest)}`);
  expect(stateThere).toEqual(await state());
  // The assembly, and in each target a look whether the release is an older one; no role more. The archives that both
  // targets hold are fetched once, where they are looked at otherwise: their number does not matter.
  console.info(`${here.requests} requests with the sources, ${there.requests} without`);
  expect(there).toMatchObject({ requests: here.requests + 3, gets: here.gets + 3, roles: here.roles });
  // and it holds nothing of the assets
  const files = readdirSync(folderOf(away), { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => file.includes('asset.'))).toEqual([]);

  // when it is deployed once more
  const again = await counted(runFar('deploy', away, {}, caller));
  // then nothing is fetched
  expect(again).toMatchObject({ gets: 0 });
  expect(again.output).toContain('unchanged');
});

test('plan, rollback and destroy take it as well', async () => {
  const release = await published('Others');
  expect(await runFar('plan', release, { output: 'plan.json' })).toMatchObject({ code: 0 });
  expect(await runFar('deploy', release, { plan: 'plan.json' })).toMatchObject({ code: 0 });
  rmSync(folderOf(release), { recursive: true });
  expect(await runFar('rollback', release)).toMatchObject({ code: 0 });
  rmSync(folderOf(release), { recursive: true });
  expect(await runFar('destroy', release, { force: true })).toMatchObject({ code: 0 });
  await expectNothing(release);
});

test('one environment alone is deployed with the role of that one', async () => {
  // given who may take roles of prod only
  const release = await published('OnlyProd');
  const [, ofProd] = assuming('deploy');
  const caller = await bed.caller('only-prod', ofProd!);
  // when
  const run = await runFar('deploy', release, { environment: 'prod' }, caller);
  // then
  expect(run).toMatchObject({ code: 0, output: expect.stringContaining(`assets-${PROD.account}-${PROD.region}/`) });

  // and the roles of staging are not used for it
  const denied = await bed.caller('nobody');
  const other = await published('Nobody');
  const refused = await runFar('deploy', other, { environment: 'prod' }, denied);
  expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/deploy-role-222222222222/) });
  await expectNothing(other);
});

test('an app without an environments file finds it in the account and region of the caller', async () => {
  // given
  const { accessKeyId, secretAccessKey } = rootOf(bed.bed.local, STAGING).credentials;
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const caller = { ...bed.bed.environment(), ...keys };
  const release = await makeRelease(bed, 'NoFile');
  expect(await bed.run('publish', release, bed.publisher)).toMatchObject({ code: 0 });
  const step = (region: string) =>
    startExecutors(far.root, [['deploy', { release: release.manifest.digest }]], { ...caller, AWS_REGION: region });
  // when / then
  const elsewhere = await step('eu-north-1').ended;
  expect(elsewhere).toMatchObject({ code: 1 });
  await bed.expectNoStack(release);
  const run = await step(STAGING.region).ended;
  expect(run).toMatchObject({ code: 0, output: expect.stringContaining(`is taken from s3://${BUCKET}/`) });
});

test('two processes at once take it, and both find it whole', async () => {
  const release = await published('Twice');
  const runs = await Promise.all([runFar('plan', release), runFar('plan', release, { output: 'other.json' })]);
  expect(runs).toMatchObject([{ code: 0 }, { code: 0 }]);
  expect(readdirSync(join(folderOf(release), '..')).filter((name) => name.startsWith(release.manifest.digest))).toEqual(
    [release.manifest.digest],
  );
});

test('what somebody has changed in the folder is taken again', async () => {
  // given
  const release = await published('Local');
  expect(await runFar('plan', release)).toMatchObject({ code: 0 });
  const file = join(folderOf(release), 'manifest.json');
  const before = readFileSync(file);
  writeFileSync(file, '{}');
  // when
  expect(await runFar('plan', release)).toMatchObject({ code: 0, output: expect.stringContaining('is taken from') });
  // then
  expect(readFileSync(file)).toEqual(before);
});

describe('what is in the bucket', () => {
  const keyOf = ({ manifest }: TestRelease) => bundleKey(manifest.digest);
  const HARM: readonly [string, (release: TestRelease, other: TestRelease) => Promise<unknown>, RegExp][] = [
    [
      'nothing',
      async (release) => {
        for (const [place, bucket] of buckets())
          await rootClients(bed.bed.local, place)
            .s3()
            .send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOf(release) }));
      },
      /The assembly of release [0-9a-f]{64} is neither here nor in \S+-111111111111-\S+, \S+-222222222222-\S+: check/,
    ],
    ['one bit more', (release) => flipByte(bed.s3, keyOf(release)), /is not the assembly of release/],
    [
      'another release',
      async (release, other) => put(bed.s3, keyOf(release), await contentOf(bed.s3, keyOf(other))),
      /is not the assembly of release [0-9a-f]{12}: it holds release [0-9a-f]{12}: find out who/,
    ],
  ];
  const buckets = () =>
    [STAGING, PROD].map((place) => [place, `cdk-hnb659fds-assets-${place.account}-${place.region}`] as const);

  test.each(HARM)(
    'is %s: it is named before anything changes, and publishing again heals it',
    async (what, harm, sentence) => {
      // given
      const name = what.replaceAll(' ', '');
      const [release, other] = [await published(`Harm${name}`), await published(`Other${name}`, 31)];
      await harm(release, other);
      // when
      const refused = await runFar('deploy', release);
      // then
      expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(sentence) });
      await expectNothing(release);
      expect(existsSync(folderOf(release))).toBe(false);

      // when
      expect(await bed.run('publish', release, bed.publisher, FILE)).toMatchObject({ code: 0 });
      // then
      expect(await runFar('plan', release)).toMatchObject({ code: 0 });
    },
  );

  test('is written once, whatever is published again', async () => {
    const release = await published('Once');
    const look = () => bed.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: keyOf(release) }));
    const { VersionId: first } = await look();
    expect(await bed.run('publish', release, bed.publisher, FILE)).toMatchObject({ code: 0 });
    expect((await look()).VersionId).toBe(first);
    expect(first).toBeDefined();
  });

  test('is an archive that holds other files, recorded by who may publish: it is refused', async () => {
    // given
    const [release, other] = [await published('Exchanged'), await published('Planted')];
    const zip = ({ manifest }: TestRelease) =>
      `${manifest.assets.find(({ packaging }) => packaging === 'zip')!.id}.zip`;
    const planted = await contentOf(bed.s3, zip(other));
    await put(bed.s3, zip(release), planted);
    for (const key of await recordsOf(bed.s3, release)) {
      const envelope = JSON.parse((await contentOf(bed.s3, key)).toString()) as { payload: string };
      const record = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as {
        destinations: { key?: string; sha256?: string; versionId?: string }[];
      };
      for (const each of record.destinations) {
        if (each.key !== zip(release)) continue;
        each.sha256 = hash('sha256', planted);
      }
      const payload = Buffer.from(JSON.stringify(record)).toString('base64');
      await put(bed.s3, key, JSON.stringify({ ...envelope, payload }));
    }
    // when
    const refused = await runFar('deploy', release, { environment: 'staging' });
    // then
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('does not hold the files of') });
    await expectNothing(release);
  });
});

test('the roles do what they did: who publishes writes assemblies, and who deploys only reads them', async () => {
  const release = await published('Roles');
  const at = { Bucket: BUCKET, Key: bundleKey(release.manifest.digest) };
  const as = (kind: string) => bed.as(`cdk-hnb659fds-${kind}-role-${STAGING.account}-${STAGING.region}`);
  const [publisher, deployer, lookup] = [await as('file-publishing'), await as('deploy'), await as('image-publishing')];

  await expect(deployer.s3.send(new GetObjectCommand(at))).resolves.toBeDefined();
  const write = new PutObjectCommand({ ...at, Body: 'x' });
  const denied = { name: 'AccessDenied' };
  await expect(deployer.s3.send(write)).rejects.toMatchObject(denied);
  await expect(deployer.s3.send(new DeleteObjectCommand(at))).rejects.toMatchObject(denied);
  await expect(lookup.s3.send(new GetObjectCommand(at))).rejects.toMatchObject(denied);
  await expect(lookup.s3.send(write)).rejects.toMatchObject(denied);
  await expect(publisher.s3.send(write)).resolves.toBeDefined();
});

test('where releases are signed, one that is stored has to be signed as well', async () => {
  // given
  const signing = { key: bed.key };
  const release = await published('Unsigned');
  writeFile(far.root, { signing });
  try {
    // when / then
    for (const executor of ['deploy', 'plan'] as const) {
      const refused = await runFar(executor, release);
      expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/record s3:\/\/\S+ is not signed by/) });
    }
    await expectNothing(release);

    // when
    expect(await bed.run('publish', release, bed.publisher, { ...FILE, signingKey: bed.key })).toMatchObject({
      code: 0,
    });
    // then
    expect(await runFar('deploy', release)).toMatchObject({ code: 0 });
  } finally {
    writeFile(far.root);
  }
});

test('a release that is revoked, or older than the rules allow, is refused by deploy and plan', async () => {
  const release = await published('Ruled');
  const { digest } = release.manifest;
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  try {
    for (const executor of ['deploy', 'plan'] as const) {
      writeFile(far.root, { releases: { revoked: ['ab'.repeat(32), digest] } });
      const revoked = await runFar(executor, release);
      expect(revoked).toMatchObject({ code: 1, output: expect.stringContaining(`Release ${digest} is revoked in`) });
      // not even fetched
      expect(existsSync(folderOf(release))).toBe(executor === 'plan');

      writeFile(far.root, { releases: { notBefore: day(2) } });
      const old = await runFar(executor, release);
      expect(old).toMatchObject({ code: 1, output: expect.stringMatching(/was stored at \S+Z, before \S+ in/) });
    }
    await expectNothing(release);

    // also where the sources are
    writeFile(bed.workspace.root, { releases: { notBefore: day(2) } });
    const here = await bed.run('deploy', release, bed.deployer, FILE);
    expect(here).toMatchObject({ code: 1, output: expect.stringMatching(/was stored at \S+Z, before/) });

    writeFile(far.root, { releases: { notBefore: day(-2), revoked: ['ab'.repeat(32)] } });
    expect(await runFar('deploy', release)).toMatchObject({ code: 0 });
  } finally {
    writeFile(far.root);
    writeFile(bed.workspace.root);
  }
});
