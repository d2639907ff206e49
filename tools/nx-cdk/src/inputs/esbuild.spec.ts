import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type FollowedApp, followedApp } from './testing/followed-app.ts';

/** The program that the script of the package starts, and that its installation puts into the script's place. */
const PACKAGE = createRequire(import.meta.url).resolve('esbuild/package.json');
const PLATFORM = `@esbuild/${process.platform}-${process.arch}`;
const ESBUILD = join(dirname(createRequire(PACKAGE).resolve(`${PLATFORM}/package.json`)), 'bin', 'esbuild');

/** An app that has a handler bundled. */
let app: FollowedApp;

beforeEach(() => {
  app = followedApp({
    'tsconfig.json': { extends: './tsconfig.base.json' },
    'tsconfig.base.json': { compilerOptions: { baseUrl: '.', paths: { '#*': ['./libs/*'] } } },
    'package-lock.json': '{}',
    'apps/shop/package.json': { name: 'shop' },
    'apps/shop/src/handler.ts': `
      import { shared } from '../../../libs/shared';
      import { aliased } from '#aliased';
      import { packed } from 'packed';
      export const handler = async () => shared + aliased + packed;`,
    'libs/shared/index.ts': `export const shared = 'one';`,
    'libs/aliased.ts': `export { default as aliased } from './data.json';`,
    'libs/data.json': '"data"',
    'apps/node_modules/packed/package.json': { name: 'packed', main: 'main.js' },
    'apps/node_modules/packed/main.js': 'exports.packed = 1;',
  });
});
afterEach(() => app.workspace.dispose());

const ARGUMENTS = ['--bundle', 'src/handler.ts', '--target=node22', '--platform=node', '--outfile=cdk.out/index.js'];
const bundled = (...more: string[]) =>
  `fs.mkdirSync('cdk.out', { recursive: true }); child.execFileSync(${JSON.stringify(ESBUILD)}, ${JSON.stringify([...ARGUMENTS, ...more, '--log-level=error'])});`;

describe('where a handler of an app is bundled by esbuild, its synthesis', () => {
  test('is not done again if nothing changes', () => {
    const key = app.synthesized(bundled('--minify', '--external:@aws-sdk/*', '--sourcemap=inline'));
    expect(app.nextKey()).toBe(key);
  });

  test.each([
    ['an edit of the handler', 'apps/shop/src/handler.ts', 'export const handler = 1;'],
    ['an edit of what it imports', 'libs/shared/index.ts', `export const shared = 'two';`],
    ['an edit of what it imports by another name', 'libs/aliased.ts', `export const aliased = 'two';`],
    ['an edit of JSON', 'libs/data.json', '"other"'],
    ['an edit of a configuration', 'tsconfig.json', '{}'],
    ['an edit of one that it extends', 'tsconfig.base.json', '{}'],
    ['a nearer configuration', 'apps/shop/src/tsconfig.json', '{}'],
    ['an edit of a manifest', 'apps/shop/package.json', '{ "sideEffects": false }'],
    ['a manifest where there was none', 'libs/package.json', '{ "type": "commonjs" }'],
    ['an edit of the manifest of a package', 'apps/node_modules/packed/package.json', '{ "main": "other.js" }'],
    ['an edit in a package', 'apps/node_modules/packed/main.js', 'exports.packed = 2;'],
    ['a file that comes before a folder', 'libs/shared.ts', ''],
    ['a file in the place of a package', 'packed.ts', ''],
  ])('is done again after %s', (_, file, content) => {
    // given
    const key = app.synthesized(bundled());
    expect(app.nextKey()).toBe(key);
    // when
    app.workspace.write(file, content);
    // then
    expect(app.nextKey()).not.toBe(key);
  });

  test('is never kept if an option may lead it elsewhere', () => {
    const { reads, programs } = app.followed(bundled('--preserve-symlinks'));
    expect(reads).toBeUndefined();
    expect(programs).toEqual(['esbuild']);
  });

  test('is never kept if a name has several places, of which the first may appear later', () => {
    app.workspace.write('tsconfig.json', { compilerOptions: { paths: { '#*': ['./gen/*', './libs/*'] } } });
    expect(app.followed(bundled()).reads).toBeUndefined();
  });

  test('is never kept if a package has the name of a folder in which it is looked for before', () => {
    app.workspace.write('packed/other.ts', '');
    expect(app.followed(bundled()).reads).toBeUndefined();
  });

  test('is never kept if a source changed while it ran', () => {
    const { obstacles } = app.followed(`${bundled()} child.execFileSync('touch', ['../../libs/aliased.ts']);`);
    expect(obstacles).toEqual([expect.stringMatching(/libs\/aliased\.ts changed meanwhile$/)]);
  });

  test('is known through a shell if its command line says nothing else', () => {
    const line = (more: string) =>
      `fs.mkdirSync('cdk.out', { recursive: true }); child.execSync(${JSON.stringify(`${ESBUILD} ${ARGUMENTS.join(' ')}${more}`)});`;
    const key = app.synthesized(line(' "--external:@aws-sdk/*"'));
    expect(app.nextKey()).toBe(key);
    app.edited('libs/shared/index.ts', 'export const shared = 2;');
    expect(app.nextKey()).not.toBe(key);
    expect(app.followed(line(' --define:X="1"')).programs).toEqual(['esbuild']);
    expect(app.followed(line(' && true')).programs).toEqual(['esbuild']);
  });
});

test('an app with a NodejsFunction is not synthesized again until its handler is edited', () => {
  // given
  const source = `
    const { App, Stack } = require('aws-cdk-lib');
    const { NodejsFunction } = require('aws-cdk-lib/aws-lambda-nodejs');
    const { Runtime } = require('aws-cdk-lib/aws-lambda');
    const cdk = new App({ outdir: 'cdk.out', analyticsReporting: false });
    const entry = require('node:path').resolve('src/handler.ts');
    new NodejsFunction(new Stack(cdk, 'Shop'), 'Handler', { entry, runtime: Runtime.NODEJS_22_X });
    cdk.synth();`;
  const key = app.synthesized(source);

  // then
  expect(app.nextKey()).toBe(key);

  // when
  app.edited('libs/shared/index.ts', `export const shared = 'two';`);

  // then
  expect(app.nextKey()).not.toBe(key);
});
