import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { LARGEST_BUNDLE, type Unpacked } from './bundle.ts';
import { readAtMost, writeAssembly } from './fetch-bundle.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

const holding = (files: Readonly<Record<string, string>>) =>
  ({ files: new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])) }) as unknown as Unpacked;
const folder = () => workspace.path('dist/releases/shop/ab');
const write = (files: Readonly<Record<string, string>>, isThere = false) =>
  writeAssembly(folder(), holding(files), async () => isThere);
const beside = () => readdirSync(workspace.path('dist/releases/shop'));

test('an assembly is written as a whole, and nothing else is left', async () => {
  await write({ 'manifest.json': '{}', 'stage/manifest.json': '1' });
  expect(readFileSync(workspace.path('dist/releases/shop/ab/stage/manifest.json'), 'utf8')).toBe('1');
  expect(beside()).toEqual(['ab']);
});

test('metadata that a manifest names are there, empty, and only where nothing else is', async () => {
  const naming = (file: unknown) => JSON.stringify({ artifacts: { A: { additionalMetadataFile: file }, B: null } });
  await write({
    'manifest.json': naming('../outside.json'),
    'stage/manifest.json': naming('a.metadata.json'),
    'other/manifest.json': naming('../stage/manifest.json'),
    'third/manifest.json': naming(7),
    'fourth/manifest.json': 'null',
    'fifth/manifest.json': 'no JSON',
  });
  const at = (...names: string[]) => workspace.path('dist/releases/shop', ...names);
  expect(readFileSync(at('ab/stage/a.metadata.json'), 'utf8')).toBe('{}');
  expect(readFileSync(at('ab/stage/manifest.json'), 'utf8')).toContain('a.metadata.json');
  expect(readdirSync(at('ab')).toSorted()).toEqual(['fifth', 'fourth', 'manifest.json', 'other', 'stage', 'third']);
  expect(beside()).toEqual(['ab']);
});

test('what another process has written meanwhile stays; anything else is replaced', async () => {
  await write({ one: 'first' });
  await write({ one: 'second' }, true);
  expect(readFileSync(`${folder()}/one`, 'utf8')).toBe('first');
  await write({ two: 'third' });
  expect(readdirSync(folder())).toEqual(['two']);
  expect(beside()).toEqual(['ab']);
});

test('a file in the place of the folder is replaced', async () => {
  mkdirSync(workspace.path('dist/releases/shop'), { recursive: true });
  writeFileSync(folder(), 'a file');
  await write({ one: '1' });
  expect(readdirSync(folder())).toEqual(['one']);
});

test.each<[string, Record<string, string>]>([
  ['is a file and a folder', { one: '1', 'one/two': '2' }],
  ['is a folder and a file', { 'one/two': '2', one: '1' }],
  ['is longer than a name may be', { ['x'.repeat(300)]: '1' }],
])('nothing is written if a name %s', async (_, files) => {
  await expect(write(files)).rejects.toMatchObject({ code: 'BrokenBundle' });
  expect(existsSync(folder())).toBe(false);
  expect(beside()).toEqual([]);
});

test('no more is read of an object than a bundle may have', async () => {
  let read = 0;
  async function* endless() {
    for (;;) {
      read += 1024 * 1024;
      yield Buffer.alloc(1024 * 1024);
    }
  }
  await expect(readAtMost(endless(), 's3://assets/bundle')).rejects.toMatchObject({ code: 'BrokenBundle' });
  expect(read).toBe(LARGEST_BUNDLE + 1024 * 1024);
});
