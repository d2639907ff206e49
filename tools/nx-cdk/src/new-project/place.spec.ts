import type { Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import { addPlace, packageNameOf, placeOf } from './index.ts';

/** A workspace with these files; folders are made by a file in them. */
function workspace(files: Readonly<Record<string, string | object>>): Tree {
  const tree = createTree();
  for (const [file, content] of Object.entries({ 'package.json': {}, 'nx.json': {}, ...files })) {
    tree.write(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return tree;
}

const globs = (...workspaces: string[]) => ({ 'package.json': { workspaces } });

describe('the folder of a new project', () => {
  test.each([
    ['apps and libraries are linked', globs('apps/*', 'libs/*'), 'apps/shop', 'libs/shop'],
    ['handlers have a folder', globs('apps/*', 'libs/*', 'libs/handlers/*'), 'apps/shop', 'libs/handlers/shop'],
    ['everything is a package', globs('packages/*'), 'packages/shop', 'packages/shop'],
    ['all below a folder is linked', globs('packages/**'), 'packages/shop', 'packages/shop'],
    ['folders have names of their own', globs('./services/*'), 'services/shop', 'services/shop'],
    ['only libraries are linked', globs('libs/*'), 'apps/shop', 'libs/shop'],
    ['only apps are linked', globs('apps/*'), 'apps/shop', 'handlers/shop'],
    ['nothing fits', globs('tools/build'), 'apps/shop', 'handlers/shop'],
    [
      'pnpm says what is linked',
      { 'pnpm-workspace.yaml': 'packages:\n  - packages/*\n' },
      'packages/shop',
      'packages/shop',
    ],
    ['nothing is linked', {}, 'apps/shop', 'handlers/shop'],
    [
      'nothing is linked, and there are packages',
      { 'packages/web/project.json': {} },
      'packages/shop',
      'packages/shop',
    ],
    ['nx.json has a layout', { 'nx.json': { workspaceLayout: { appsDir: 'a', libsDir: 'l' } } }, 'a/shop', 'l/shop'],
  ])('where %s', (_, files, app, handler) => {
    const tree = workspace(files);
    expect(placeOf(tree, 'app', 'shop').root).toBe(app);
    expect(placeOf(tree, 'handler', 'shop').root).toBe(handler);
  });

  test('is the one that was asked for', () => {
    expect(placeOf(workspace({}), 'app', 'shop', './cloud/shop/').root).toBe('cloud/shop');
  });

  test.each(['.', '..', '../shop', '/shop', 'apps/../..'])('is not %s', (directory) => {
    expect(() => placeOf(workspace({}), 'app', 'shop', directory)).toThrow(`--directory is "${directory}"`);
  });
});

describe('a new project', () => {
  const added = (files: Readonly<Record<string, string | object>>, directory = 'apps/shop') => {
    const tree = workspace(files);
    addPlace(tree, placeOf(tree, 'app', 'shop', directory), 'shop');
    return (file: string) => tree.read(file, 'utf8');
  };

  test('that a glob covers needs nothing', () => {
    const read = added(globs('apps/*'));
    expect(JSON.parse(read('package.json')!)).toEqual({ workspaces: ['apps/*'] });
    expect(read('apps/shop/project.json')).toBeNull();
  });

  test.each([
    ['that none covers', globs('libs/*'), { workspaces: ['libs/*', 'apps/*'] }],
    ['that one leaves out', globs('**', '!apps/**'), { workspaces: ['**', '!apps/**', 'apps/*'] }],
    [
      'of a workspace whose globs are in an object',
      { 'package.json': { workspaces: { packages: ['libs/*'] } } },
      { workspaces: { packages: ['libs/*', 'apps/*'] } },
    ],
  ])('%s adds one', (_, files, manifest) => {
    expect(JSON.parse(added(files)('package.json')!)).toEqual(manifest);
  });

  test('adds its glob where pnpm reads them, and leaves comments alone', () => {
    const read = added({ 'pnpm-workspace.yaml': '# ours\npackages:\n  - libs/* # all\n' });
    expect(read('pnpm-workspace.yaml')).toBe('# ours\npackages:\n  - libs/* # all\n  - apps/*\n');
    expect(JSON.parse(read('package.json')!)).toEqual({});
  });

  test.each([
    ['', {}],
    ['and settings of pnpm', { 'pnpm-workspace.yaml': 'onlyBuiltDependencies:\n  - esbuild\n' }],
  ])('is known to Nx by its project.json where nothing is linked %s', (_, files) => {
    const read = added(files);
    expect(JSON.parse(read('apps/shop/project.json')!)).toMatchObject({ name: 'shop' });
    expect(JSON.parse(read('package.json')!)).toEqual({});
  });
});

test.each([
  ['@acme/source', '@acme/shop'],
  ['acme', '@handlers/shop'],
  [undefined, '@handlers/shop'],
])('in a workspace called %s, a package is %s', (name, expected) => {
  expect(packageNameOf(workspace({ 'package.json': { name } }), 'shop')).toBe(expected);
});
