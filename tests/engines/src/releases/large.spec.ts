import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import { readAssembly } from 'nx-cdk/src/assembly/index.ts';
import { describeRelease, writeReleaseManifest } from 'nx-cdk/src/release/index.ts';
import { STAGING } from 'test-bed';
import { envelopeOf } from './bucket-contents.ts';
import { openReleaseBed, type ReleaseBed, synthesize, type TestRelease } from './release-bed.ts';

const MEBIBYTE = 1024 * 1024;

let bed: ReleaseBed;

beforeAll(async () => {
  bed = await openReleaseBed();
});

afterAll(() => bed?.close());

/** A stack with a folder that holds a model of that size, and a small file. */
async function modelRelease(bytes: number): Promise<TestRelease> {
  const folder = join(bed.bed.folder, 'model');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'weights.dat'), 'x');
  writeFileSync(join(folder, 'a.lock'), 'pinned');
  const stackNames = ['Large-Model'];
  const release = await synthesize(bed, 'Large', { stackNames }, (app) => {
    const stack = new Stack(app, 'Model', { env: STAGING, stackName: stackNames[0] });
    new CfnQueue(stack, 'Jobs');
    new CfnOutput(stack, 'Key', { value: new Asset(stack, 'Weights', { path: folder }).s3ObjectKey });
  });
  // The file system keeps no zeros: nothing of that size is written to the disk.
  const assembly = readAssembly(release.directory);
  const { path } = assembly.files.find(({ source }) => source.packaging === 'zip')!.source;
  truncateSync(join(path!, 'weights.dat'), bytes);
  const manifest = await describeRelease(assembly, { tools: {} });
  await writeReleaseManifest(release.directory, manifest);
  return { ...release, manifest };
}

test('an asset of more than 1 GiB is published and deployed, with little memory', async () => {
  // given
  const release = await modelRelease(1100 * MEBIBYTE);
  const [memory, measure] = [join(bed.bed.folder, 'memory'), join(bed.bed.folder, 'measure.cjs')];
  const append = `require('node:fs').appendFileSync('${memory}', process.resourceUsage().maxRSS + '\\n')`;
  writeFileSync(measure, `process.on('exit', () => ${append});\n`);
  const measured = { NODE_OPTIONS: `--require=${measure}` };

  // when
  const published = await bed.run('publish', release, { ...bed.publisher, ...measured });
  const deployed = await bed.run('deploy', release, { ...bed.deployer, ...measured });

  // then
  expect(published).toEndWith(0);
  expect(deployed).toEndWith(0);
  const { record } = await envelopeOf(bed.s3, release);
  expect(record.destinations).toContainEqual(expect.objectContaining({ key: expect.stringMatching(/\.zip$/) }));
  const kibibytes = readFileSync(memory, 'utf8').trim().split('\n').map(Number);
  expect(kibibytes).toHaveLength(2);
  expect(Math.max(...kibibytes)).toBeLessThan(500 * 1024);
});
