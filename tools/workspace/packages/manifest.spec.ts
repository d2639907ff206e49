import { publishedManifest, withCompiledNames } from './manifest.ts';

const SOURCE = {
  name: 'tool',
  version: '1.2.3',
  type: 'module',
  main: './src/index.ts',
  bin: { tool: './src/main.ts' },
  exports: { '.': './src/index.ts', './schema.json': './schema.json', './src/*': './src/*' },
  dependencies: { other: '1.2.3' },
  files: ['src'],
  devDependencies: { typescript: '*' },
  scripts: { test: 'jest' },
  nx: { name: 'tool' },
};

test('a published package.json names compiled files, and declarations first', () => {
  const published = publishedManifest(SOURCE, ['src', 'executors.json']);
  expect(published.main).toBe('./src/index.js');
  expect(published['types']).toBe('./src/index.d.ts');
  expect(published.bin).toEqual({ tool: './src/main.js' });
  expect(JSON.stringify(published.exports?.['.'])).toBe('{"types":"./src/index.d.ts","default":"./src/index.js"}');
  expect(published.exports?.['./schema.json']).toBe('./schema.json');
  expect(published.files).toEqual(['src', 'executors.json']);
});

test('it keeps what is for others, and nothing that only this repository needs', () => {
  const published = publishedManifest(SOURCE, ['src']);
  expect(published).toMatchObject({ name: 'tool', version: '1.2.3', type: 'module', dependencies: { other: '1.2.3' } });
  expect(published).not.toHaveProperty('scripts');
  expect(published).not.toHaveProperty('nx');
  expect(published).not.toHaveProperty('devDependencies');
});

test('the inside of a package is not exported', () => {
  expect(Object.keys(publishedManifest(SOURCE, ['src']).exports ?? {})).toEqual(['.', './schema.json']);
});

test('lists of executors and generators name compiled files, too', () => {
  const list = { executors: { one: { implementation: './src/one.ts', schema: './src/schema.json' } } };
  expect(withCompiledNames(list)).toEqual({
    executors: { one: { implementation: './src/one.js', schema: './src/schema.json' } },
  });
  expect(withCompiledNames(['./src/start.ts#deploy', 'reads main.ts'])).toEqual([
    './src/start.js#deploy',
    'reads main.ts',
  ]);
});
