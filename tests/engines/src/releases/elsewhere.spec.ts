import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack, Stage } from 'aws-cdk-lib/core';
import { bundleKey } from 'nx-cdk/src/release/index.ts';
import {
  CI,
  mayAssume,
  type NxWorkspace,
  nxWorkspace,
  PROD,
  rootClients,
  STAGING,
  startExecutors,
  STRANGER,
} from 'test-bed';
import { contentOf } from './bucket-contents.ts';
import {
  BUCKET,
  type Caller,
  openReleaseBed,
  type ReleaseBed,
  type Run,
  synthesize,
  type TestRelease,
} from './release-bed.ts';

/** The app has a stack in the first target of staging, and nothing anywhere else. */
const ENVIRONMENTS = [
  { name: 'staging', targets: [STAGING, PROD] },
  { name: 'prod', targets: [PROD] },
];
const STAGED = { environmentsFile: 'environments.json', environment: 'staging' };
const OTHER = `${PROD.account}/${PROD.region}`;
const OTHER_BUCKET = `cdk-hnb659fds-assets-${PROD.account}-${PROD.region}`;

let bed: ReleaseBed;
/** A job of a CI: settings, and no assembly. */
let far: NxWorkspace;

beforeAll(async () => {
  bed = await openReleaseBed();
  far = await nxWorkspace(join(bed.bed.folder, 'far'));
  write();
});

afterAll(() => bed?.close());

function write(environments: readonly object[] = ENVIRONMENTS, more: object = {}): void {
  for (const { root } of [bed.workspace, far])
    writeFileSync(join(root, 'environments.json'), JSON.stringify({ ci: CI, environments, ...more }));
}

function stagedOnly(name: string): Promise<TestRelease> {
  return synthesize(bed, name, { stackNames: [`${name}-staging`] }, (app) => {
    const stack = new Stack(new Stage(app, 'staging'), 'App', { env: STAGING, stackName: `${name}-staging` });
    new CfnQueue(stack, 'Queue');
  });
}

const publish = (release: TestRelease, options: object = {}, caller: Caller = bed.publisher): Promise<Run> =>
  bed.run('publish', release, caller, { ...STAGED, ...options });

/** Runs an executor as a job does that got nothing but digests. */
async function runFar(executor: 'deploy' | 'plan', { manifest }: TestRelease, options: object = {}) {
  const release = `other=${'ab'.repeat(32)},shop=${manifest.digest}`;
  rmSync(join(far.root, 'dist'), { recursive: true, force: true });
  return startExecutors(far.root, [[executor, { ...STAGED, release, ...options }]], bed.deployer).ended;
}

async function keysIn(place: typeof PROD, bucket: string, { manifest }: TestRelease): Promise<string[]> {
  const s3 = rootClients(bed.bed.local, place).s3();
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key }) => Key!).filter((key) => key.includes(manifest.digest));
}

test('a deployment that is limited to targets where the app has nothing finds that there is nothing to do', async () => {
  // given
  const release = await stagedOnly('Limited');
  expect(await publish(release)).toMatchObject({
    code: 0,
    output: expect.stringContaining(`is recorded in ${BUCKET}, ${OTHER_BUCKET}.`),
  });
  // when
  const elsewhere = await runFar('deploy', release, { targets: OTHER });
  // then
  expect(elsewhere).toMatchObject({ code: 0 });
  expect(elsewhere.output).toContain(`is taken from s3://${OTHER_BUCKET}/${bundleKey(release.manifest.digest)}`);
  expect(elsewhere.output).toContain(`No stack of shop goes to ${OTHER}: there is nothing to deploy.`);
  await bed.expectNoStack(release);
  // and the same with an assembly that was handed over
  const handedOver = await bed.run('deploy', release, bed.deployer, { ...STAGED, targets: OTHER });
  expect(handedOver).toMatchObject({ code: 0, output: expect.stringContaining('there is nothing to deploy') });
  // and where it has a stack, that is deployed
  expect(await runFar('deploy', release)).toMatchObject({ code: 0 });
  await expect(bed.expectNoStack(release)).rejects.toThrow();
});

test('so does one for an environment in which the app has nothing', async () => {
  const release = await stagedOnly('Nothing');
  // given a release that nobody has published for prod
  expect(await publish(release, { targets: `${STAGING.account}/*` })).toMatchObject({ code: 0 });
  const early = await runFar('deploy', release, { environment: 'prod' });
  expect(early).toMatchObject({ code: 1, output: expect.stringContaining('is neither here nor in') });
  // when
  expect(await publish(release, { environment: 'prod' })).toMatchObject({ code: 0 });
  // then
  const deployed = await runFar('deploy', release, { environment: 'prod' });
  expect(deployed).toMatchObject({ code: 0, output: expect.stringContaining('there is nothing to do') });
});

test('what is limited to targets or stacks is published there and nowhere else', async () => {
  const limits = [{ targets: `${STAGING.account}/${STAGING.region}` }, { stacks: 'staging/App' }];
  for (const [index, options] of limits.entries()) {
    const release = await stagedOnly(`Part${index}`);
    expect(await publish(release, options)).toMatchObject({ code: 0 });
    expect(await keysIn(PROD, OTHER_BUCKET, release)).toEqual([]);
    const refused = await runFar('deploy', release, { targets: OTHER });
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('is neither here nor in') });
  }
  // and without an environment, where the app has stacks
  const release = await stagedOnly('Bare');
  expect(await publish(release, { environment: undefined })).toMatchObject({ code: 0 });
  expect(await keysIn(PROD, OTHER_BUCKET, release)).toEqual([]);
});

test('publishing again writes nothing, and asks two questions more; what was deleted there comes back', async () => {
  // given
  const release = await stagedOnly('Again');
  expect(await publish(release)).toMatchObject({ code: 0 });
  const there = await keysIn(PROD, OTHER_BUCKET, release);
  const { digest } = release.manifest;
  const starting = (start: string) => expect.stringMatching(`^${start}`);
  expect(there.toSorted()).toEqual([
    bundleKey(digest),
    starting(`publishing/${digest}/`),
    starting('released/'),
    starting(`releases/${digest}/`),
  ]);
  const counted = async (options: object) => {
    const proxy = await bed.bed.proxy();
    const run = await publish(release, options, { ...bed.publisher, AWS_ENDPOINT_URL: proxy.endpoint });
    expect(run).toMatchObject({ code: 0 });
    return proxy.requests.map(({ action }) => action!).toSorted();
  };
  // when
  const both = await counted({});
  const one = await counted({ targets: `${STAGING.account}/*` });
  // then
  expect(both).toEqual([...one, 'AssumeRole', 'GetObject', 'HeadObject'].toSorted());

  // when
  const s3 = rootClients(bed.bed.local, PROD).s3();
  await s3.send(new DeleteObjectCommand({ Bucket: OTHER_BUCKET, Key: bundleKey(digest) }));
  expect(await publish(release)).toMatchObject({ code: 0 });
  // then
  expect(await runFar('deploy', release, { targets: OTHER })).toMatchObject({ code: 0 });
});

describe('a target that cannot be used and is not needed is named in a warning', () => {
  test('if it is not bootstrapped', async () => {
    const release = await stagedOnly('Unbootstrapped');
    write([{ name: 'staging', targets: [STAGING, STRANGER] }]);
    try {
      const { code, output } = await publish(release);
      expect({ code, output }).toMatchObject({ code: 0 });
      const [warning, ...more] = output.split('\n').filter((line) => line.startsWith('warning'));
      expect(more).toEqual([]);
      expect(warning).toMatch(/is not stored in 333333333333\/eu-west-1 .*limited to that \(--targets\)\. .*nx bootst/);
      // and a deployment that would rely on it is refused
      const refused = await runFar('deploy', release, { targets: `${STRANGER.account}/*` });
      expect(refused).toMatchObject({ code: 1 });
    } finally {
      write();
    }
  });

  test('if who publishes may not take its role', async () => {
    const release = await stagedOnly('NoRole');
    const caller = await bed.caller('only-staging', mayAssume('file-publishing', STAGING));
    const published = await publish(release, {}, caller);
    expect(published).toMatchObject({
      code: 0,
      output: expect.stringMatching(/warning: .*only-staging\S* may not sts:AssumeRole \S+file-publishing-role-2222/),
    });
    expect(await keysIn(PROD, OTHER_BUCKET, release)).toEqual([]);
  });

  test('but one that is needed fails', async () => {
    const release = await stagedOnly('Needed');
    const caller = await bed.caller('only-prod-files', mayAssume('file-publishing', PROD));
    expect(await publish(release, {}, caller)).toMatchObject({ code: 1 });
    // and nothing is said where nothing is needed
    expect(await keysIn(PROD, OTHER_BUCKET, release)).not.toContainEqual(expect.stringMatching('^releases/'));
  });
});

test('where releases are signed, so is that one has nothing to do', async () => {
  const signing = { key: bed.key };
  write(ENVIRONMENTS, { signing });
  try {
    const release = await stagedOnly('Signed');
    expect(await publish(release)).toMatchObject({ code: 0 });
    const s3 = rootClients(bed.bed.local, PROD).s3();
    const [key] = (await keysIn(PROD, OTHER_BUCKET, release)).filter((one) => one.startsWith('releases/'));
    const envelope = JSON.parse((await contentOf(s3, key!, OTHER_BUCKET)).toString()) as { signatures: object[] };
    expect(envelope.signatures).toMatchObject([{ keyid: bed.key }]);
    for (const executor of ['deploy', 'plan'] as const)
      expect(await runFar(executor, release, { targets: OTHER })).toMatchObject({ code: 0 });
    expect(await runFar('deploy', release)).toMatchObject({ code: 0 });
  } finally {
    write();
  }
});
