import { chmodSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { canonicalize } from './canonicalize.ts';

let workspaces: TemporaryWorkspace[] = [];
const workspace = (files: Record<string, string | object>) => {
  const made = temporaryWorkspace(files);
  workspaces.push(made);
  return made;
};
afterEach(() => {
  for (const made of workspaces) made.dispose();
  workspaces = [];
});

describe('a canonical assembly', () => {
  test('has the same bytes wherever the workspace is, for ES modules, whose frames are URLs, and CommonJS ones, whose are paths', async () => {
    // given the same app in two folders
    const files = {
      'apps/shop/main.mjs': `
        import { App, Stack, Stage } from 'aws-cdk-lib';
        import { Queue } from 'aws-cdk-lib/aws-sqs';
        import data from './data.cjs';
        const app = new App();
        new data.Data(new Stage(app, 'staging', { env: { account: '111111111111', region: 'eu-west-1' } }), 'Data');
        new Queue(new Stack(app, 'Top'), 'Queue');
        app.synth();`,
      'apps/shop/data.cjs': `
        const { Annotations, Stack } = require('aws-cdk-lib');
        const { Asset } = require('aws-cdk-lib/aws-s3-assets');
        const { Queue } = require('aws-cdk-lib/aws-sqs');
        exports.Data = class Data extends Stack {
          constructor(...args) {
            super(...args);
            new Queue(this, 'Queue');
            new Asset(this, 'Asset', { path: 'asset' });
            Annotations.of(this).addWarningV2('shop:w', 'careful');
          }
        };`,
      'apps/shop/asset/a.txt': 'a',
    };
    const [one, two] = [workspace(files), workspace(files)];
    const [first, second] = [await one.synth('apps/shop/main.mjs'), await two.synth('apps/shop/main.mjs')];
    expect(contents(first)).not.toEqual(contents(second));

    // when
    canonicalize(first, one.root);
    canonicalize(second, two.root);

    // then
    expect(contents(first)).toEqual(contents(second));
    const text = Object.values(contents(first)).join('\n');
    expect(text).not.toContain(one.root);
    // and a trace still leads to the line
    expect(text).toMatch(/[" (]apps\/shop\/main\.mjs:7/);
    expect(text).toMatch(/[" (]apps\/shop\/data\.cjs:8:\d+/);
  });

  test('finds the frames of a workspace that was reached by a link', () => {
    const real = workspace({ 'cdk.out/manifest.json': 'later' });
    real.write('cdk.out/manifest.json', { trace: [`new Data (file://${real.root}/main.ts:1:2)`] });
    const link = `${workspace({}).root}/link`;
    symlinkSync(real.root, link);
    canonicalize(`${link}/cdk.out`, link);
    expect(readFileSync(real.path('cdk.out/manifest.json'), 'utf8')).toBe('{"trace":["new Data (main.ts:1:2)"]}');
  });

  test('finds a place right after the dots that stand for left-out frames', () => {
    const { root, path, write } = workspace({});
    const place = `${root}/node_modules/aws-cdk-lib/api.js:1:96 in aws-cdk-lib`;
    write('cdk.out/manifest.json', { trace: [`...${place}...`, `    ...new Api in aws-cdk-lib, ${place}...`] });
    canonicalize(path('cdk.out'), root);
    expect(JSON.parse(readFileSync(path('cdk.out/manifest.json'), 'utf8'))).toEqual({
      trace: [
        '...node_modules/aws-cdk-lib/api.js:1:96 in aws-cdk-lib...',
        '    ...new Api in aws-cdk-lib, node_modules/aws-cdk-lib/api.js:1:96 in aws-cdk-lib...',
      ],
    });
  });

  test('names no folder that an app in Python, Java, C# or Go runs CDK from, which is another one with each run', () => {
    // given two runs of such an app, as jsii 1.142 traces them
    const run = (kernel: string, runtime: string) => ({
      trace: [
        `Annotations.addWarningV2 (${join(tmpdir(), kernel)}/node_modules/aws-cdk-lib/core/lib/annotations.js:1:2194)`,
        `${join(tmpdir(), runtime)}/lib/program.js:1:55913`,
      ],
      data: join(tmpdir(), runtime),
    });
    const made = [run('jsii-kernel-rvDgnR', 'tmpwhlqc27f'), run('jsii-kernel-Xv1se2', 'tmp1xfoxlsz')].map(
      (manifest) => {
        const one = workspace({ 'cdk.out/manifest.json': manifest });
        // when
        canonicalize(one.path('cdk.out'), one.root);
        return JSON.parse(readFileSync(one.path('cdk.out/manifest.json'), 'utf8')) as typeof manifest;
      },
    );

    // then
    const trace = [
      'Annotations.addWarningV2 (<temporary>/node_modules/aws-cdk-lib/core/lib/annotations.js:1:2194)',
      '<temporary>/lib/program.js:1:55913',
    ];
    expect(made.map((manifest) => manifest.trace)).toEqual([trace, trace]);
    // and a value stays what the app made it
    expect(made.map(({ data }) => data)).toEqual([join(tmpdir(), 'tmpwhlqc27f'), join(tmpdir(), 'tmp1xfoxlsz')]);
  });

  test('has the modes that git would give its assets, whatever the umask was', () => {
    // given what a careful umask, a careless one and no umask at all leave
    const { root, path } = workspace({
      'cdk.out/manifest.json': '{}',
      'cdk.out/assembly-staging/manifest.json': '{}',
      'cdk.out/assembly-staging/asset.1/bin/run': 'a program',
      'cdk.out/asset.2/index.js': 'a handler',
      'cdk.out/asset.3.zip': 'an archive',
      'elsewhere/secret': 'of somebody else',
    });
    symlinkSync(path('elsewhere/secret'), path('cdk.out/asset.2/link'));
    const modes: [file: string, mode: number, settled: number][] = [
      ['assembly-staging/asset.1/bin', 0o700, 0o755],
      ['assembly-staging/asset.1/bin/run', 0o4700, 0o755],
      ['asset.2/index.js', 0o600, 0o644],
      ['asset.2', 0o777, 0o755],
      ['asset.3.zip', 0o666, 0o644],
      // What is no asset is read and not copied; nobody else need see it.
      ['manifest.json', 0o600, 0o600],
      ['../elsewhere/secret', 0o600, 0o600],
    ];
    for (const [file, mode] of modes) chmodSync(path('cdk.out', file), mode);

    // when
    canonicalize(path('cdk.out'), root);

    // then
    for (const [file, , settled] of modes) {
      const mode = (statSync(path('cdk.out', file)).mode & 0o7777).toString(8);
      expect({ file, mode }).toEqual({ file, mode: settled.toString(8) });
    }
  });

  test("leaves alone what only looks like the workspace's path: parameters, tags, other folders, asset sources", () => {
    // given, as in many containers, a workspace whose path is short (here: the folder's own, used as a name)
    const { root, path, write } = workspace({});
    const manifest = {
      parameter: `${root}/db/password`,
      elsewhere: `/backup${root}/main.ts:1:2`,
      url: `https://example.com${root}/main.ts:1`,
      tree: `shop${root}/Data`,
    };
    write('cdk.out/manifest.json', manifest);
    write('cdk.out/Data.assets.json', { path: `${root}/libs/handler.js:1` });
    write('cdk.out/asset.1/manifest.json', { path: `${root}/main.ts:1:2` });

    // when
    canonicalize(path('cdk.out'), root);

    // then
    expect(JSON.parse(readFileSync(path('cdk.out/manifest.json'), 'utf8'))).toEqual(manifest);
    expect(readFileSync(path('cdk.out/Data.assets.json'), 'utf8')).toContain(root);
    expect(readFileSync(path('cdk.out/asset.1/manifest.json'), 'utf8')).toContain(root);
  });
});

/** Every file of a folder, by its relative path. */
function contents(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      .toSorted()
      .map((file) => [file.slice(directory.length), readFileSync(file, 'utf8')]),
  );
}
