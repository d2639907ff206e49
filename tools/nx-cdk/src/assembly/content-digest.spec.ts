import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { fileContentDigest, FolderDigest, imageContentDigest } from './content-digest.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => {
  workspace = temporaryWorkspace({ 'one/b.txt': 'b', 'one/run.sh': 'x', 'one/a/c.txt': 'c' });
  chmodSync(workspace.path('one/run.sh'), 0o755);
});
afterEach(() => workspace.dispose());

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const folder = (path: string) => fileContentDigest({ fingerprint: '', packaging: 'zip', path: workspace.path(path) });
const image = (path: string) => imageContentDigest({ fingerprint: '', build: { directory: workspace.path(path) } });

describe('the digest of an asset', () => {
  test('that is a file is that of its bytes', async () => {
    expect(await fileContentDigest({ fingerprint: '', packaging: 'file', path: workspace.path('one/b.txt') })).toBe(
      sha256('b'),
    );
  });

  test('that is a folder can be worked out by hand', async () => {
    const lines = [`644 ${sha256('b')} b.txt`, `755 ${sha256('x')} run.sh`, `644 ${sha256('c')} a/c.txt`];

    expect(await folder('one')).toBe(sha256(lines.map((line) => `${line}\0`).join('')));
  });

  test('is the same whoever checked the source out, and whenever', async () => {
    // given
    const before = [await folder('one'), await image('one')];

    // when
    chmodSync(workspace.path('one/b.txt'), 0o600);
    chmodSync(workspace.path('one/run.sh'), 0o700);
    utimesSync(workspace.path('one/b.txt'), 1, 1);
    mkdirSync(workspace.path('one/empty'));

    // then
    expect([await folder('one'), await image('one')]).toEqual(before);
  });

  test.each([
    ['a byte', () => workspace.write('one/b.txt', 'B')],
    ['a name', () => workspace.write('one/B.txt', 'b')],
    ['the executable bit', () => chmodSync(workspace.path('one/b.txt'), 0o755)],
  ])('is another one where %s differs', async (_, change) => {
    const before = [await folder('one'), await image('one')];
    change();
    const after = [await folder('one'), await image('one')];

    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  test('follows links where they are zipped, and keeps them where an image is built', async () => {
    // given a link that leads back to where it is, as some packages hold
    symlinkSync('.', workspace.path('one/self'));

    // then
    await expect(folder('one')).rejects.toMatchObject({ code: 'AssetFolderCycle' });
    expect(await image('one')).toMatch(/^[0-9a-f]{64}$/);
  });

  test('does not mix up names and contents', () => {
    const digest = (...files: [string, string][]) => {
      const all = new FolderDigest();
      for (const [name, content] of files) all.add(name, 0o644, sha256(content));
      return all.end();
    };

    expect(digest(['a', 'bc'])).not.toBe(digest(['ab', 'c']));
    expect(digest(['a', ''], ['b', ''])).not.toBe(digest(['b', ''], ['a', '']));
  });
});
