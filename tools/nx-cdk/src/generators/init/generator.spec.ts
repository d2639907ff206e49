import { NX_VERSION, type Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import initGenerator from './generator.ts';

let tree: Tree;
beforeEach(() => {
  tree = createTree();
  tree.write('nx.json', '{\n  // ours\n  "plugins": ["@nx/js"]\n}\n');
  tree.write('package.json', JSON.stringify({ devDependencies: { nx: NX_VERSION, 'nx-cdk': '^1.0.0' } }));
  tree.write('.gitignore', 'node_modules\ncdk.out\n');
});
const text = (file: string) => tree.read(file, 'utf8')!;
const json = (file: string) => JSON.parse(text(file).replace(/\/\/.*/, ''));
/** All files, with their bytes. */
const everything = () => tree.children('.').map((file) => [file, text(file)]);

test('a workspace gets the plugin, its configuration, ignored folders, environments and packages', async () => {
  await initGenerator(tree, {});
  expect(json('nx.json').plugins).toEqual([
    '@nx/js',
    { plugin: 'nx-cdk/plugin', options: { configurations: { 'local-aws': { requireEndpoint: true } } } },
  ]);
  expect(text('.gitignore')).toMatch(/^\.local-aws$/m);
  expect(text('.gitignore').match(/^cdk\.out$/gm)).toHaveLength(1);
  expect(json('environments.json').environments.map(({ name }: { name: string }) => name)).toEqual(['staging', 'prod']);
  expect(json('package.json').devDependencies).toEqual({
    nx: NX_VERSION,
    'nx-cdk': '^1.0.0',
    '@nx-cdk/environments': expect.any(String),
    '@nx/devkit': expect.stringMatching(/^~\d+\.\d+\.0$/),
  });
});

test('a second time there is nothing to write, byte for byte', async () => {
  await initGenerator(tree, {});
  const once = everything();
  await initGenerator(tree, { ciAccount: '210987654321/eu-west-1', environments: 'live=333333333333/eu-west-1' });
  expect(everything()).toEqual(once);
});

test('what a person has said of a plugin, packages and environments stays', async () => {
  const dependencies = { 'nx-cdk': '1', '@nx-cdk/environments': '1', '@nx/devkit': '22' };
  tree.write('nx.json', '{ "plugins": ["nx-cdk/plugin"] }\n');
  tree.write('environments.json', '{}\n');
  tree.write('package.json', `${JSON.stringify({ dependencies }, undefined, 2)}\n`);
  const before = ['nx.json', 'environments.json', 'package.json'].map(text);
  await initGenerator(tree, {});
  expect(['nx.json', 'environments.json', 'package.json'].map(text)).toEqual(before);
});

test('accounts that a person names are those of the file', async () => {
  await initGenerator(tree, {
    ciAccount: '210987654321/eu-west-1',
    environments: 'staging=333333333334/eu-west-1,live=444444444445/us-east-1',
  });
  const { ci, environments } = json('environments.json');
  expect(ci).toEqual({ account: '210987654321', region: 'eu-west-1' });
  expect(environments).toEqual([
    { name: 'staging', targets: [{ account: '333333333334', region: 'eu-west-1' }] },
    { name: 'live', approval: true, targets: [{ account: '444444444445', region: 'us-east-1' }] },
  ]);
});

test('somebody who was asked and decides later gets the example', async () => {
  await initGenerator(tree, { ciAccount: '', environments: '' });
  expect(json('environments.json').ci.account).toBe('123456789012');
});

test('an account that cannot be is refused', async () => {
  await expect(initGenerator(tree, { ciAccount: '12/eu-west-1' })).rejects.toThrow('--ciAccount names "12/eu-west-1"');
});
