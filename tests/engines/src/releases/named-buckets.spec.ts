import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { DefaultStackSynthesizer, Stack, Stage } from 'aws-cdk-lib/core';
import { bundleKey } from 'nx-cdk/src/release/index.ts';
import {
  bootstrap,
  CI,
  mayAssume,
  type NxWorkspace,
  nxWorkspace,
  rootClients,
  STAGING,
  startExecutors,
  STRANGER,
} from 'test-bed';
import { type Caller, openReleaseBed, type ReleaseBed, synthesize, type TestRelease } from './release-bed.ts';

const NAME = 'acme-assets-${AWS::AccountId}-${AWS::Region}';
const BUCKET = `acme-assets-${STRANGER.account}-${STRANGER.region}`;
const STAGED = { environmentsFile: 'environments.json', environment: 'staging' };

let bed: ReleaseBed;
/** A job of a CI: settings, and no assembly. */
let far: NxWorkspace;
let publisher: Caller;
let deployer: Caller;
let reader: Caller;

// Given an account whose staging bucket has a name of its own
beforeAll(async () => {
  bed = await openReleaseBed();
  far = await nxWorkspace(join(bed.bed.folder, 'far'));
  await bootstrap(bed.bed.local, STRANGER, undefined, { FileAssetsBucketName: BUCKET });
  const callerOf = (name: string, role: 'file-publishing' | 'deploy' | 'lookup') =>
    bed.caller(name, mayAssume(role, STRANGER));
  publisher = await callerOf('named-publisher', 'file-publishing');
  deployer = await callerOf('named-deployer', 'deploy');
  reader = await callerOf('named-reader', 'lookup');
}, 120_000);

afterAll(() => bed?.close());

beforeEach(() => write({ roles: { buckets: [NAME] } }));

function write(more: object): void {
  const environments = [
    { name: 'staging', targets: [STRANGER] },
    { name: 'other', targets: [STAGING] },
  ];
  for (const { root } of [bed.workspace, far])
    writeFileSync(join(root, 'environments.json'), JSON.stringify({ ci: CI, environments, ...more }));
}

/** @param env where its only stack goes */
function release(name: string, env = STRANGER): Promise<TestRelease> {
  return synthesize(bed, name, { stackNames: [name] }, (app) => {
    const synthesizer = new DefaultStackSynthesizer({ fileAssetsBucketName: NAME });
    const stage = new Stage(app, env === STRANGER ? 'staging' : 'other');
    new CfnQueue(new Stack(stage, 'App', { env, stackName: name, synthesizer }), 'Queue');
  });
}

/** Runs an executor as a job does that got nothing but a digest; counts requests for its buckets. */
async function runFar(executor: string, options: object, caller: Caller = deployer) {
  rmSync(join(far.root, 'dist'), { recursive: true, force: true });
  const proxy = await bed.bed.proxy();
  const step = [executor, { ...STAGED, ...options }] as const;
  const run = await startExecutors(far.root, [step], { ...caller, ...proxy.environment }).ended;
  const buckets = proxy.requests.filter(({ service }) => service === 's3').map(({ path }) => path.split(/[/?]/)[1]!);
  return { ...run, buckets: [...new Set(buckets)].toSorted() };
}

test('a release is found by its digest, and by a word, in a bucket that the file names', async () => {
  const { manifest, ...made } = await release('Named');
  const published = await bed.run('publish', { manifest, ...made }, publisher, STAGED);
  expect(published).toMatchObject({ code: 0 });
  expect(published.output).not.toContain('warning');

  const run = await runFar('deploy', { release: manifest.digest });
  expect(run).toMatchObject({ code: 0, output: expect.stringContaining(`is taken from s3://${BUCKET}/`) });
  const word = await runFar('plan', { release: manifest.digest.slice(0, 12) });
  expect(word).toMatchObject({ code: 0, output: expect.stringContaining(`is ${manifest.digest}`) });
  const listed = await runFar('releases', {}, reader);
  expect(listed).toMatchObject({ code: 0 });
  expect(listed.output).toMatch(new RegExp(`^${manifest.digest.slice(0, 12)} .* staging`, 'm'));
});

test('one that the file does not name is not asked, and publishing says what to do', async () => {
  write({});
  const made = await release('Unnamed');
  const published = await bed.run('publish', made, publisher, STAGED);
  expect(published).toMatchObject({ code: 0 });
  expect(published.output).toMatch(
    new RegExp(`warning: .*is not stored in 333333333333/eu-west-1 .*Name ${BUCKET} in "roles.buckets"`),
  );
  for (const [executor, caller] of [
    ['deploy', deployer],
    ['releases', reader],
  ] as const) {
    const options = executor === 'deploy' ? { release: made.manifest.digest } : {};
    const refused = await runFar(executor, options, caller);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.buckets).toEqual([`cdk-hnb659fds-assets-${STRANGER.account}-${STRANGER.region}`]);
  }
});

test('a release that has nothing there is stored in that bucket, too', async () => {
  const made = await release('Elsewhere', STAGING);
  expect(await bed.run('publish', made, publisher, STAGED)).toMatchObject({ code: 0 });
  const s3 = rootClients(bed.bed.local, STRANGER).s3();
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'assemblies/' }));
  expect(Contents.map(({ Key }) => Key)).toContain(bundleKey(made.manifest.digest));
  const run = await runFar('deploy', { release: made.manifest.digest });
  expect(run).toMatchObject({ code: 0, output: expect.stringContaining('there is nothing to do') });
});
