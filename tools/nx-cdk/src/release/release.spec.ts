import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { canonicalize, readAssembly } from '../assembly/index.ts';
import { describeRelease } from './create.ts';
import { readReleaseManifest, writeReleaseManifest } from './file.ts';
import { RELEASE_FILE, type ReleaseManifest } from './model.ts';
import { contentCheck, verifyAssembly } from './verify.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** An app with a nested stage, a folder asset, a tag, and whatever comes between. */
const app = (between = '') => `
import { App, CfnResource, Stack, Stage, Tags } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
${between}
const app = new App({ context: { 'aws:cdk:enable-path-metadata': true } });
const stack = new Stack(new Stage(app, 'staging'), 'Data');
new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { DelaySeconds: Number(process.env.DELAY ?? 1) } });
new Asset(stack, 'Files', { path: new URL('files', import.meta.url).pathname });
Tags.of(stack).add('team', process.env.TEAM ?? 'orders');
app.synth();
`;

let workspace: TemporaryWorkspace;
let assembly: string;
let digest: string;
let copies = 0;
beforeAll(async () => {
  workspace = temporaryWorkspace({
    'app/app.mjs': app(),
    'app/files/a.txt': 'a',
    'app/files/notes.lock': 'a file of the asset',
  });
  assembly = await synth('first');
  digest = await digestOf(assembly);
});
afterAll(() => workspace.dispose());

function describeFolder(folder: string): Promise<ReleaseManifest> {
  return describeRelease(readAssembly(folder), { tools: { 'aws-cdk-lib': '2.0.0' } });
}

async function digestOf(folder: string): Promise<string> {
  return (await describeFolder(folder)).digest;
}

/** Synthesizes in a folder of its own, as another machine would. */
async function synth(name: string, environment: Record<string, string> = {}): Promise<string> {
  cpSync(workspace.path('app'), workspace.path(name), { recursive: true });
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    const output = await workspace.synth(`${name}/app.mjs`);
    canonicalize(output, workspace.path(name));
    return output;
  } finally {
    process.env = before;
  }
}

/** A copy of the assembly in which something is different. */
function copyWith(change: (folder: string) => void): string {
  const copy = workspace.path(`copy-${(copies += 1)}`);
  cpSync(assembly, copy, { recursive: true });
  change(copy);
  return copy;
}

function digestWith(change: (folder: string) => void): Promise<string> {
  return digestOf(copyWith(change));
}

describe('the digest of a release', () => {
  test('is a SHA-256, and the same for the same app synthesized somewhere else', async () => {
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await digestOf(await synth('second'))).toBe(digest);
  });

  test('is the same after an edit that only moves the lines of the source', async () => {
    const before = readFileSync(workspace.path('app/app.mjs'), 'utf8');
    workspace.write('app/app.mjs', app('// A comment.\n// And another.'));
    try {
      expect(await digestOf(await synth('third'))).toBe(digest);
    } finally {
      workspace.write('app/app.mjs', before);
    }
  });

  test.each([
    ['template', { DELAY: '2' }],
    ['tag', { TEAM: 'payments' }],
  ])(
    'is another one for a changed %s',
    async (what, environment) => {
      expect(await digestOf(await synth(what, environment))).not.toBe(digest);
    },
    60_000,
  );

  test('covers stages whatever their folders are called, and files that no manifest names', async () => {
    const copy = copyWith((folder) => {
      renameSync(join(folder, 'assembly-staging'), join(folder, 'elsewhere'));
      const manifest = readFileSync(join(folder, 'manifest.json'), 'utf8');
      writeFileSync(
        join(folder, 'manifest.json'),
        manifest.replace('"directoryName": "assembly-staging"', '"directoryName": "elsewhere"'),
      );
    });
    const before = await describeFolder(copy);
    expect(Object.keys(before.manifests)).toEqual([
      'cdk.out',
      'elsewhere/cdk.out',
      'elsewhere/manifest.json',
      expect.stringMatching(/^elsewhere\/.*\.assets\.json$/),
      'manifest.json',
    ]);
    const file = join(copy, 'elsewhere', 'manifest.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"stackName"', '"tags": {"a": "b"}, "stackName"'));
    expect(await digestOf(copy)).not.toBe(before.digest);
  });

  test.each([
    ['in the assembly', 'more.txt'],
    ['in a folder', 'scripts/run.sh'],
    ['in a stage', 'assembly-staging/asset.0123.sh'],
    ['that is called like a stage', 'assembly-more/manifest.json'],
  ])('is another one with a file more %s', async (_, name) => {
    const other = await digestWith((folder) => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), '{}');
    });
    expect(other).not.toBe(digest);
  });

  test('is another one where a link leads somewhere else, and none for what is no file at all', async () => {
    const one = await digestWith((folder) => symlinkSync('manifest.json', join(folder, 'link')));
    const other = await digestWith((folder) => symlinkSync('/etc/passwd', join(folder, 'link')));
    expect(new Set([digest, one, other]).size).toBe(3);
    const copy = copyWith((folder) => execFileSync('mkfifo', [join(folder, 'pipe')]));
    await expect(digestOf(copy)).rejects.toThrow(/pipe is neither a file nor a folder nor a link: synthesize again/);
  });

  test.each([
    ['an asset has another content', (folder: string) => writeFileSync(join(asset(folder), 'a.txt'), 'b')],
    [
      'a file of an asset has another name',
      (folder: string) => cpSync(join(asset(folder), 'a.txt'), join(asset(folder), 'b.txt')),
    ],
    [
      'a file of an asset that is called like a lock differs',
      (folder: string) => writeFileSync(join(asset(folder), 'notes.lock'), 'x'),
    ],
    [
      'a file was added to an asset, empty as it is',
      (folder: string) => writeFileSync(join(asset(folder), 'empty'), ''),
    ],
  ])('is another one where %s', async (_, change) => {
    expect(await digestWith(change)).not.toBe(digest);
  });

  test('does not see what the stock tools leave behind', async () => {
    const same = await digestWith((folder) => {
      mkdirSync(join(folder, '.cache'));
      writeFileSync(join(folder, '.cache', 'x.zip'), 'x');
      writeFileSync(join(folder, 'read.1.1.lock'), '');
      writeFileSync(join(folder, 'assembly-staging', 'synth.lock'), '');
      writeFileSync(join(folder, 'tree.json'), '{}');
    });
    expect(same).toBe(digest);
  });

  test('does not see locks on an assembly that is in no workspace', async () => {
    const same = await digestWith((folder) => {
      mkdirSync(join(folder, '.release-0123456789abcdef.lock'));
      writeFileSync(join(folder, '.release-0123456789abcdef.lock', '1'), '');
    });
    expect(same).toBe(digest);
  });
});

/** The folder of the asset; its name is a hash. */
function asset(folder: string): string {
  return join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('asset.'))!,
  );
}

/** The template of the stack, relative to the assembly. */
function template(): string {
  const { templateFile } = readAssembly(assembly).stacks[0]!;
  return templateFile.slice(assembly.length + 1);
}

/** Changes the last byte but one of a file. */
function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 2]! ^= 1;
  writeFileSync(file, bytes);
}

describe('what a release says', () => {
  test('is the template of each stack, the content of each asset, the manifests and the tools', async () => {
    const release = await describeFolder(assembly);

    expect(release).toMatchObject({ format: 1, tools: { 'aws-cdk-lib': '2.0.0' } });
    expect(release.stacks).toEqual({ 'staging/Data': { template: template(), sha256: expect.stringMatching(SHA256) } });
    expect(Object.keys(release.manifests)).toEqual([
      'assembly-staging/cdk.out',
      'assembly-staging/manifest.json',
      expect.stringMatching(/^assembly-staging\/.*\.assets\.json$/),
      'cdk.out',
      'manifest.json',
    ]);
    expect(release.assets.map(({ kind, packaging }) => `${kind} ${packaging}`).toSorted()).toEqual([
      'file file',
      'file zip',
    ]);
    expect(release.assets.every(({ id, sha256 }) => SHA256.test(id) && SHA256.test(sha256))).toBe(true);
  });

  test('is kept next to the assembly, and is not part of what it describes', async () => {
    const copy = copyWith(() => undefined);
    const release = await describeFolder(copy);

    await writeReleaseManifest(copy, release);

    expect(await readReleaseManifest(copy)).toEqual(release);
    expect(await digestOf(copy)).toBe(release.digest);
  });

  test('of an assembly of another tool is nothing', async () => {
    expect(await readReleaseManifest(assembly)).toBeUndefined();
  });

  test.each([
    ['is no JSON', () => '{'],
    ['is no release manifest', () => 'null'],
    ['is no release manifest', () => '{"format":1}'],
    ['is of format 2, and this workspace reads formats up to 1', () => '{"format":2}'],
    [
      'was changed after the synthesis: its digest is not that of what it holds',
      (text: string) => text.replace('"aws-cdk-lib": "2.0.0"', '"aws-cdk-lib": "2.0.1"'),
    ],
  ])('is refused where the file %s', async (sentence, change) => {
    const copy = copyWith(() => undefined);
    await writeReleaseManifest(copy, await describeFolder(copy));
    const file = join(copy, RELEASE_FILE);
    writeFileSync(file, change(readFileSync(file, 'utf8')));

    await expect(readReleaseManifest(copy)).rejects.toMatchObject({
      code: 'BrokenRelease',
      message: expect.stringContaining(`${file} ${sentence}`),
    });
  });
});

describe('an assembly', () => {
  test('is what its release says', async () => {
    const verified = verifyAssembly(readAssembly(assembly), await describeFolder(assembly));
    await expect(verified).resolves.toBeUndefined();
  });

  test.each([
    ['a template', (folder: string) => join(folder, template())],
    ['a file of an asset', (folder: string) => join(asset(folder), 'a.txt')],
    ['an asset manifest', (folder: string) => join(folder, 'assembly-staging', assetManifest(folder))],
  ])('is refused where one byte of %s is another', async (_, fileOf) => {
    // given
    const release = await describeFolder(assembly);
    const copy = copyWith((folder) => {
      const file = fileOf(folder);
      // Still JSON: what cannot be read at all is refused earlier.
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(/Data|a/, (text) => (text === 'a' ? 'b' : 'Dat_')),
      );
    });

    // then
    await expect(verifyAssembly(readAssembly(copy), release)).rejects.toMatchObject({
      code: 'ReleaseMismatch',
      message: expect.stringContaining('is not what it is in release'),
    });
  });

  test('is refused where something was added to it, or is gone', async () => {
    const release = await describeFolder(assembly);
    const more = copyWith((folder) => writeFileSync(join(folder, 'More.assets.json'), '{}'));
    const less = copyWith((folder) => rmSync(asset(folder), { recursive: true }));

    await expect(verifyAssembly(readAssembly(more), release)).rejects.toMatchObject({
      code: 'ReleaseMismatch',
      message: expect.stringContaining('More.assets.json is not in release'),
    });
    await expect(verifyAssembly(readAssembly(less), release)).rejects.toMatchObject({
      code: 'BrokenAssembly',
      message: expect.stringContaining('is missing, although the assembly names it'),
    });
  });

  test('that is published is compared when its files are read', async () => {
    // given
    const copy = copyWith((folder) => flip(join(asset(folder), 'notes.lock')));
    const release = await describeFolder(assembly);
    const flipped = readAssembly(copy);
    const file = flipped.files.find(({ source }) => source.packaging === 'zip')!;
    const accept = contentCheck(flipped, release);
    const known = release.assets.find(({ packaging }) => packaging === 'zip')!.sha256;

    // then
    await verifyAssembly(flipped, release, { contents: 'images' });
    expect(() => accept(file.source, known)).not.toThrow();
    expect(() => accept(file.source, known.replace(/^./, 'x'))).toThrow('is not what it is in release');
  });

  test('that is published is compared when its images are built', async () => {
    const release = await describeFolder(assembly);
    const image = { id: 'image', kind: 'image', path: 'asset.image', sha256: 'a'.repeat(64) } as const;
    const accept = contentCheck(readAssembly(assembly), { ...release, assets: [...release.assets, image] });
    const source = { fingerprint: 'image', build: { directory: join(assembly, 'asset.image') } };

    expect(() => accept(source, image.sha256)).not.toThrow();
    expect(() => accept(source, 'b'.repeat(64))).toThrow('asset.image is not what it is in release');
  });
});

function assetManifest(folder: string): string {
  return readdirSync(join(folder, 'assembly-staging')).find((name) => name.endsWith('.assets.json'))!;
}
