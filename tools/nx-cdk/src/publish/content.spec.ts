import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IN_MEMORY_LIMIT } from '../archives/index.ts';
import { fileContentDigest, type FileSource } from '../assembly/index.ts';
import { prepare, type ContentLimits } from './content.ts';

let folder: string;
const temporary = tmpdir();

beforeEach(async () => {
  folder = await mkdtemp(join(temporary, 'content-'));
  process.env['TMPDIR'] = folder;
});
afterEach(async () => {
  process.env['TMPDIR'] = temporary;
  await rm(folder, { recursive: true, force: true });
});

describe('making an asset ready', () => {
  test('reads a small file once, into memory that it gives back', async () => {
    // given
    const path = join(folder, 'Data.template.json');
    await writeFile(path, '{}');
    const { limits, held } = budget();

    // when
    const content = await prepare({ fingerprint: '', path, packaging: 'file' }, folder, limits);

    // then
    expect(content).toMatchObject({ size: 2, sha256: sha256('{}'), contentType: 'application/json' });
    expect(content.buffer?.toString()).toBe('{}');
    expect(held()).toBe(2);
    await content[Symbol.asyncDispose]();
    expect(held()).toBe(0);
  });

  test('tells what a folder holds beside what the archive is, from reading it once', async () => {
    // given
    const path = join(folder, 'asset');
    await mkdir(join(path, 'more'), { recursive: true });
    await writeFile(join(path, 'index.js'), 'exports.handler = 1;');
    await writeFile(join(path, 'more/data.txt'), 'x');
    const source: FileSource = { fingerprint: '', path, packaging: 'zip' };

    // when
    const content = await prepare(source, folder, budget().limits);

    // then
    expect(content.digest).toBe(await fileContentDigest(source));
    expect(content.digest).not.toBe(content.sha256);
    await content[Symbol.asyncDispose]();
  });

  test('hashes a large file without holding it', async () => {
    // given
    const path = join(folder, 'model.bin');
    const bytes = randomBytes(IN_MEMORY_LIMIT + 1);
    await writeFile(path, bytes);
    const { limits, held } = budget();

    // when
    const content = await prepare({ fingerprint: '', path, packaging: 'file' }, folder, limits);

    // then
    expect(content).toMatchObject({ size: bytes.length, sha256: sha256(bytes), buffer: undefined });
    expect(held()).toBe(0);
    expect(Buffer.concat(await content.stream().toArray()).equals(bytes)).toBe(true);
  });

  test('keeps a large archive in a temporary file, and only while it is needed', async () => {
    // given a folder that does not compress
    const path = join(folder, 'asset.large');
    await mkdir(path);
    await writeFile(join(path, 'noise.bin'), randomBytes(IN_MEMORY_LIMIT + 1));

    // when
    const content = await prepare({ fingerprint: '', path, packaging: 'zip' }, folder, budget().limits);

    // then
    expect(content).toMatchObject({ folder: path, contentType: 'application/zip', buffer: undefined });
    for (let upload = 0; upload < 2; upload++)
      expect(sha256(Buffer.concat(await content.stream().toArray()))).toBe(content.sha256);
    await content[Symbol.asyncDispose]();
    expect((await readdir(folder)).filter((name) => name.startsWith('nx-cdk-archive-'))).toEqual([]);
  });

  test('runs the command of an executable source once, and takes the file that its last line names', async () => {
    // given
    const script = join(folder, 'build.sh');
    await writeFile(script, 'echo building; date +%N >> runs; printf content > made.zip; echo made.zip\n');

    // when
    const source: FileSource = { fingerprint: '', packaging: 'file', executable: ['sh', script] };
    const content = await prepare(source, folder, budget().limits);

    // then
    expect(content).toMatchObject({ sha256: sha256('content'), contentType: 'application/zip' });
    expect((await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n')).toHaveLength(1);
  });

  test.each([
    [
      'a file that is gone',
      { path: 'gone.json', packaging: 'file' },
      'AssetSourceMissing',
      /gone\.json.*synthesize again/,
    ],
    ['a folder that is gone', { path: 'gone', packaging: 'zip' }, 'AssetSourceMissing', /gone.*synthesize again/],
    ['a folder where a file should be', { path: '.', packaging: 'file' }, 'AssetSourceMissing', /not a file/],
    ['a failing command', { packaging: 'file', executable: ['sh', '-c', 'exit 7'] }, 'AssetBuildFailed', /exit code 7/],
    [
      'a missing command',
      { packaging: 'file', executable: ['no-such-program'] },
      'AssetBuildFailed',
      /is not installed/,
    ],
    ['a command that says nothing', { packaging: 'file', executable: ['true'] }, 'AssetBuildFailed', /no path/],
  ] as const)('refuses %s in one sentence', async (_, source, code, message) => {
    const { limits, held } = budget();
    const path = 'path' in source ? join(folder, source.path) : undefined;
    await expect(prepare({ fingerprint: '', ...source, path }, folder, limits)).rejects.toMatchObject({
      name: 'Failure',
      code,
      message: expect.stringMatching(message),
    });
    expect(held()).toBe(0);
  });

  test('keeps what a failing command was given and printed out of the error', async () => {
    const executable = ['sh', '-c', 'echo hunter2 >&2; exit 1', 'token=hunter2'];
    const error = await prepare({ fingerprint: '', packaging: 'file', executable }, folder, budget().limits).catch(
      (failure: unknown) => failure,
    );
    expect(error).toMatchObject({ code: 'AssetBuildFailed' });
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  test('notices that a file changes while it is read', async () => {
    // given
    const path = join(folder, 'growing.bin');
    await writeFile(path, randomBytes(IN_MEMORY_LIMIT + 1));
    const { limits } = budget();
    const writing = setInterval(() => void appendFile(path, 'x'), 1);

    // when / then
    await expect(
      (async () => {
        for (let round = 0; round < 50; round++)
          await prepare({ fingerprint: '', path, packaging: 'file' }, folder, limits);
      })(),
    ).rejects.toMatchObject({ code: 'AssetChanged' });
    clearInterval(writing);
  });
});

function budget(): { limits: ContentLimits; held: () => number } {
  let held = 0;
  const now = <T>(work: () => Promise<T>) => work();
  const reserve = async (bytes: number) => {
    held += bytes;
    return { [Symbol.dispose]: () => void (held -= bytes) };
  };
  return { limits: { build: now, zip: now, reserve }, held: () => held };
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
