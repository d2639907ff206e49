import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { zipFolder } from './zip-folder.ts';

/** The function with which CDK's own tools zip; it is not public, so it is loaded by its path. */
const { zipDirectory } = createRequire(import.meta.url)(
  join(createRequire(import.meta.url).resolve('@aws-cdk/cdk-assets-lib'), '../private/tools.js'),
) as { zipDirectory(directory: string, outputFile: string): Promise<void> };

let workspace: string;

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'zip-folder-'));
});
afterEach(() => rm(workspace, { recursive: true, force: true }));

describe('the archive of a folder', () => {
  test('is byte for byte that of the stock tool', async () => {
    // given a folder with everything that archives are made of differently
    const folder = await folderOf({
      'index.mjs': 'export const handler = () => "hello";\n'.repeat(500),
      'Zebra.txt': 'upper case sorts before lower case',
      'a.txt': 'x',
      'a/b/c/deep.txt': 'deep',
      'a-b/next.txt': 'a name that sorts between a and a/',
      '.hidden/.dotfile': 'dot',
      'empty.txt': '',
      'größe-日本語-😀-ﬀ.txt': 'names beyond ASCII; the last two sort differently as UTF-16',
      'names with [brackets] {and} (more)!.txt': 'glob characters',
      'a back\\slash.txt': 'Linux allows it',
      'random.bin': createHash('sha512').update('seed').digest(),
    });
    await mkdir(join(folder, 'no-files-in-here/nor-here'), { recursive: true });
    await writeFile(join(folder, 'bootstrap'), '#!/bin/sh\n');
    await chmod(join(folder, 'bootstrap'), 0o755);
    await symlink('index.mjs', join(folder, 'link-to-file.mjs'));
    await symlink('a/b', join(folder, 'link-to-folder'));
    await symlink('nowhere', join(folder, 'broken-link'));

    // when / then
    expect(await zip(folder)).toEqual(await stockZip(folder));
  });

  test('does not depend on time, time zone, umask or the order in which files were made', async () => {
    // given
    const one = await folderOf({ 'b.txt': 'b', 'a.txt': 'a', 'sub/c.txt': 'c' });
    const other = await folderOf({ 'sub/c.txt': 'c', 'a.txt': 'a', 'b.txt': 'b' });
    await chmod(join(other, 'a.txt'), 0o664);
    await chmod(join(other, 'b.txt'), 0o600);
    await utimes(join(other, 'a.txt'), 86_400, 86_400);

    // when
    const first = await zip(one);
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Pacific/Kiritimati';
    const second = await zip(other);
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;

    // then
    expect(second).toEqual(first);
  });

  test('changes with content, name and executable bit', async () => {
    const same = { 'a.txt': 'a' };
    const base = await zip(await folderOf(same));
    const executable = await folderOf(same);
    await chmod(join(executable, 'a.txt'), 0o755);

    expect(await zip(await folderOf({ 'a.txt': 'b' }))).not.toEqual(base);
    expect(await zip(await folderOf({ 'b.txt': 'a' }))).not.toEqual(base);
    expect(await zip(executable)).not.toEqual(base);
  });

  test('of an empty folder is an empty archive, as that of the stock tool', async () => {
    const folder = await folderOf({});
    expect(await zip(folder)).toEqual(await stockZip(folder));
  });

  test('is refused where a link leads back to a folder it is in', async () => {
    // given
    const folder = await folderOf({ 'sub/a.txt': 'a' });
    await symlink('..', join(folder, 'sub/back'));

    // when / then
    await expect(zip(folder)).rejects.toMatchObject({
      code: 'AssetFolderCycle',
      message: expect.stringMatching(/sub\/back/),
    });
  });

  test.each([
    [
      'where two files would have one name',
      { 'a/b.txt': '1', 'a\\b.txt': '2' },
      /a\/b\.txt is called a\/b\.txt .* as is /,
    ],
    [
      'where a file would lie outside',
      { '..\\b.txt': '1' },
      /\.\.\\b\.txt is called \.\.\/b\.txt in an archive, as which no/,
    ],
    ['where a file would be at the root', { '\\b.txt': '1' }, /\\b\.txt is called \/b\.txt in an archive/],
    ['where a file would be on a drive', { 'c:b.txt': '1' }, /c:b\.txt is called c:b\.txt in an archive/],
  ])('is refused %s', async (_, files, message) => {
    const folder = await folderOf(files);
    await expect(zip(folder)).rejects.toMatchObject({ code: 'AssetFileName', message: expect.stringMatching(message) });
  });

  test('is refused where a file changes while the folder is read', async () => {
    // given a folder whose second file grows as soon as the first one was read
    const folder = await folderOf({ 'a.bin': Buffer.alloc(1_000_000, 'a'), 'b.txt': 'b' });
    const growing = setInterval(() => void writeFile(join(folder, 'b.txt'), `${Math.random()}`, { flag: 'a' }), 1);

    // when / then
    try {
      for (let round = 0; round < 50; round++) await zip(folder);
      throw new Error('nothing was noticed');
    } catch (error) {
      expect(error).toMatchObject({ code: 'AssetChanged', message: expect.stringMatching(/b\.txt changed/) });
    } finally {
      clearInterval(growing);
    }
  });
});

let folders = 0;

async function folderOf(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = join(workspace, `folder-${folders++}`);
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
    await chmod(join(folder, name), 0o644);
  }
  return folder;
}

async function zip(folder: string): Promise<Buffer> {
  return bytesOf(zipFolder(folder));
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  return Buffer.concat(await stream.toArray());
}

async function stockZip(folder: string): Promise<Buffer> {
  const file = join(workspace, `stock-${folders++}.zip`);
  await zipDirectory(folder, file);
  return readFile(file);
}
