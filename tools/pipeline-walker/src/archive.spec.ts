import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZipFile } from 'yazl';
import { unzip, zipFiles } from './archive.ts';
import { artifactEntries, matchingFiles } from './build-files.ts';

let folder: string;
const path = (...parts: string[]) => join(folder, ...parts);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archive-'));
  mkdirSync(path('src', 'bin', '.hidden'), { recursive: true });
  writeFileSync(path('src', 'read.txt'), 'text');
  writeFileSync(path('src', 'bin', 'run'), '#!/bin/sh\n');
  chmodSync(path('src', 'bin', 'run'), 0o755);
  writeFileSync(path('src', 'bin', '.hidden', 'empty'), '');
  symlinkSync('bin/run', path('src', 'link'));
  symlinkSync('bin', path('src', 'folder-link'));
  symlinkSync('nowhere', path('src', 'broken'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const names = async (...args: Parameters<typeof matchingFiles>) =>
  (await matchingFiles(...args)).map(({ name }) => name);

async function roundTrip(links: boolean): Promise<void> {
  await zipFiles(await matchingFiles(path('src'), ['**/*'], { links }), path('a.zip'), { links });
  await unzip(path('a.zip'), path('out'));
}

test('contents and modes come back, hidden and empty files as well', async () => {
  await roundTrip(false);

  expect(readFileSync(path('out', 'read.txt'), 'utf8')).toBe('text');
  expect(statSync(path('out', 'bin', 'run')).mode & 0o777).toBe(0o755);
  expect(statSync(path('out', 'read.txt')).mode & 0o777).toBe(statSync(path('src', 'read.txt')).mode & 0o777);
  expect(statSync(path('out', 'bin', '.hidden', 'empty')).size).toBe(0);
});

test('links stay links where that is asked for', async () => {
  await roundTrip(true);

  expect(readlinkSync(path('out', 'link'))).toBe('bin/run');
  expect(readlinkSync(path('out', 'folder-link'))).toBe('bin');
  expect(readlinkSync(path('out', 'broken'))).toBe('nowhere');
});

test('links become what they lead to where not; one to nothing is left out', async () => {
  await roundTrip(false);

  expect(lstatSync(path('out', 'link')).isFile()).toBe(true);
  expect(readFileSync(path('out', 'folder-link', 'run'), 'utf8')).toBe('#!/bin/sh\n');
  expect(lstatSync(path('out', 'broken'), { throwIfNoEntry: false })).toBeUndefined();
});

test('a link back to a folder that it is in is not followed for ever', async () => {
  symlinkSync('..', path('src', 'bin', 'up'));

  expect(await names(path('src'), ['bin/**/*'])).not.toContain('bin/up/bin/up');
});

test('what another program zipped comes out as well', async () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: path('src') });
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '-qm', 'x');
  git('archive', '--format=zip', `--output=${path('git.zip')}`, 'HEAD');

  await unzip(path('git.zip'), path('out'));

  expect(statSync(path('out', 'bin', 'run')).mode & 0o111).toBe(0o111);
  expect(readlinkSync(path('out', 'link'))).toBe('bin/run');
});

test('what is no archive, or would write outside the folder, is refused', async () => {
  writeFileSync(path('none.zip'), 'text');
  await expect(unzip(path('none.zip'), path('out'))).rejects.toMatchObject({ code: 'Archive' });

  // yazl itself refuses such a name: it is written in place of one of the same length.
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('x'), 'aa/evil', {});
  zip.end();
  const content = Buffer.concat(
    await (zip.outputStream as unknown as NodeJS.ReadableStream & { toArray(): Promise<Buffer[]> }).toArray(),
  );
  writeFileSync(path('evil.zip'), content.toString('latin1').replaceAll('aa/evil', '../evil'), 'latin1');
  await expect(unzip(path('evil.zip'), path('out'))).rejects.toMatchObject({ code: 'Archive' });
  expect(statSync(path('evil'), { throwIfNoEntry: false })).toBeUndefined();
});

test('nothing is written through a link that the archive brings', async () => {
  mkdirSync(path('elsewhere'));
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(path('elsewhere')), 'out', { mode: 0o120777 });
  zip.addBuffer(Buffer.from('x'), 'out/file', {});
  zip.end();
  writeFileSync(
    path('a.zip'),
    Buffer.concat(await (zip.outputStream as unknown as { toArray(): Promise<Buffer[]> }).toArray()),
  );

  await unzip(path('a.zip'), path('unpacked')).catch(() => undefined);

  expect(statSync(path('elsewhere', 'file'), { throwIfNoEntry: false })).toBeUndefined();
});

describe('the files of an artifact', () => {
  const files = { files: ['**/*'], exclude: [], baseDirectory: '.', discardPaths: false, links: true };

  test.each<[string, object, string[]]>([
    ['named files', { files: ['read.txt', './bin/run', 'missing'] }, ['bin/run', 'read.txt']],
    ['a glob', { files: ['bin/*'] }, ['bin/run']],
    ['all but some', { exclude: ['bin/**/*', '*link', 'broken'] }, ['read.txt']],
    ['a folder of its own', { baseDirectory: 'bin' }, ['.hidden/empty', 'run']],
    ['names without folders', { baseDirectory: 'bin', discardPaths: true }, ['empty', 'run']],
  ])('%s', async (_, rest, expected) => {
    const entries = await artifactEntries(path('src'), { ...files, ...rest }, 'Made');
    expect(entries.map(({ name }) => name)).toEqual(expected);
  });

  test('none at all is an error, as in CodeBuild', async () => {
    const none = artifactEntries(path('src'), { ...files, files: ['*.zip'], baseDirectory: 'bin' }, 'Made');
    await expect(none).rejects.toThrow('no file for the artifact Made: nothing matches *.zip in bin.');
  });
});
