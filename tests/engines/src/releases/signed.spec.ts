import { createHash } from 'node:crypto';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { readReleaseManifest } from 'nx-cdk/src/release/index.ts';
import { STAGING } from 'test-bed';
import { contentOf, envelopeOf } from './bucket-contents.ts';
import { assuming, BUCKET, makeRelease, openReleaseBed, type ReleaseBed } from './release-bed.ts';

let bed: ReleaseBed;

beforeAll(async () => {
  bed = await openReleaseBed();
});

afterAll(() => bed?.close());

/** What a run asks of AWS, through a proxy of its own. */
async function counted(
  executor: 'publish' | 'deploy',
  ...[release, caller, options]: Parameters<ReleaseBed['run']> extends [unknown, ...infer Rest] ? Rest : never
) {
  const proxy = await bed.bed.proxy();
  const run = await bed.run(executor, release, { ...caller, AWS_ENDPOINT_URL: proxy.endpoint }, options);
  const actions = Map.groupBy(proxy.requests, ({ service, action }) => `${service}:${action}`);
  return { ...run, requests: Object.fromEntries([...actions].map(([action, { length }]) => [action, length])) };
}

test('a release is recorded by who may publish and sign, and deployed by who may deploy and verify', async () => {
  // given
  const release = await makeRelease(bed, 'Signed');
  const signing = { signingKey: bed.key };

  // when
  const published = await counted('publish', release, bed.publisher, signing);

  // then the record says what every object is
  expect(published).toEndWith(0);
  expect(published.output).toContain(`is recorded in ${BUCKET}, signed by ${bed.key}.`);
  expect(published.requests).toMatchObject({ 'kms:Sign': 1 });
  const { envelope, record } = await envelopeOf(bed.s3, release);
  expect(envelope.signatures).toEqual([{ keyid: bed.key, sig: expect.any(String) }]);
  expect(record).toMatchObject({ format: 1, release: release.manifest.digest, target: '111111111111/eu-west-1' });
  expect(record.destinations).toHaveLength(4);
  for (const destination of record.destinations) {
    if (destination.kind === 'image') throw new Error('there is no image');
    const content = await contentOf(bed.s3, destination.key);
    expect(destination.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(destination.versionId).toEqual(expect.any(String));
  }
  // and the assembly tells it, too
  const told = (await readReleaseManifest(release.directory))?.published;
  expect(told).toEqual({ [`${STAGING.account}/${STAGING.region}`]: record.destinations });

  // when
  const deployed = await counted('deploy', release, bed.deployer, signing);

  // then each object is looked at once
  expect(deployed).toMatchObject({
    code: 0,
    output: expect.stringContaining('4 objects of 2 stacks are what was published'),
  });
  expect(deployed.requests).toMatchObject({
    'kms:Verify': 1,
    's3:ListObjectsV2': 1,
    's3:GetObject': 1,
    's3:HeadObject': 4,
  });

  // when nothing has changed
  const again = await counted('publish', release, bed.publisher, signing);
  const unchanged = await counted('deploy', release, bed.deployer, signing);

  // then nothing is signed or written, and nothing verified; four objects and the assembly are looked at
  expect(again).toEndWith(0);
  expect(again.requests).toEqual({ 'sts:AssumeRole': 1, 's3:HeadObject': 5, 's3:GetObject': 1 });
  expect(unchanged).toEndWith(0);
  expect(Object.keys(unchanged.requests).filter((action) => /^(s3|kms):/.test(action))).toEqual([]);
});

test('without a key, records are not signed, and neither role needs more than before', async () => {
  // given
  const release = await makeRelease(bed, 'Unsigned');
  const [publisher, deployer] = await Promise.all([
    bed.caller('only-publisher', ...assuming('file-publishing')),
    bed.caller('only-deployer', ...assuming('deploy')),
  ]);

  // when
  const published = await bed.run('publish', release, publisher);
  const deployed = await bed.run('deploy', release, deployer);

  // then
  expect(published).toEndWith(0);
  expect((await envelopeOf(bed.s3, release)).envelope.signatures).toEqual([]);
  expect(deployed).toEndWith(0);
});

test('--force records and signs anew', async () => {
  // given
  const release = await makeRelease(bed, 'Forced');
  const options = { signingKey: bed.key };
  await bed.run('publish', release, bed.publisher, options);
  const { key } = await envelopeOf(bed.s3, release);

  // when
  const { requests } = await counted('publish', release, bed.publisher, { ...options, force: true });

  // then four objects, the claim of the release, its entry in the index, its assembly and its record are written
  expect(requests).toMatchObject({ 'kms:Sign': 1, 's3:PutObject': 8 });
  const { Versions: versions } = await bed.s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: key }));
  expect(versions).toHaveLength(2);
});

test('runs for some stacks leave records of their own, which count together', async () => {
  // given
  const release = await makeRelease(bed, 'Parts');
  await bed.run('publish', release, bed.publisher, { stacks: 'Data' });

  // when only one of two stacks is published
  const early = await bed.run('deploy', release, bed.deployer);

  // then
  expect(early).toEndWith(1);
  expect(early.output).toMatch(
    /Service: no record of release [0-9a-f]{12} says that asset Handler was published to s3:\/\/.*: run publish first \(nx publish shop\)/,
  );
  await bed.expectNoStack(release);

  // when the other one is, too
  await bed.run('publish', release, bed.publisher, { stacks: 'Service', exclusively: true });

  // then
  expect(await bed.run('deploy', release, bed.deployer)).toEndWith(0);
});

test('a run that could not publish everything records nothing', async () => {
  // given an asset that is gone
  const release = await makeRelease(bed, 'Half');
  const proxy = await bed.bed.proxy();
  proxy.fail({
    match: { service: 's3', action: 'PutObject' },
    with: { status: 403, code: 'AccessDenied', message: 'no' },
    times: 1,
  });

  // when
  const { code, output } = await bed.run('publish', release, { ...bed.publisher, AWS_ENDPOINT_URL: proxy.endpoint });
  const deployed = await bed.run('deploy', release, bed.deployer);

  // then
  expect({ code, output }).toEndWith(1);
  expect(deployed).toEndWith(1);
  expect(deployed.output).toMatch(
    /Data: release [0-9a-f]{12} is not published to cdk-.*: run publish first \(nx publish shop\)/,
  );
  await bed.expectNoStack(release);
});
