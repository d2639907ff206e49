import { mkdir, rm } from 'node:fs/promises';
import { ScratchWorkspace } from 'test-bed';
import { addForeignApp } from './foreign-apps.ts';
import { treeOf } from './tree.ts';

/** A topic for each file, wherever it lies, and for a variable. */
const APP = `
const { Asset } = require('aws-cdk-lib/aws-s3-assets');
const { Topic } = require('aws-cdk-lib/aws-sns');
const stack = new cdk.Stack(app, 'Shop', { env: { account: '111111111111', region: 'eu-west-1' } });
for (const [id, path] of [['Outside', '../../services/fn'], ['Ignored', 'fn/dist']])
  new Topic(stack, id + 'Topic', { displayName: new Asset(stack, id, { path: __dirname + '/' + path }).s3ObjectKey });
new Topic(stack, 'Stage', { displayName: 'stage-' + process.env.STAGE });
`;

describe('synth of an app that reads more than Nx hashes', () => {
  let workspace: ScratchWorkspace;

  beforeAll(async () => {
    workspace = await ScratchWorkspace.create();
    await addForeignApp(workspace, 'shop', APP);
    await workspace.write('services/fn/index.js', 'exports.v = 1');
    await workspace.write('apps/shop/fn/dist/index.js', 'exports.v = 1');
  });
  afterAll(() => workspace?.remove());

  const synth = async (environment = {}) => {
    const { output } = await workspace.nx(['synth', 'shop'], environment);
    return {
      cached: output.includes('nx run shop:synth  [local cache]'),
      template: await workspace.read('apps/shop/cdk.out/Shop.template.json'),
      output,
    };
  };

  test('comes from the cache as long as nothing changes', async () => {
    const first = await synth();
    expect(first.cached).toBe(false);
    expect(await synth()).toMatchObject({ cached: true, template: first.template });
  });

  test('comes from the cache as it was, with the packages of an asset, and what else Nx lists nowhere', async () => {
    // given
    const fn = 'apps/shop/fn/dist';
    for (const file of ['node_modules/dep/index.js', '.git/HEAD', '.yarn/cache/dep.zip', '.gitignore'])
      await workspace.write(`${fn}/${file}`, 'exports.v = 1');
    await mkdir(workspace.path(fn, 'empty'));
    await synth();
    const before = await treeOf(workspace.path('apps/shop/cdk.out'));
    expect(Object.keys(before).join('\n')).toMatch(/^asset\.\w+\/node_modules\/dep\/index\.js$/m);
    // when
    await rm(workspace.path('apps/shop/cdk.out'), { recursive: true });
    expect(await synth()).toMatchObject({ cached: true });
    // then
    expect(await treeOf(workspace.path('apps/shop/cdk.out'))).toEqual(before);
  });

  test.each([
    ['lies outside of its project', 'services/fn/index.js'],
    ['git ignores', 'apps/shop/fn/dist/index.js'],
    ['is new in a folder of it', 'apps/shop/fn/dist/new.js'],
  ])('is done again if a file differs that %s', async (_, file) => {
    const before = await synth();
    await workspace.write(file, 'exports.v = 2');
    const after = await synth();
    expect(after.cached).toBe(false);
    expect(after.template).not.toBe(before.template);
    expect(await synth()).toMatchObject({ cached: true, template: after.template });
  });

  test('says which variable the app asked for and does not get, and is done again once it gets it', async () => {
    const asked = await synth({ STAGE: 'prod' });
    expect(asked.template).toContain('stage-undefined');
    expect(asked.output).toContain('STAGE is set, but not passed to shop');

    await workspace.write(
      'apps/shop/cdk.json',
      JSON.stringify({ app: 'node app.js', context: { 'nx-cdk:passEnvironment': ['STAGE'] } }),
    );
    expect((await synth({ STAGE: 'prod' })).template).toContain('stage-prod');
    expect((await synth({ STAGE: 'test' })).template).toContain('stage-test');
    expect(await synth({ STAGE: 'prod' })).toMatchObject({
      cached: true,
      template: expect.stringContaining('stage-prod'),
    });
  });

  test('of a command with a configuration that no target knows is not even begun', async () => {
    const { output } = await workspace.refusedNx(['deploy', 'shop', '-c', 'local-awz']);
    expect(output).toContain('No target deploy has the configuration "local-awz": there is local-aws.');
    expect(output).not.toContain('shop:synth');
  });
});
