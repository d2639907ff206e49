import { hash } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { readAssembly } from '../assembly/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { LARGEST_BUNDLE, packBundle, unpackBundle } from './bundle.ts';
import { describeRelease, digestOf } from './create.ts';
import { formatReleaseManifest } from './file.ts';
import { RELEASE_FORMAT, type ReleaseManifest } from './model.ts';

const sha256 = (content: string | Buffer) => hash('sha256', content);

let workspace: TemporaryWorkspace;
let manifest: ReleaseManifest;
const assembly = () => readAssembly(workspace.path('cdk.out'));

beforeEach(async () => {
  workspace = temporaryWorkspace({
    'cdk.out/manifest.json': {
      version: '36.0.0',
      artifacts: {
        Stage: { type: 'cdk:cloud-assembly', properties: { directoryName: 'stage' } },
        'Data.assets': { type: 'cdk:asset-manifest', properties: { file: 'Data.assets.json' } },
        Data: {
          type: 'aws:cloudformation:stack',
          environment: 'aws://111111111111/eu-west-1',
          properties: { templateFile: 'Data.template.json', stackName: 'Data' },
          dependencies: ['Data.assets'],
          metadata: { '/Data': [{ type: 'aws:cdk:logicalId', data: 'Table', trace: ['at a line'] }] },
        },
      },
    },
    'cdk.out/Data.template.json': { Resources: { Ü: {} } },
    'cdk.out/Data.assets.json': {
      version: '36.0.0',
      files: {
        '1a': {
          source: { path: 'asset.1a', packaging: 'zip' },
          destinations: { here: { bucketName: 'assets', objectKey: '1a.zip' } },
        },
      },
    },
    'cdk.out/asset.1a/index.js': 'secret of the asset',
    'cdk.out/tree.json': { about: 'the source' },
    'cdk.out/stage/manifest.json': { version: '36.0.0', artifacts: {} },
  });
  writeFileSync(workspace.path('cdk.out/other.bin'), Buffer.from([0xff, 0, 0xfe]));
  manifest = await describeRelease(assembly(), { tools: { node: '24' } });
});
afterEach(() => workspace.dispose());

const unpack = (packed: Buffer, release = manifest.digest) => unpackBundle(packed, release, 's3://assets/bundle');

test('an assembly comes out as it was, without what is in assets or describes the source', async () => {
  const packed = await packBundle(assembly(), { ...manifest, published: { '1/e': [] } });
  const { manifest: found, files } = await unpack(packed!);

  expect(found).toEqual(manifest);
  expect([...files.keys()].toSorted()).toEqual([
    'Data.assets.json',
    'Data.template.json',
    'manifest.json',
    'other.bin',
    'release.json',
    'stage/manifest.json',
  ]);
  expect(files.get('release.json')!.toString()).toBe(formatReleaseManifest(manifest));
  expect(files.get('other.bin')).toEqual(Buffer.from([0xff, 0, 0xfe]));
  expect(files.get('manifest.json')!.toString()).not.toContain('at a line');
  expect(JSON.stringify([...files])).not.toContain('secret');
});

test('the same release is packed to the same bytes, wherever', async () => {
  expect(await packBundle(assembly(), manifest)).toEqual(await packBundle(assembly(), manifest));
});

test('what was changed since the synthesis is not packed', async () => {
  workspace.write('cdk.out/Data.template.json', { Resources: {} });
  await expect(packBundle(assembly(), manifest)).rejects.toMatchObject({ code: 'ReleaseMismatch' });
});

test('a link is packed as what it says, and followed by nobody', async () => {
  symlinkSync('/etc/hostname', workspace.path('cdk.out/link'));
  manifest = await describeRelease(assembly(), { tools: {} });
  const { files } = await unpack((await packBundle(assembly(), manifest))!);
  expect(files.get('link')!.toString()).toBe('link /etc/hostname');
});

test.each([110, 20])('what is too large is not packed: %i MiB of zeros', async (mebibytes) => {
  const size = mebibytes * 1024 * 1024;
  // As it is, or when it is written in JSON
  writeFileSync(workspace.path('cdk.out/large.bin'), Buffer.alloc(size));
  manifest = await describeRelease(assembly(), { tools: {} });
  expect(await packBundle(assembly(), manifest)).toBeUndefined();
});

describe('a hostile bundle', () => {
  interface Parts {
    format: unknown;
    release: unknown;
    files: unknown;
  }
  const listed = { 'one.json': 'one', 'two.json': '"[{\\' };
  /** A release whose digest somebody has approved, with files of these names. */
  const releaseOf = (files: Readonly<Record<string, string>>): ReleaseManifest => {
    const manifests = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]));
    const content = { format: RELEASE_FORMAT, tools: {}, manifests, stacks: {}, assets: [] } as const;
    return { ...content, digest: digestOf(content) };
  };
  const release = releaseOf(listed);
  const good: Parts = { format: 1, release: formatReleaseManifest(release), files: Object.entries(listed) };
  const packed = (parts: unknown) => gzipSync(JSON.stringify(parts));

  test('(one that is not hostile is taken)', async () => {
    const { files } = await unpack(packed(good), release.digest);
    expect(files.get('two.json')!.toString()).toBe('"[{\\');
  });

  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const other = releaseOf({ 'one.json': 'one' });
  const HOSTILE: readonly [string, Buffer, RegExp][] = [
    ['no gzip', Buffer.from('{}'), /incorrect header check/],
    ['nothing', Buffer.alloc(0), /unexpected end of file/],
    ['half of one', packed(good).subarray(0, 60), /unexpected end of file/],
    ['a bomb', gzipSync(Buffer.alloc(101 * 1024 * 1024)), /larger than 104857600 bytes/],
    ['more than the largest', Buffer.alloc(LARGEST_BUNDLE + 1), /has more than 33554432 bytes/],
    ['no JSON', gzipSync('one'), /not valid JSON/],
    ['null', packed(null), /Cannot destructure|null/],
    ['JSON that is nested without an end', gzipSync(deep), /it has more than 4 levels/],
    ['lists without an end', gzipSync(`[${'[],'.repeat(1_000_000)}[]]`), /it has more than 1000000 parts/],
    ['fields without an end', gzipSync(`{${'"":0,'.repeat(1_000_000)}"":0}`), /it has more than 1000000 parts/],
    ['a release that is nested without an end', packed({ ...good, release: deep }), /it has more than 4 levels/],
    ['another format', packed({ ...good, format: 2 }), /its format is not 1/],
    ['no release', packed({ ...good, release: undefined }), /not what publish writes/],
    ['a release that is an object', packed({ ...good, release }), /not what publish writes/],
    [
      'a release that was changed',
      packed({ ...good, release: formatReleaseManifest({ ...release, tools: { a: '1' } }) }),
      /its digest is not that of what it holds/,
    ],
    [
      'another release, whole',
      packed({ ...good, release: formatReleaseManifest(other), files: [['one.json', 'one']] }),
      /it holds release [0-9a-f]{12}/,
    ],
    ['files that are no list', packed({ ...good, files: listed }), /not what publish writes/],
    ['a file that is none', packed({ ...good, files: [null] }), /null|iterable/],
    ['a file without content', packed({ ...good, files: [['one.json']] }), /undefined/],
    ['content that is no text', packed({ ...good, files: [['one.json', { base64: 7 }]] }), /number/],
    [
      'other content',
      packed({
        ...good,
        files: [
          ['one.json', 'One'],
          ['two.json', listed['two.json']],
        ],
      }),
      /its one\.json is not what the release lists/,
    ],
    [
      'a file twice',
      packed({
        ...good,
        files: [
          ['one.json', 'one'],
          ['one.json', 'one'],
          ['two.json', listed['two.json']],
        ],
      }),
      /it holds one\.json twice/,
    ],
    ['a file too few', packed({ ...good, files: [['one.json', 'one']] }), /it does not hold two\.json/],
    [
      'a file too many',
      packed({ ...good, files: [...Object.entries(listed), ['../three', '3']] }),
      /"\.\.\/three", which the release does not list/,
    ],
    [
      'what every object has',
      packed({ ...good, files: [['constructor', 'x']] }),
      /"constructor", which the release does not list/,
    ],
  ];

  test.each(HOSTILE)('that is %s is refused', async (_, content, sentence) => {
    const refusal = unpack(content, release.digest);
    await expect(refusal).rejects.toMatchObject({ code: 'BrokenBundle', message: expect.stringMatching(sentence) });
    await expect(refusal).rejects.toThrow(/^s3:\/\/assets\/bundle is not the assembly of release [0-9a-f]{12}: /);
  });

  // An app says what its files are called: the digest of a release that was approved may cover such a name.
  test.each([
    '../outside',
    'stage/../../outside',
    '/etc/passwd',
    'C:/Windows',
    'stage\\..\\..\\outside',
    './one.json',
    'stage//one.json',
    'stage/',
    '',
    'one\0.json',
    'release.json',
  ])('whose release lists %j is refused', async (name) => {
    const listing = releaseOf({ [name]: 'content' });
    const parts = { ...good, release: formatReleaseManifest(listing), files: [[name, 'content']] };
    await expect(unpack(packed(parts), listing.digest)).rejects.toMatchObject({
      code: 'BrokenBundle',
      message: expect.stringContaining('is no place in an assembly'),
    });
  });
});
