import { readFileSync } from 'node:fs';
import type { NxJsonConfiguration, ProjectConfiguration } from '@nx/devkit';
import { type CdkPluginOptions, createNodes, createNodesV2 } from './plugin.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from './testing/temporary-workspace.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

const TARGETS =
  'bootstrap cdk deploy destroy diff drift import-resources lookups plan publish refactor reports rollback synth validate'.split(
    ' ',
  );
/** Those that exist for an environment too, in the order in which Nx shows them. */
const OF_PROD = 'publish deploy plan diff drift destroy rollback refactor gc bootstrap'
  .split(' ')
  .map((name) => `${name}-prod`);

describe('what becomes a CDK app', () => {
  test('a folder with nothing but a cdk.json and a package.json gets every target', async () => {
    // given
    workspace.write('apps/shop/cdk.json', { app: 'node shop.js' });
    workspace.write('apps/shop/package.json', { name: '@company/shop' });
    // when
    const project = await infer('apps/shop/cdk.json');
    // then
    expect(Object.keys(project.targets!).toSorted()).toEqual(TARGETS);
    expect(project.projectType).toBe('application');
    // and keeps the name that Nx takes from its package.json
    expect(project.name).toBeUndefined();
  });

  test.each([
    ['no package.json', 'apps/shop', {}, 'shop'],
    ['a package.json without name', 'apps/shop', { 'package.json': {} }, 'shop'],
    ['a project.json that only adds targets', 'apps/shop', { 'project.json': { targets: {} } }, 'shop'],
    ['a project.json with a name', 'apps/shop', { 'project.json': { name: 'store' } }, undefined],
    ['a name for Nx alone', 'apps/shop', { 'package.json': { nx: { name: 'store' } } }, undefined],
    ['a broken package.json, which Nx reports itself', 'apps/shop', { 'package.json': '{' }, undefined],
  ])('with %s its name is as Nx would have it', async (_, root, files, name) => {
    workspace.write(`${root}/cdk.json`, {});
    for (const [file, content] of Object.entries(files)) workspace.write(`${root}/${file}`, content);
    expect((await infer(`${root}/cdk.json`)).name).toBe(name);
  });

  test('the workspace itself can be the app, and is called after its folder', async () => {
    workspace.write('cdk.json', { app: 'node app.js' });
    expect((await infer('cdk.json')).name).toBe(workspace.root.split('/').at(-1));
  });

  test('packages, builds and templates that hold a cdk.json are no apps', async () => {
    const files = [
      'apps/shop/node_modules/x/cdk.json',
      'apps/shop/cdk.out/asset.1/cdk.json',
      'generators/app/files/cdk.json',
    ];
    for (const file of files) workspace.write(file, { app: 'x' });
    expect(await inferAll(files)).toEqual({});
  });

  test.each([
    ['a library of constructs, which has no app', {}],
    ['an app in Python', { app: 'python3 app.py' }],
    ['an app in Java', { app: 'mvn -e -q compile exec:java' }],
    ['an app in Go', { app: 'go mod download && go run shop.go' }],
  ])('%s has the targets of any app', async (_, cdkJson) => {
    workspace.write('apps/shop/cdk.json', cdkJson);
    workspace.write('apps/shop/go.mod', 'module shop\n\nrequire github.com/aws/aws-lambda-go v1.55.1\n');
    const projects = await inferAll(['apps/shop/cdk.json', 'apps/shop/go.mod'], workspace.root, { handlers: ['**'] });
    expect(Object.keys(projects['apps/shop']!.targets!).toSorted()).toEqual(TARGETS);
  });

  test('two folders of one name are told apart by their path, as Nx wants one name for one project', async () => {
    const files = ['apps/shop/cdk.json', 'shop/cdk.json', 'old/shop/cdk.json'];
    for (const file of files) workspace.write(file, {});
    workspace.write('old/shop/package.json', { name: '@old/shop' });
    const names = Object.values(await inferAll(files)).map(({ name }) => name);
    expect(names).toEqual(['apps-shop', 'shop', undefined]);
  });

  test('Nx finds the same under both names that its versions know', () => {
    expect(createNodesV2).toBe(createNodes);
  });

  test.each([
    ['no JSON', '{ "app": '],
    ['null', 'null'],
    ['a list', '[]'],
    ['an output that is no text', '{ "output": 5 }'],
    ['no JSON but for comments', '{ "app": "x" // why\n}'],
  ])('a cdk.json that is %s takes no other project down, and its targets say so when they run', async (_, text) => {
    workspace.write('apps/shop/cdk.json', text);
    workspace.write('apps/other/cdk.json', { app: 'x' });
    const projects = await inferAll(['apps/shop/cdk.json', 'apps/other/cdk.json']);
    expect(Object.keys(projects)).toEqual(['apps/shop', 'apps/other']);
    expect(projects['apps/shop']!.targets!['synth']!.outputs).toContain('{projectRoot}/cdk.out');
  });
});

describe('synth', () => {
  test('is cached, since an assembly follows from its inputs alone', async () => {
    const synth = await target('synth', { app: 'x' });
    expect(synth).toMatchObject({ executor: 'nx-cdk:synth', cache: true, dependsOn: ['^build', 'build'] });
    expect(synth.outputs).toEqual(['{projectRoot}/cdk.out']);
  });

  test.each([
    ['build/cdk', '{projectRoot}/build/cdk'],
    ['./cdk.out/', '{projectRoot}/cdk.out'],
    ['../../dist/shop', '{workspaceRoot}/dist/shop'],
  ])('keeps the folder that cdk.json calls %s in the cache, nothing excepted', async (output, expected) => {
    expect((await target('synth', { app: 'x', output })).outputs).toEqual([expected]);
    // and the steps after it look for it there
    expect((await target('publish', { app: 'x', output })).options).toMatchObject({ assembly: output });
  });

  test('runs again for an edit of what it is made of: sources, built libraries, the environments file, CDK_DEFAULT_*', async () => {
    workspace.write('environments.json', { environments: [] });
    const { inputs } = await target('synth', { context: { 'nx-cdk:environments': '../../environments.json' } });
    expect(inputs).toEqual([
      'default',
      '^default',
      { dependentTasksOutputFiles: '**/*', transitive: true },
      { env: 'CDK_DEFAULT_ACCOUNT' },
      { env: 'CDK_DEFAULT_REGION' },
      { env: 'CI' },
      '{workspaceRoot}/environments.json',
      '!{projectRoot}/cdk.out/**/*',
    ]);
  });

  test('does not run again because of its own assembly, whether git ignores that or not', async () => {
    expect((await target('synth', { output: 'out' })).inputs).toContain('!{projectRoot}/out/**/*');
    expect(JSON.stringify((await target('synth', { output: '../../dist/shop' })).inputs)).not.toContain('!');
  });

  test('does not run again for an edit of a test, where the workspace says what counts', async () => {
    const { inputs } = await target('synth', {}, {}, { namedInputs: { production: [] } });
    expect(inputs!.slice(0, 2)).toEqual(['production', '^production']);
  });

  test.each([
    ['project.json', { namedInputs: { production: [] } }],
    ['package.json', { nx: { namedInputs: { production: [] } } }],
  ])(
    'respects what the app itself calls production in its %s; what it depends on need not have that',
    async (file, content) => {
      workspace.write(`apps/shop/${file}`, content);
      const { inputs } = await target('synth', {});
      expect(inputs!.slice(0, 2)).toEqual(['production', '^default']);
    },
  );

  test('has no configurations, so that all worlds share one assembly', async () => {
    const synth = await target('synth', {}, { configurations: { 'local-aws': { requireEndpoint: true } } });
    expect(synth.configurations).toBeUndefined();
  });
});

describe('the targets that talk to AWS', () => {
  test('are never cached: a hit would claim something of an account that nobody looked at', async () => {
    const { targets } = await inferWith({ app: 'x' });
    const cached = Object.keys(targets!).filter((name) => targets![name]!.cache !== false);
    expect(cached).toEqual(['synth']);
  });

  test('run in the order of the steps', async () => {
    const { targets } = await inferWith({ app: 'x' });
    const order = Object.fromEntries(Object.entries(targets!).map(([name, { dependsOn }]) => [name, dependsOn]));
    expect(order).toMatchObject({
      publish: ['synth'],
      deploy: ['publish'],
      diff: ['synth'],
      drift: ['synth'],
      destroy: ['synth'],
      cdk: ['synth'],
      refactor: ['synth'],
      rollback: ['synth'],
      // without an environments file only the assembly knows which accounts there are
      bootstrap: ['synth'],
      // runs the app itself, and so needs what synth needs
      lookups: ['^build', 'build'],
    });
  });

  test('have the configurations of the plugin’s options', async () => {
    const configurations = { 'local-aws': { requireEndpoint: true }, sandbox: {} };
    const { targets } = await inferWith({ app: 'x' }, { configurations });
    for (const name of TARGETS.filter((one) => one !== 'synth')) {
      expect(targets![name]!.configurations).toEqual(configurations);
    }
  });

  test('can be called otherwise, dependencies included', async () => {
    const { targets } = await inferWith(
      { app: 'x' },
      { synthTargetName: 'cdk-synth', publishTargetName: 'cdk-publish' },
    );
    expect(targets!['cdk-publish']!.dependsOn).toEqual(['cdk-synth']);
    expect(targets!['deploy']!.dependsOn).toEqual(['cdk-publish']);
    expect(targets).not.toHaveProperty('synth');
  });
});

describe('what Nx shows of an app', () => {
  const APP = { context: { 'nx-cdk:environments': 'environments.json', 'nx-cdk:pipeline': 'environments.json' } };
  beforeEach(() => workspace.write('apps/shop/environments.json', { environments: [{ name: 'prod' }] }));

  test('are its targets in groups: one for the app, one for each environment', async () => {
    const { metadata } = await inferWith(APP);
    expect(metadata!.targetGroups).toEqual({
      CDK: 'synth publish deploy plan diff drift destroy rollback refactor gc import-resources bootstrap lookups validate cdk reports dev releases released'.split(
        ' ',
      ),
      prod: OF_PROD,
    });
  });

  test('is for each target what it does, how to get its help, and an option that it has', async () => {
    workspace.write('apps/shop/package.json', { name: '@company/shop' });
    const { targets } = await inferWith(APP);
    for (const [name, { metadata, executor }] of Object.entries(targets!)) {
      expect(metadata!.technologies).toEqual(['aws-cdk']);
      expect(metadata!.description).toMatch(/^[A-Z].*[^.]$/);
      expect(metadata!.help!.command).toBe(`npx nx ${name} @company/shop --help`);
      const file = new URL(`./executors/${executor!.replace('nx-cdk:', '')}/schema.json`, import.meta.url);
      const { properties } = JSON.parse(readFileSync(file, 'utf8')) as { properties: object };
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(metadata!.help!.example.options!)));
    }
  });
});

describe('an app whose stages are the environments of a file', () => {
  const APP = { app: 'x', context: { 'nx-cdk:environments': '../../environments.json' } };

  test('gets targets for each environment, which deploy that one alone', async () => {
    // given
    workspace.write('environments.json', { environments: [{ name: 'staging' }, { name: 'prod' }] });
    // when
    const { targets } = await inferWith(APP);
    // then
    const names = Object.keys(targets!).filter((name) => name.endsWith('-prod'));
    expect(names).toEqual(OF_PROD);
    expect(targets!['deploy-prod']).toMatchObject({
      executor: 'nx-cdk:deploy',
      cache: false,
      // of its own environment only: prod must not wait for the upload to staging
      dependsOn: ['publish-prod'],
      options: { environment: 'prod', environmentsFile: 'environments.json' },
    });
    expect(targets!['deploy']!.options).toEqual({ environmentsFile: 'environments.json' });
    // and a plan is made of what is published, as a deployment is
    expect(targets!['plan-prod']).toMatchObject({
      executor: 'nx-cdk:plan',
      cache: false,
      dependsOn: ['publish-prod'],
      options: { environment: 'prod', environmentsFile: 'environments.json' },
    });
    // and what is stuck is rolled back in one environment, whatever is stuck in another
    expect(targets!['rollback-prod']).toMatchObject({
      executor: 'nx-cdk:rollback',
      cache: false,
      dependsOn: ['synth'],
      options: { environment: 'prod', environmentsFile: 'environments.json' },
    });
    // and the file says which accounts there are, so that bootstrapping needs no assembly
    expect(targets!['bootstrap']!.dependsOn).toEqual([]);
  });

  test.each([
    ['missing', undefined],
    ['no JSON', '{ "environments": ['],
    ['of another shape', '{ "environments": { "name": "prod" } }'],
    ['null', 'null'],
  ])('keeps its other targets where the file is %s', async (_, text) => {
    if (text !== undefined) workspace.write('environments.json', text);
    const { targets } = await inferWith(APP);
    expect(Object.keys(targets!).toSorted()).toEqual([...TARGETS, 'dev', 'gc', 'releases'].toSorted());
    expect(targets!['deploy']!.options).toEqual({ environmentsFile: 'environments.json' });
  });
});

describe('an app that makes the pipeline to the environments of a file', () => {
  const PIPELINE = { app: 'x', output: 'build/cdk', context: { 'nx-cdk:pipeline': '../../environments.json' } };

  test('can show what it released, with nothing before: it does not ship the app', async () => {
    workspace.write('environments.json', { environments: [{ name: 'prod' }] });
    const { targets } = await inferWith(PIPELINE);
    expect(Object.keys(targets!).toSorted()).toEqual([...TARGETS, 'released'].toSorted());
    expect(targets!['released']).toMatchObject({ executor: 'nx-cdk:released', cache: false, dependsOn: [] });
    expect(targets!['released']!.options).toEqual({ environmentsFile: 'environments.json' });
  });

  test('is synthesized again for an edit of the file, but has no stages of its environments', async () => {
    workspace.write('environments.json', { environments: [{ name: 'prod' }] });
    const { targets } = await inferWith(PIPELINE);
    expect(targets!['synth']!.inputs).toContain('{workspaceRoot}/environments.json');
    expect(targets!['deploy']!.options).toEqual({ assembly: 'build/cdk' });
    expect(targets).not.toHaveProperty('deploy-prod');
  });

  test('may call these targets otherwise', async () => {
    const names = { lookupsTargetName: 'look', releasedTargetName: 'history' };
    const { targets } = await inferWith(PIPELINE, names);
    for (const name of Object.values(names)) expect(targets).toHaveProperty(name);
    for (const name of ['lookups', 'released']) expect(targets).not.toHaveProperty(name);
  });
});

describe('the plugin’s own sources', () => {
  test('are no input where the plugin is installed', async () => {
    const { targets, implicitDependencies } = await inferWith({ app: 'x' });
    expect(implicitDependencies).toBeUndefined();
    expect(JSON.stringify(targets!['synth']!.inputs)).not.toContain('nx-cdk');
  });

  test('are an input where they are part of the workspace: an edit of an executor makes its users synthesize again', async () => {
    const root = new URL('../../..', import.meta.url).pathname.replace(/\/$/, '');
    const project = await inferIn(root, 'apps/infra/cdk.json', {}, { namedInputs: { production: [] } });
    expect(project.implicitDependencies).toEqual(['nx-cdk']);
    expect(project.targets!['synth']!.inputs).toContainEqual({ input: 'production', projects: ['nx-cdk'] });
  });
});

async function target(name: string, cdkJson: object, options?: CdkPluginOptions, nxJson?: NxJsonConfiguration) {
  return (await inferWith(cdkJson, options, nxJson)).targets![name]!;
}

async function inferWith(cdkJson: object, options?: CdkPluginOptions, nxJson?: NxJsonConfiguration) {
  workspace.write('apps/shop/cdk.json', cdkJson);
  return infer('apps/shop/cdk.json', options, nxJson);
}

async function infer(file: string, options?: CdkPluginOptions, nxJson?: NxJsonConfiguration) {
  return inferIn(workspace.root, file, options, nxJson);
}

async function inferIn(root: string, file: string, options?: CdkPluginOptions, nxJson: NxJsonConfiguration = {}) {
  const projects = await inferAll([file], root, options, nxJson);
  return Object.values(projects)[0]!;
}

async function inferAll(
  files: readonly string[],
  workspaceRoot = workspace.root,
  options?: CdkPluginOptions,
  nxJsonConfiguration: NxJsonConfiguration = {},
): Promise<Record<string, Partial<ProjectConfiguration>>> {
  const context = { workspaceRoot, nxJsonConfiguration };
  const results = await createNodes[1](files, options, context);
  return Object.assign({}, ...results.map(([, { projects }]) => projects));
}
