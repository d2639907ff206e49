import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logger, NX_VERSION, type Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import { jest } from '@jest/globals';
import {
  addPackages,
  editJson,
  finish,
  ignoreFiles,
  isRegistered,
  makeEnvironmentsFile,
  nxCommand,
  parseNewEnvironments,
  parseTargets,
  readEnvironmentsFile,
  registerPlugin,
} from './index.ts';
import { sameMinor, TESTED_VERSIONS } from './versions.ts';

let tree: Tree;
beforeEach(() => {
  tree = createTree();
  tree.write('nx.json', '{}');
  tree.write('package.json', '{ "name": "acme" }');
});
const text = (file: string) => tree.read(file, 'utf8');
const json = (file: string) => JSON.parse(text(file)!);

describe('a JSON file that is edited', () => {
  test('keeps its comments, order, indentation and line ends', () => {
    tree.write('nx.json', '{\r\n    // ours\r\n    "b": 1,\r\n    "a": [1]\r\n}\r\n');
    editJson(tree, 'nx.json', [
      { path: ['a', -1], value: 2, insert: true },
      { path: ['c'], value: { d: true } },
    ]);
    const list = '"a": [\r\n        1,\r\n        2\r\n    ]';
    const added = '"c": {\r\n        "d": true\r\n    }';
    expect(text('nx.json')).toBe(`{\r\n    // ours\r\n    "b": 1,\r\n    ${list},\r\n    ${added}\r\n}\r\n`);
  });

  test('keeps its tabs', () => {
    tree.write('nx.json', '{\n\t"a": 1\n}\n');
    editJson(tree, 'nx.json', [{ path: ['b', 'c'], value: 1 }]);
    expect(text('nx.json')).toBe('{\n\t"a": 1,\n\t"b": {\n\t\t"c": 1\n\t}\n}\n');
  });

  test.each([
    ['before the first', 0, '{ "a": 1 }'],
    ['after the last', -1, '{ "a": 1 }'],
    ['between', 1, '{ "a": 1, "list": [{ "b": 2 }] }'],
  ])('leaves what stands beside a compact value as it is: %s', (_, index, written) => {
    const lines = ['{ "name": "one", "of": [1, 2] }', '{\n\t\t\t"name": "two" // ours\n\t\t}'];
    const file = (list: readonly string[]) =>
      `{\n\t"list": [\n${list.map((one) => `\t\t${one}`).join(',\n')}\n\t]\n}\n`;
    tree.write('nx.json', file(lines));
    const value = JSON.parse(written) as object;
    editJson(tree, 'nx.json', [{ path: ['list', index], value, insert: true, compact: true }]);
    expect(text('nx.json')).toBe(file(lines.toSpliced(index === -1 ? 2 : index, 0, written)));
  });

  test('gets a compact value at its place among the keys', () => {
    tree.write('nx.json', '{\n  "b": [1]\n}\n');
    editJson(tree, 'nx.json', [
      { path: ['c'], value: { d: { e: 'f'.repeat(120) } }, compact: true },
      { path: ['a'], value: { d: undefined }, compact: true, position: () => 0 },
    ]);
    const long = `"c": {\n    "d": {\n      "e": "${'f'.repeat(120)}"\n    }\n  }`;
    expect(text('nx.json')).toBe(`{\n  "a": {},\n  "b": [1],\n  ${long}\n}\n`);
    editJson(tree, 'nx.json', [{ path: ['c'], value: { d: 1 }, compact: true }]);
    expect(text('nx.json')).toBe('{\n  "a": {},\n  "b": [1],\n  "c": { "d": 1 }\n}\n');
  });

  test('has to be there', () => {
    expect(() => editJson(tree, 'cdk.json', [])).toThrow('cdk.json is missing.');
  });
});

describe('packages', () => {
  test('are added to the development dependencies, in the order of the alphabet', () => {
    tree.write('package.json', '{\n  "devDependencies": {\n    "a": "1",\n    "z": "1"\n  }\n}\n');
    expect(addPackages(tree, ['nx-cdk', 'constructs', '@nx/devkit'])).toHaveLength(1);
    expect(Object.keys(json('package.json').devDependencies)).toEqual(['@nx/devkit', 'a', 'constructs', 'nx-cdk', 'z']);
  });

  test('of ours are of the version that runs, those of Nx of the version of the workspace', () => {
    addPackages(tree, ['nx-cdk', '@nx-cdk/constructs', '@nx/devkit']);
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    const expected = { 'nx-cdk': version, '@nx-cdk/constructs': version, '@nx/devkit': sameMinor(NX_VERSION) };
    expect(json('package.json').devDependencies).toEqual(expected);
  });

  test('that are there keep their version and their place', () => {
    const before = '{ "dependencies": { "nx-cdk": "^1" }, "devDependencies": { "@nx/devkit": "catalog:" } }';
    tree.write('package.json', before);
    expect(addPackages(tree, ['nx-cdk', '@nx/devkit'])).toEqual([]);
    expect(text('package.json')).toBe(before);
  });

  test('of Nx may be any patch, which need not be there for each of Nx', () => {
    expect(sameMinor('23.2.1')).toBe('~23.2.0');
    expect(sameMinor('24.0.0-beta.5')).toBe('24.0.0-beta.5');
  });

  test('of ours may be later where nx-cdk may', () => {
    tree.write('package.json', '{ "devDependencies": { "nx-cdk": "^1.0.0" } }');
    addPackages(tree, ['@nx-cdk/environments']);
    expect(json('package.json').devDependencies['@nx-cdk/environments']).toMatch(/^\^\d/);
  });

  test('go into nx.json where Nx is installed without a package.json', () => {
    tree.delete('package.json');
    tree.write('nx.json', JSON.stringify({ installation: { version: NX_VERSION, plugins: { 'nx-cdk': '1.0.0' } } }));
    expect(addPackages(tree, ['nx-cdk', '@nx/devkit'])).toEqual([]);
    expect(json('nx.json').installation.plugins).toEqual({ 'nx-cdk': '1.0.0', '@nx/devkit': sameMinor(NX_VERSION) });
  });

  test('of generated code are those that this repository is tested with', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8'));
    const ours = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, version] of Object.entries(TESTED_VERSIONS))
      expect([name, version]).toEqual([name, `^${ours[name]}`]);
  });
});

describe('.gitignore', () => {
  test('is made if there is none', () => {
    ignoreFiles(tree, ['cdk.out', '.local-aws']);
    expect(text('.gitignore')).toBe('# nx-cdk\ncdk.out\n.local-aws\n');
  });

  test.each([['cdk.out/'], ['/cdk.out'], ['**/cdk.out'], ['  cdk.out']])('with %s needs no line cdk.out', (line) => {
    tree.write('.gitignore', `${line}\n`);
    ignoreFiles(tree, ['cdk.out']);
    expect(text('.gitignore')).toBe(`${line}\n`);
  });

  test('with a folder needs no line for one below it', () => {
    tree.write('.gitignore', 'dist/\n');
    ignoreFiles(tree, ['dist/plans']);
    expect(text('.gitignore')).toBe('dist/\n');
  });

  test('gets further lines below those that it got before, unless there is something behind them', () => {
    ignoreFiles(tree, ['cdk.out']);
    ignoreFiles(tree, ['__pycache__']);
    expect(text('.gitignore')).toBe('# nx-cdk\ncdk.out\n__pycache__\n');
    tree.write('.gitignore', `${text('.gitignore')}\n# ours\ntmp\n`);
    ignoreFiles(tree, ['dist']);
    expect(text('.gitignore')).toBe('# nx-cdk\ncdk.out\n__pycache__\n\n# ours\ntmp\n\n# nx-cdk\ndist\n');
  });

  test('gets a line once, also after a last line that does not end', () => {
    tree.write('.gitignore', 'node_modules');
    ignoreFiles(tree, ['cdk.out']);
    ignoreFiles(tree, ['cdk.out']);
    expect(text('.gitignore')).toBe('node_modules\n\n# nx-cdk\ncdk.out\n');
  });
});

describe('a plugin', () => {
  const options = { configurations: { 'local-aws': { requireEndpoint: true } } };

  test('is registered after the others, once', () => {
    tree.write('nx.json', '{\n  // ours\n  "plugins": ["@nx/js"]\n}\n');
    registerPlugin(tree, 'nx-cdk/plugin', options);
    const once = text('nx.json');
    registerPlugin(tree, 'nx-cdk/plugin', options);
    expect(text('nx.json')).toBe(once);
    expect(once).toContain('// ours');
    expect(JSON.parse(once!.replace('// ours', '')).plugins).toEqual(['@nx/js', { plugin: 'nx-cdk/plugin', options }]);
  });

  test('is registered where no other one is', () => {
    expect(isRegistered(tree, 'nx-cdk/plugin')).toBe(false);
    registerPlugin(tree, 'nx-cdk/plugin', options);
    expect(json('nx.json')).toEqual({ plugins: [{ plugin: 'nx-cdk/plugin', options }] });
    expect(isRegistered(tree, 'nx-cdk/plugin')).toBe(true);
  });

  test.each(['"nx-cdk/plugin"', '{ "plugin": "nx-cdk/plugin", "options": { "deployTargetName": "ship" } }'])(
    'that is registered as %s stays as it is',
    (entry) => {
      const before = `{ "plugins": [${entry}] }`;
      tree.write('nx.json', before);
      registerPlugin(tree, 'nx-cdk/plugin', options);
      expect(text('nx.json')).toBe(before);
    },
  );
});

describe('environments', () => {
  const target = (account: string) => ({ account, region: 'eu-west-1' });

  test('are read from an option in their order, and the last of several asks a person', () => {
    const text = 'staging=111111111111/eu-west-1, prod=222222222222/eu-west-1,prod=333333333333/eu-west-1';
    expect(parseNewEnvironments('environments', text)).toEqual([
      { name: 'staging', targets: [target('111111111111')] },
      { name: 'prod', approval: true, targets: [target('222222222222'), target('333333333333')] },
    ]);
    expect(parseNewEnvironments('environments', 'live=111111111111/eu-west-1')).toEqual([
      { name: 'live', targets: [target('111111111111')] },
    ]);
  });

  test.each([['staging'], ['staging='], ['staging=111/eu-west-1'], ['staging=111111111111'], ['staging=x/eu-west-1']])(
    'are not read from %s',
    (text) => {
      const sentence = /--environments names ".+": write an account of 12 digits and a region/;
      expect(() => parseNewEnvironments('environments', text)).toThrow(sentence);
    },
  );

  test('have targets that an option names by account and region', () => {
    expect(parseTargets('targets', '')).toEqual([]);
    expect(parseTargets('targets', '111111111111/us-gov-west-1')).toEqual([
      { account: '111111111111', region: 'us-gov-west-1' },
    ]);
    expect(() => parseTargets('targets', '111111111111/eu')).toThrow('--targets names "111111111111/eu"');
  });

  test('are written once, with the schema where editors find it', () => {
    const environments = [{ name: 'live', targets: [target('111111111111')] }];
    expect(makeEnvironmentsFile(tree, { ci: target('210987654321'), environments })).toBe(true);
    expect(json('environments.json').$schema).toBe('./node_modules/@nx-cdk/environments/environments.schema.json');
    expect(makeEnvironmentsFile(tree, { ci: target('123456789012'), environments })).toBe(false);
    expect(readEnvironmentsFile(tree).ci.account).toBe('210987654321');
  });

  test('that cannot be are not written', () => {
    const environments = [{ name: 'Live', targets: [target('111111111111')] }];
    expect(() => makeEnvironmentsFile(tree, { ci: target('210987654321'), environments })).toThrow(
      'environments[0].name is "Live", which is not lower-case letters',
    );
    expect(() => readEnvironmentsFile(tree)).toThrow('There is no environments.json: nx g nx-cdk:init makes one.');
  });
});

test('Nx is called as the workspace calls it', () => {
  expect(nxCommand(tree, 'graph')).toBe('npx nx graph');
  tree.delete('package.json');
  expect(nxCommand(tree, 'graph')).toBe('./nx graph');
});

describe('at its end, a generator', () => {
  afterEach(() => jest.restoreAllMocks());

  test('installs, and then says what to do next', async () => {
    const said: string[] = [];
    jest.spyOn(logger, 'info').mockImplementation((line: string) => void said.push(line));
    const end = await finish(tree, { install: [() => void said.push('install')], next: ['look', 'npx nx deploy'] });
    expect(said).toEqual([]);
    await end();
    expect(said).toEqual(['install', '\nNext:\n1. look\n2. npx nx deploy']);
  });

  test('numbers no step that is alone, and says nothing if there is none', async () => {
    const info = jest.spyOn(logger, 'info').mockImplementation(() => undefined);
    await (
      await finish(tree, {})
    )();
    expect(info).not.toHaveBeenCalled();
    await (
      await finish(tree, { next: ['npx nx synth shop'] })
    )();
    expect(info).toHaveBeenCalledWith('\nNext: npx nx synth shop');
  });
});
