import { sources } from './many-assets-app.ts';

const sizeOf = (files: readonly { content: string }[]) => files.reduce((sum, { content }) => sum + content.length, 0);

test('three of five sources are folders of some files, the others single files', () => {
  const all = sources(200);
  const folders = all.filter(({ files }) => files.length > 1);
  expect(all).toHaveLength(200);
  expect(folders).toHaveLength(120);
  for (const { files } of folders) {
    expect(files.length).toBeLessThanOrEqual(8);
    expect(sizeOf(files)).toBeGreaterThan(9_000);
    expect(sizeOf(files)).toBeLessThanOrEqual(200_000);
  }
});

test('no two files are alike, and the same number gives the same files again', () => {
  const contents = sources(50).flatMap(({ files }) => files.map(({ content }) => content));
  expect(new Set(contents).size).toBe(contents.length);
  expect(sources(50)).toEqual(sources(50));
});
