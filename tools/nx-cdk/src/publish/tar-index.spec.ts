import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexTar } from './tar-index.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-cdk-tar-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the index of a tar archive', () => {
  const long = `${'a-long-folder-name/'.repeat(9)}layer.tar`;

  test.each(['ustar', 'gnu', 'posix'])('finds each file where it is, in format %s', async (format) => {
    // given
    const tree = join(folder, format);
    mkdirSync(join(tree, long, '..'), { recursive: true });
    writeFileSync(join(tree, 'manifest.json'), '[]');
    writeFileSync(join(tree, 'empty'), '');
    writeFileSync(join(tree, long), 'x'.repeat(1000));
    symlinkSync('../manifest.json', join(tree, 'a-long-folder-name', 'link'));
    linkSync(join(tree, 'manifest.json'), join(tree, 'z-hard-link'));
    const archive = `${tree}.tar`;
    execFileSync('tar', ['--format', format, '--sort=name', '-cf', archive, '-C', tree, '.']);

    // when
    const entries = await indexTar(archive);

    // then
    const bytes = readFileSync(archive);
    const read = (name: string) => {
      const { offset, size } = entries.get(name)!;
      return bytes.toString('utf8', offset, offset + size);
    };
    expect(read('manifest.json')).toBe('[]');
    expect(read(long)).toBe('x'.repeat(1000));
    expect(read('empty')).toBe('');
    expect(read('a-long-folder-name/link')).toBe('[]');
    expect(read('z-hard-link')).toBe('[]');
    expect([...entries.keys()]).not.toContain('a-long-folder-name');
  });

  test('refuses what is no archive', async () => {
    const file = join(folder, 'text');
    writeFileSync(file, 'no archive'.repeat(100));
    await expect(indexTar(file)).rejects.toThrow('it is no tar archive');
  });
});
