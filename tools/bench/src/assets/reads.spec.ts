import { countReads, isAssetOf } from './reads.ts';

const isAsset = isAssetOf('/app/cdk.out');
const line = (path: string, flags = 'O_RDONLY|O_CLOEXEC') => `123 openat(AT_FDCWD, "${path}", ${flags}) = 23`;

test('files of assets are counted, each opening of each of them', () => {
  const log = [
    line('/app/cdk.out/asset.1/index.js'),
    line('/app/cdk.out/asset.2.json'),
    line('/app/cdk.out/asset.2.json'),
  ];
  expect(countReads(log.join('\n'), isAsset)).toEqual({ files: 2, opened: 3, most: 2 });
});

test('a call that another process interrupts counts once', () => {
  const log = [
    '7 openat(AT_FDCWD, "/app/cdk.out/asset.1/index.js", O_RDONLY|O_CLOEXEC <unfinished ...>',
    line('/elsewhere'),
    '7 <... openat resumed>) = 17',
  ];
  expect(countReads(log.join('\n'), isAsset)).toEqual({ files: 1, opened: 1, most: 1 });
});

test('neither folders, nor archives of a tool, nor manifests are files of assets', () => {
  const log = [
    line('/app/cdk.out/asset.1', 'O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY'),
    line('/app/cdk.out/.cache/1.zip'),
    line('/app/cdk.out/manifest.json'),
  ];
  expect(countReads(log.join('\n'), isAsset)).toEqual({ files: 0, opened: 0, most: 0 });
});
