import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type FollowedApp, followedApp } from './testing/followed-app.ts';

/** The script of Node by which people start the native compiler; `tsc` of TypeScript 7 is the same. */
const TSGO = join(createRequire(import.meta.url).resolve('@typescript/native-preview/package.json'), '../bin/tsgo');

/** An app that is compiled and then run, with sources where neither git nor the Nx graph shows them. */
let app: FollowedApp;

beforeEach(() => {
  app = followedApp({
    'apps/shop/tsconfig.json': `{
      // as people write it
      "extends": ["../../outside/base", "@acme/tsconfig/strict.json"],
      "compilerOptions": { "outDir": "../../dist", "rootDir": "../..", "types": [], "lib": ["es2022"], "paths": { "#*": ["./src/*", "./gen/*"] }, },
      "include": ["src"],
    }`,
    'apps/shop/package.json': { name: 'shop' },
    'outside/base.json': { compilerOptions: { target: 'es2022', module: 'commonjs' } },
    'apps/node_modules/@acme/tsconfig/package.json': { name: '@acme/tsconfig' },
    'apps/node_modules/@acme/tsconfig/strict.json': { compilerOptions: { strict: true } },
    'apps/shop/src/main.ts': `
      import { shared } from '../../../outside/shared';
      import type { Name } from '../../../outside/types';
      import type { Made } from '#made';
      import data from '../../../outside/data.json';
      export const name: Name & Made = shared + data.name;`,
    'apps/shop/gen/made.ts': `export type Made = string;`,
    'outside/shared.ts': `export const shared = 'one';`,
    'outside/types.ts': `export type Name = string;`,
    'outside/data.json': { name: 'data' },
  });
});
afterEach(() => app.workspace.dispose());

const compiled = (...args: string[]) =>
  `child.execFileSync('node', ${JSON.stringify([TSGO, ...args])});
   require('../../dist/apps/shop/src/main.js');`;

describe('where an app is compiled by a native compiler, its synthesis', () => {
  test('is not done again if nothing changes', () => {
    const key = app.synthesized(compiled());
    expect(app.nextKey()).toBe(key);
    // when it runs once more, over what it has written
    rmSync(app.place.folder, { recursive: true });
    const again = app.synthesized(compiled());
    expect(app.nextKey()).toBe(again);
  });

  test.each([
    ['an edit of a source', 'apps/shop/src/main.ts', 'export const name = 1;'],
    ['an edit of a source outside', 'outside/shared.ts', `export const shared = 'two';`],
    ['an edit of types, which only make it fail', 'outside/types.ts', 'export type Name = number;'],
    ['an edit of JSON that a source imports', 'outside/data.json', '{ "name": "other" }'],
    ['an edit of its configuration', 'apps/shop/tsconfig.json', '{}'],
    ['an edit of one that it extends', 'outside/base.json', '{}'],
    ['an edit of one that it extends in a package', 'apps/node_modules/@acme/tsconfig/strict.json', '{}'],
    ['an edit of the manifest of its package', 'apps/shop/package.json', '{ "type": "module" }'],
    ['a new source', 'apps/shop/src/more.ts', ''],
    ['a new source in a new folder', 'apps/shop/src/deep/more.ts', ''],
    ['a source that comes before the one that was found', 'apps/shop/src/made.ts', 'export type Made = string;'],
    ['a source in the place of another', 'outside/shared.tsx', ''],
    ['an edit of what it wrote', 'dist/apps/shop/src/main.js', ''],
  ])('is done again after %s', (_, file, content) => {
    // given
    const key = app.synthesized(compiled());
    expect(app.nextKey()).toBe(key);
    // when
    app.workspace.write(file, content);
    // then
    expect(app.nextKey()).not.toBe(key);
  });

  test('is done again after an edit of a configuration that an argument names', () => {
    app.workspace.write('outside/other/tsconfig.json', { extends: '../../apps/shop/tsconfig.json' });
    const key = app.synthesized(compiled('-p', '../../outside/other', '--outDir', '../../dist'));
    expect(app.nextKey()).toBe(key);
    app.edited('outside/other/tsconfig.json', '{}');
    expect(app.nextKey()).not.toBe(key);
  });

  test.each([
    ['it builds several projects', ['-b']],
    ['its arguments are in a file', ['@arguments.txt']],
    ['it compiles nothing', ['--version']],
  ])('is never kept if %s, since what it read is not known', (_, args) => {
    app.workspace.write('apps/shop/arguments.txt', '--noEmit\n');
    const { reads, programs } = app.followed(compiled(...args).replace(/require\(.*/, ''));
    expect(reads).toBeUndefined();
    expect(programs).toEqual(['tsgo']);
  });

  test('is never kept if one of its configurations cannot be found any more', () => {
    const { reads } = app.followed(`${compiled()} fs.rmSync('../../outside/base.json');`);
    expect(reads).toBeUndefined();
  });

  test('is never kept if a source changed while it ran', () => {
    const { reads, obstacles } = app.followed(
      `${compiled()} child.execFileSync('touch', ['../../outside/shared.ts']);`,
    );
    expect(reads).toBeUndefined();
    expect(obstacles).toEqual([expect.stringMatching(/outside\/shared\.ts changed meanwhile$/)]);
  });

  test('is never kept if the compiler only has the name of one', () => {
    mkdirSync(app.workspace.path('bin'));
    const { programs } = app.followed(`
      fs.cpSync('/bin/ls', '../../bin/tsc');
      child.execFileSync('../../bin/tsc');`);
    expect(programs).toEqual(['tsc']);
  });
});
