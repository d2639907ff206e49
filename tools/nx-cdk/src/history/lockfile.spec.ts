import { readLockfile } from './lockfile.ts';

const read = (file: string, text: string) => Object.fromEntries(readLockfile(file, text) ?? [['nothing', []]]);

const EXPECTED = { '@scope/a': ['1.0.0'], b: ['1.0.0', '2.0.0'] };

describe('the packages of a lockfile', () => {
  test('of npm are those in node_modules, at any depth, and not those of the workspace', () => {
    const packages = {
      '': { name: 'root', version: '9.0.0' },
      'libs/own': { name: 'own', version: '9.0.0' },
      'node_modules/own': { resolved: 'libs/own', link: true },
      'node_modules/@scope/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0' },
      'node_modules/@scope/a/node_modules/b': { version: '1.0.0' },
      'libs/own/node_modules/alias': { name: 'b', version: '2.0.0' },
    };
    expect(read('package-lock.json', JSON.stringify({ packages }))).toEqual(EXPECTED);
  });

  test.each([
    ['9', ["'@scope/a@1.0.0'", 'b@1.0.0', 'b@2.0.0(@scope/a@1.0.0)']],
    ['6', ['/@scope/a@1.0.0', '/b@1.0.0', '/b@2.0.0(@scope/a@1.0.0)']],
  ])('of pnpm are its packages (lockfile version %s)', (version, keys) => {
    const entries = keys.map((key) => `  ${key}:\n    resolution: {integrity: sha512-x}\n`).join('\n');
    const text = `lockfileVersion: '${version}.0'\n\nimporters:\n\n  .:\n    dependencies: {}\n\npackages:\n\n${entries}`;
    expect(read('pnpm-lock.yaml', text)).toEqual(EXPECTED);
  });

  test('of Yarn 1 are its entries', () => {
    const entry = (key: string, version: string) =>
      `${key}:\n  version "${version}"\n  resolved "somewhere"\n  dependencies:\n    c "^1.0.0"\n`;
    const entries = [entry('"@scope/a@^1.0.0"', '1.0.0'), entry('b@1, b@^1.0.0', '1.0.0'), entry('b@^2.0.0', '2.0.0')];
    expect(read('yarn.lock', `# yarn lockfile v1\n\n\n${entries.join('\n')}`)).toEqual(EXPECTED);
  });

  test('of later Yarns are its entries, by what they were resolved to, and not those of the workspace', () => {
    const entry = (key: string, version: string, resolution: string, type = 'hard') =>
      `"${key}":\n  version: ${version}\n  resolution: "${resolution}"\n  languageName: node\n  linkType: ${type}\n`;
    const entries = [
      entry('@scope/a@npm:^1.0.0', '1.0.0', '@scope/a@npm:1.0.0'),
      entry('alias@npm:b@^1', '1.0.0', 'b@npm:1.0.0'),
      entry('b@npm:^2.0.0, b@npm:~2.0.0', '2.0.0', 'b@npm:2.0.0'),
      entry('root@workspace:.', '0.0.0-use.local', 'root@workspace:.', 'soft'),
    ];
    expect(read('yarn.lock', `__metadata:\n  version: 8\n\n${entries.join('\n')}`)).toEqual(EXPECTED);
  });

  test.each([
    ['package-lock.json', 'no JSON'],
    ['package-lock.json', '{}'],
    ['pnpm-lock.yaml', 'packages: ['],
    ['bun.lock', '{}'],
  ])('are not known of what cannot be read: %s %s', (file, text) => {
    expect(readLockfile(file, text)).toBeUndefined();
  });
});
