import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { bundleKey } from 'nx-cdk/src/release/index.ts';
import { startExecutors, startProcess } from 'test-bed';
import { killAt, type Moment } from '../bed/kill.ts';
import { recordsOf } from '../releases/bucket-contents.ts';
import { BUCKET, type TestRelease } from '../releases/release-bed.ts';
import { type GarbageBed, keysOf, openGarbageBed, shop } from './gc-bed.ts';

/*
 * `gc` in a process that is killed at each of the requests that take something away: first while a release is retired,
 * then while what only that release needs is deleted.
 */

const PROGRAM = join(import.meta.dirname, 'collect-later.ts');

const MOMENTS: readonly { readonly retiring: Moment; readonly deleting: Moment }[] = [
  // The record is copied; the files go.
  { retiring: { request: 's3:CopyObject' }, deleting: { request: 's3:DeleteObjects' } },
  // The copied record goes; the notice goes.
  { retiring: { request: 's3:DeleteObjects' }, deleting: { request: 's3:DeleteObject' } },
];

let bed: GarbageBed;
/** As many as there are moments, and one that is deployed. */
let shops: TestRelease[];

beforeAll(async () => {
  bed = await openGarbageBed();
  shops = [];
  for (let version = 1; version <= MOMENTS.length + 1; version += 1) shops.push(await shop(bed, version));
  const steps = shops.map(({ assembly }) => ['publish', { assembly }] as const);
  expect(await startExecutors(bed.workspace.root, steps, bed.publisher).ended).toMatchObject({ code: 0 });
  expect(await bed.run('deploy', shops.at(-1)!, bed.deployer)).toMatchObject({ code: 0 });
}, 120_000);

afterAll(() => bed?.close());

async function filesThere(): Promise<string[]> {
  const { Contents = [] } = await bed.s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key }) => Key!).filter((key) => !key.includes('/') || key.startsWith('assemblies/'));
}

/** Kills a process at a moment. Returns what it had shown until then. */
async function killed(moment: Moment, keep: number): Promise<string> {
  const proxy = await bed.bed.proxy();
  const { AWS_ENDPOINT_URL: url } = bed.bed.environment(proxy);
  const args = ['--no-warnings', PROGRAM, bed.environmentsFile, '40', JSON.stringify({ keep, names: true })];
  const env = { PATH: process.env['PATH'] ?? '', HOME: bed.bed.folder, ...bed.collector, AWS_ENDPOINT_URL: url! };
  return killAt(moment, proxy, () => startProcess(process.execPath, args, { cwd: bed.bed.folder, env }));
}

test.each(MOMENTS.map((moments, index) => ({ ...moments, index })))(
  'killed at $retiring.request and at $deleting.request, it deletes nothing that was not shown, and ends as ever',
  async ({ retiring, deleting, index }) => {
    // given one release more than is kept
    const release = shops[index]!;
    const keep = shops.length - 1 - index;
    const before = await filesThere();
    expect(before).toEqual(expect.arrayContaining(keysOf(release)));

    // when it is killed while it retires the release
    const shown = await killed(retiring, keep);

    // then that was shown, and no file is gone
    expect(shown).toMatch(new RegExp(`^retire \\S+ releases/${release.manifest.digest}/`, 'm'));
    expect(await filesThere()).toEqual(before);

    // and when it is killed while it deletes
    const isRetired = async () => (await recordsOf(bed.s3, release)).length === 0;
    if (!(await isRetired())) expect(await bed.collect(40, { keep })).toMatchObject({ success: true });
    expect(await isRetired()).toBe(true);
    const listed = await killed(deleting, keep);

    // then nothing is gone but what was shown, which is what only that release has
    const names = [...listed.matchAll(/^delete \S+ s3:\/\/[^/]+\/(\S+)/gm)].map(([, key]) => key!);
    expect(names.toSorted()).toEqual([...keysOf(release), bundleKey(release.manifest.digest)].toSorted());
    const gone = before.filter((key) => !names.includes(key));
    expect(await filesThere()).toEqual(gone);

    // and when it is run again, all of it is gone, and nothing else
    expect(await bed.collect(40, { keep })).toMatchObject({ success: true });
    expect(await filesThere()).toEqual(gone);
    const last = await bed.collect(40, { keep });
    expect(last).toMatchObject({ success: true, targets: [{ outcome: 'unchanged', detail: 'no garbage' }] });
  },
);

test('what is kept can be deployed after all of it', async () => {
  expect(await bed.run('deploy', shops.at(-1)!, bed.deployer)).toMatchObject({ code: 0 });
});
