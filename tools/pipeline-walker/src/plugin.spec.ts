import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProjectConfiguration } from '@nx/devkit';
import { createNodes, type WalkerPluginOptions } from './plugin.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'walker-plugin-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const PIPELINE = { app: 'x', output: 'build/cdk', context: { 'nx-cdk:pipeline': '../../environments.json' } };

test('an app that makes a pipeline can walk it, with nothing before: the walk deploys what is missing by itself', async () => {
  const configurations = { 'local-aws': { requireEndpoint: true } };

  const { targets } = (await infer({ 'apps/pipeline/cdk.json': PIPELINE }, { configurations }))['apps/pipeline']!;

  expect(Object.keys(targets!)).toEqual(['rehearse']);
  expect(targets!['rehearse']).toMatchObject({
    executor: '@nx-cdk/pipeline-walker:rehearse',
    cache: false,
    dependsOn: [],
  });
  expect(targets!['rehearse']).toMatchObject({ options: { assembly: 'build/cdk' }, configurations });
});

test('the target may be called otherwise', async () => {
  const projects = await infer({ 'apps/pipeline/cdk.json': PIPELINE }, { rehearseTargetName: 'try' });

  expect(Object.keys(projects['apps/pipeline']!.targets!)).toEqual(['try']);
});

test('any other app gets nothing, nor what lies in packages and assemblies, nor a cdk.json that is broken', async () => {
  const projects = await infer({
    'apps/shop/cdk.json': { app: 'x' },
    'node_modules/some/cdk.json': PIPELINE,
    'apps/shop/cdk.out/asset/cdk.json': PIPELINE,
    'apps/broken/cdk.json': '{ "app": ',
    'apps/null/cdk.json': 'null',
  });

  expect(projects).toEqual({});
});

async function infer(
  files: Readonly<Record<string, object | string>>,
  options?: WalkerPluginOptions,
): Promise<Record<string, Partial<ProjectConfiguration>>> {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), typeof content === 'string' ? content : JSON.stringify(content));
  }
  const context = { workspaceRoot: root, nxJsonConfiguration: {} };
  const results = await createNodes[1](Object.keys(files), options, context);
  return Object.assign({}, ...results.map(([, { projects }]) => projects));
}
