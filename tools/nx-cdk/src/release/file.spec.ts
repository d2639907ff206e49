import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DestinationReport, FileReport } from '../destinations/index.ts';
import { digestOf } from './create.ts';
import { RELEASE_FILE, type ReleaseManifest } from './model.ts';
import { notePublished, readReleaseManifest, writeReleaseManifest } from './file.ts';

const content = { format: 1, tools: {}, manifests: {}, stacks: {}, assets: [] } as const;
const manifest: ReleaseManifest = { ...content, digest: digestOf(content) };

/** Whoever walks through it by recursion has no room left. */
const DEEP = JSON.stringify({ ...manifest, tools: 'x' }).replace(
  '"x"',
  `{"node":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
);

let folder: string;

beforeEach(async () => {
  const workspace = await mkdtemp(join(tmpdir(), 'note-published-'));
  await mkdir(join(workspace, 'node_modules'));
  folder = join(workspace, 'cdk.out');
  await mkdir(folder);
  await writeReleaseManifest(folder, manifest);
});

afterEach(() => rm(dirname(folder), { recursive: true }));

const common = { label: '', stacks: [], seconds: 0, account: '111111111111', region: 'eu-west-1' } as const;
const result = (key: string, more: Partial<FileReport> = {}): DestinationReport => ({
  ...common,
  id: key,
  kind: 'file',
  assetId: key,
  bucket: 'assets',
  key,
  outcome: 'uploaded',
  sha256: 'ab'.repeat(32),
  ...more,
});
const image: DestinationReport = {
  ...common,
  account: '222222222222',
  id: 'image',
  kind: 'image',
  assetId: 'tag',
  repository: 'images',
  tag: 'tag',
  outcome: 'uploaded',
  digest: `sha256:${'cd'.repeat(32)}`,
};
const publishedTo = async (target: string) => (await readReleaseManifest(folder))?.published?.[target];

test('what was published is noted by account and region, and the release stays what it is', async () => {
  // when
  await notePublished(folder, manifest.digest, [
    result('b', { versionId: 'null' }),
    result('a', { versionId: 'v1', outcome: 'unchanged' }),
    result('c', { outcome: 'failed' }),
    image,
  ]);

  // then
  expect(await publishedTo('111111111111/eu-west-1')).toEqual([
    { kind: 'file', asset: 'a', bucket: 'assets', key: 'a', sha256: 'ab'.repeat(32), versionId: 'v1' },
    { kind: 'file', asset: 'b', bucket: 'assets', key: 'b', sha256: 'ab'.repeat(32) },
  ]);
  expect(await publishedTo('222222222222/eu-west-1')).toEqual([
    { kind: 'image', asset: 'tag', repository: 'images', tag: 'tag', digest: image.digest },
  ]);
  expect((await readReleaseManifest(folder))?.digest).toBe(manifest.digest);
});

test('runs side by side lose nothing of each other, and leave no other file', async () => {
  const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  await Promise.all(keys.map((key) => notePublished(folder, manifest.digest, [result(key)])));
  expect((await publishedTo('111111111111/eu-west-1'))?.map(({ asset }) => asset)).toEqual(keys.toSorted());
  expect(await readdir(folder)).toEqual([RELEASE_FILE]);
});

test('a later run replaces what an earlier one noted of the same place', async () => {
  await notePublished(folder, manifest.digest, [result('a')]);
  await notePublished(folder, manifest.digest, [result('a', { sha256: 'cd'.repeat(32) })]);
  expect(await publishedTo('111111111111/eu-west-1')).toMatchObject([{ key: 'a', sha256: 'cd'.repeat(32) }]);
});

test('nothing is noted in another release', async () => {
  await notePublished(folder, '00'.repeat(32), [result('a')]);
  expect(await publishedTo('111111111111/eu-west-1')).toBeUndefined();
});

test('where nothing is new the file is not written', async () => {
  await notePublished(folder, manifest.digest, [result('a')]);
  const text = await readFile(join(folder, RELEASE_FILE), 'utf8');
  await writeFile(join(folder, RELEASE_FILE), `${text}\n`);
  await notePublished(folder, manifest.digest, [result('a')]);
  expect(await readFile(join(folder, RELEASE_FILE), 'utf8')).toBe(`${text}\n`);
});

test.each([
  ['an asset that is null', { assets: [null] }],
  ['an asset that is a text', { assets: ['x'] }],
  ['a stack that is null', { stacks: { Data: null } }],
  ['a template that is a number', { stacks: { Data: { template: 5, sha256: '' } } }],
  ['a digest that is a list', { manifests: { 'manifest.json': [] } }],
  ['lists in lists in lists', undefined],
])('a file with %s is no release', async (_, part) => {
  await writeFile(join(folder, RELEASE_FILE), part === undefined ? DEEP : JSON.stringify({ ...manifest, ...part }));
  await expect(readReleaseManifest(folder)).rejects.toMatchObject({
    code: 'BrokenRelease',
    message: expect.stringMatching(/release\.json is no release manifest/),
  });
});
