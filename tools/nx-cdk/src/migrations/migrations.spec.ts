import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import concurrencyPerTarget from './0-1-0/concurrency-per-target.ts';
import scopedPlugins from './0-1-0/scoped-plugins.ts';

const PACKAGE = join(import.meta.dirname, '../..');

let tree: Tree;
beforeEach(() => {
  tree = createTree();
  tree.write('package.json', '{\n  "name": "acme"\n}\n');
});
const text = (file: string) => tree.read(file, 'utf8')!;
const json = (file: string) => JSON.parse(text(file));
const everything = () =>
  ['nx.json', 'package.json', 'apps/shop/cdk.json', 'apps/shop/project.json'].map((file) => tree.read(file, 'utf8'));

test('every migration is there, and has a version', async () => {
  const { generators } = JSON.parse(readFileSync(join(PACKAGE, 'migrations.json'), 'utf8')) as {
    generators: Record<string, { version: string; description: string; implementation: string }>;
  };
  for (const { version, description, implementation } of Object.values(generators)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-beta\.0)?$/);
    expect(description).toMatch(/\.$/);
    expect(await import(join(PACKAGE, implementation))).toMatchObject({ default: expect.any(Function) });
  }
});

test('nx migrate finds them, and moves all packages of the group together', () => {
  const { 'nx-migrations': found } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  expect(found.migrations).toBe('./migrations.json');
  const folders = [
    'libs/environments',
    'libs/constructs',
    'libs/processes',
    'tools/local-aws',
    'tools/pipeline-walker',
  ];
  const others = [...folders, 'tools/cdk-assume-role-credential-plugin'].map(
    (folder) => JSON.parse(readFileSync(join(PACKAGE, '../..', folder, 'package.json'), 'utf8')).name,
  );
  expect(found.packageGroup.toSorted()).toEqual(others.toSorted());
});

describe('concurrencyPerEnvironment', () => {
  test('is renamed in the defaults, plugin options, projects and scripts, and comments stay', async () => {
    tree.write(
      'nx.json',
      `{
  // how many
  "targetDefaults": { "nx-cdk:deploy": { "options": { "concurrencyPerEnvironment": 3 /* three */ } } },
  "plugins": [
    {
      "plugin": "nx-cdk/plugin",
      "options": { "configurations": { "slow": { "concurrencyPerEnvironment": 1 } } }
    }
  ]
}
`,
    );
    tree.write(
      'apps/shop/project.json',
      '{\n  "targets": { "deploy": { "options": { "concurrencyPerEnvironment": 2 } } }\n}\n',
    );
    tree.write(
      'package.json',
      `{
  "name": "acme",
  "scripts": {
    "ship": "nx deploy shop --concurrencyPerEnvironment=2 && nx destroy old --concurrency-per-environment 1"
  },
  "nx": {
    "targets": { "destroy": { "configurations": { "slow": { "concurrencyPerEnvironment": 1 } } } }
  }
}
`,
    );
    await concurrencyPerTarget(tree);
    expect(text('nx.json')).toContain('"nx-cdk:deploy": { "options": { "concurrencyPerTarget": 3 /* three */ } }');
    expect(text('nx.json')).toContain('"slow": { "concurrencyPerTarget": 1 }');
    expect(json('apps/shop/project.json').targets.deploy.options).toEqual({ concurrencyPerTarget: 2 });
    expect(json('package.json').nx.targets.destroy.configurations.slow).toEqual({ concurrencyPerTarget: 1 });
    expect(json('package.json').scripts.ship).toBe(
      'nx deploy shop --concurrencyPerTarget=2 && nx destroy old --concurrency-per-target 1',
    );
    expect(everything().join('')).not.toContain('PerEnvironment');
  });

  test('goes where the new name is there already', async () => {
    tree.write(
      'nx.json',
      '{ "targetDefaults": { "deploy": { "options": { "concurrencyPerEnvironment": 3, "concurrencyPerTarget": 2 } } } }',
    );
    await concurrencyPerTarget(tree);
    expect(json('nx.json').targetDefaults.deploy.options).toEqual({ concurrencyPerTarget: 2 });
  });
});

describe('plugins with a scope', () => {
  test('are those that nx.json and cdk.json name, with their options, and they are installed', async () => {
    const options = { configurations: {} };
    tree.write(
      'nx.json',
      JSON.stringify({ plugins: ['nx-cdk/plugin', { plugin: 'pipeline-walker/plugin', options }] }),
    );
    tree.write(
      'apps/shop/cdk.json',
      '{ "app": "node main.js", "plugin": ["cdk-assume-role-credential-plugin", "other"] }',
    );
    await scopedPlugins(tree);
    expect(json('nx.json').plugins).toEqual(['nx-cdk/plugin', { plugin: '@nx-cdk/pipeline-walker/plugin', options }]);
    expect(json('apps/shop/cdk.json').plugin).toEqual(['@nx-cdk/cdk-assume-role-credential-plugin', 'other']);
    expect(Object.keys(json('package.json').devDependencies)).toEqual([
      '@nx-cdk/cdk-assume-role-credential-plugin',
      '@nx-cdk/pipeline-walker',
    ]);
  });

  test('a package of the old name stays in use', async () => {
    const alias = 'npm:@nx-cdk/cdk-assume-role-credential-plugin@^0.1.0';
    tree.write('package.json', JSON.stringify({ devDependencies: { 'cdk-assume-role-credential-plugin': alias } }));
    tree.write('apps/shop/cdk.json', '{ "plugin": "cdk-assume-role-credential-plugin" }');
    await scopedPlugins(tree);
    expect(json('apps/shop/cdk.json').plugin).toBe('cdk-assume-role-credential-plugin');
  });
});

test.each([
  ['of this version', '{\n  "plugins": ["nx-cdk/plugin", "@nx-cdk/pipeline-walker/plugin"]\n}\n'],
  ['without nx-cdk', '{}\n'],
])('a workspace %s stays as it is, however often migrations run', async (_, nxJson) => {
  tree.write('nx.json', nxJson);
  tree.write('apps/shop/cdk.json', '{\n  "plugin": ["other"]\n}\n');
  tree.write('apps/shop/project.json', '{\n  "targets": {}\n}\n');
  const before = everything();
  for (const migrate of [concurrencyPerTarget, scopedPlugins, concurrencyPerTarget, scopedPlugins]) await migrate(tree);
  expect(everything()).toEqual(before);
});
