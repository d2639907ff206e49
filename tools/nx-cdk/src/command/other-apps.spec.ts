import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { App, Stack } from 'aws-cdk-lib/core';
import { otherApps } from './other-apps.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'other-apps-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('finds the stacks of the other apps that were synthesized, and passes by what cannot be read', () => {
  // given
  for (const name of ['infra', 'quotes']) {
    const app = new App({ outdir: join(root, name, 'cdk.out'), analyticsReporting: false });
    new Stack(app, `${name}-Data`);
    app.synth();
  }
  mkdirSync(join(root, 'broken', 'cdk.out'), { recursive: true });
  writeFileSync(join(root, 'broken', 'cdk.out', 'manifest.json'), '{');
  const names = ['infra', 'quotes', 'broken', 'never-synthesized'];
  const projects = Object.fromEntries(names.map((name) => [name, { root: name }]));
  const projectsConfigurations = { version: 2, projects };
  const context = { root, projectName: 'infra', projectsConfigurations } as unknown as ExecutorContext;

  // then
  const found = otherApps(context).map(({ project, stacks }) => [project, stacks.map(({ stackName }) => stackName)]);
  expect(found).toEqual([['quotes', ['quotes-Data']]]);
});
