import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import type { Assembly, AssemblyStack } from './model.ts';
import { readAssembly } from './read-assembly.ts';

/**
 * What real users write: stages, a stage in a stage, a nested stack, shared assets, an image, a custom bootstrap, and
 * none.
 */
const APP = `
import { App, BootstraplessSynthesizer, CfnOutput, CfnParameter, DefaultStackSynthesizer, LegacyStackSynthesizer, NestedStack, Stack, Stage, Tags } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Queue } from 'aws-cdk-lib/aws-sqs';

const app = new App();
const staging = { account: '111111111111', region: 'eu-west-1' };
const inner = (scope) => {
  const data = new Stack(scope, 'Data', { terminationProtection: true, notificationArns: ['arn:aws:sns:eu-west-1:111111111111:news'] });
  Tags.of(data).add('team', 'orders');
  const queue = new Queue(data, 'Queue');
  new Asset(data, 'Shared', { path: 'shared' });
  const service = new Stack(scope, 'Service', { stackName: 'the-service' });
  new CfnOutput(service, 'Url', { value: queue.queueUrl });
  new Asset(service, 'Shared', { path: 'shared' });
  const nested = new NestedStack(service, 'Inner');
  new Queue(nested, 'Queue');
};
const stage = new Stage(app, 'staging', { env: staging });
inner(stage);
inner(new Stage(stage, 'canary'));
const anywhere = new Stack(app, 'Anywhere');
new Queue(anywhere, 'Queue');
const bare = new Stack(app, 'Bare', { env: staging, synthesizer: new BootstraplessSynthesizer() });
new Queue(bare, 'Queue');
bare.addDependency(anywhere);
const own = new Stack(app, 'Own', {
  env: staging,
  synthesizer: new DefaultStackSynthesizer({ qualifier: 'mine', deployRoleExternalId: 'handshake', deployRoleAdditionalOptions: { Tags: [{ Key: 'step', Value: 'deploy' }] } }),
});
new DockerImageAsset(own, 'Image', {
  directory: 'image',
  buildArgs: { TOKEN: 'open-sesame' },
  platform: Platform.LINUX_ARM64,
  target: 'last',
  cacheFrom: [{ type: 'registry', params: { ref: 'cache' } }],
  cacheDisabled: true,
});
const old = new Stack(app, 'Old', { env: staging, synthesizer: new LegacyStackSynthesizer() });
new Asset(old, 'Shared', { path: 'shared' });
const silent = new Stack(app, 'Silent', { env: staging, synthesizer: new DefaultStackSynthesizer({ deployRoleArn: '' }) });
new Queue(silent, 'Queue');
app.synth();
`;

describe('an assembly made by CDK', () => {
  let workspace: TemporaryWorkspace;
  let assembly: Assembly;
  const stack = (id: string): AssemblyStack => assembly.stacks.find((one) => one.id === id)!;

  beforeAll(async () => {
    // given
    workspace = temporaryWorkspace({
      'app/main.mjs': APP,
      'app/shared/data.txt': 'shared by two stacks',
      'app/image/Dockerfile': 'FROM scratch',
    });
    // when
    // with the paths in templates that the CDK CLI and the toolkit ask for
    assembly = readAssembly(await workspace.synth('app/main.mjs', { 'aws:cdk:enable-path-metadata': true }));
  });
  afterAll(() => workspace?.dispose());

  test('has the stacks of every stage, called by their place in the construct tree', () => {
    expect(assembly.stacks.map(({ id }) => id).toSorted()).toEqual([
      'Anywhere',
      'Bare',
      'Old',
      'Own',
      'Silent',
      'staging/Data',
      'staging/Service',
      'staging/canary/Data',
      'staging/canary/Service',
    ]);
  });

  test('takes construct paths from the template without construct metadata, as in that of a stored release', () => {
    // given
    const directory = workspace.path('stored');
    cpSync(assembly.directory, directory, { recursive: true, filter: (file) => !file.endsWith('.metadata.json') });
    const storedStack = (name: string) => readAssembly(directory).stacks.find(({ id }) => id === name)!;
    const stored = storedStack('staging/Data');
    // when a copy is made, which reads all its properties
    const copy = { ...stored };
    // then
    const paths = [...stack('staging/Data').resources].map(([id, { constructPath }]) => [id, { constructPath }]);
    expect([...copy.resources]).toEqual(expect.arrayContaining([...paths.filter(([id]) => /^Queue/.test(String(id)))]));
    expect(copy.resources.size).toBeGreaterThan(0);
    expect(() => stored.readAnnotations()).toThrow(/construct metadata cannot be read/);
    // and nothing where the template says nothing, or is none
    for (const content of ['{"Resources":{"A":{"Metadata":{"aws:cdk:path":7}},"B":null}}', '{"Resources":7}', '{']) {
      writeFileSync(stored.templateFile, content);
      expect(storedStack('staging/Data').resources.size).toBe(0);
    }
  });

  test('tells assets that only the CDK CLI can publish', () => {
    const legacy = assembly.stacks.filter(({ hasLegacyAssets }) => hasLegacyAssets);
    expect(legacy.map(({ id }) => id)).toEqual(['Old']);
  });

  test('takes an empty deploy role for none, as the CDK CLI does', () => {
    expect(stack('Silent').deployRole).toBeUndefined();
  });

  test('knows what CloudFormation is to be told of a stack', () => {
    expect(stack('staging/Data')).toMatchObject({
      stackName: 'staging-Data',
      target: { account: '111111111111', region: 'eu-west-1' },
      tags: { team: 'orders' },
      terminationProtection: true,
      notificationArns: ['arn:aws:sns:eu-west-1:111111111111:news'],
      executionRoleArn: expect.stringMatching(/cdk-hnb659fds-cfn-exec-role-111111111111-eu-west-1$/),
      deployRole: { arn: expect.stringMatching(/cdk-hnb659fds-deploy-role-111111111111-eu-west-1$/) },
      bootstrap: { version: 6, parameter: '/cdk-bootstrap/hnb659fds/version' },
    });
    expect(stack('staging/Service').stackName).toBe('the-service');
    expect(stack('staging/Data').templateUrl).toMatch(/^s3:\/\/cdk-hnb659fds-assets-111111111111-eu-west-1\/.*\.json$/);
  });

  test('orders stacks by the references between them and by explicit dependencies, also inside a stage in a stage', () => {
    expect(stack('staging/Service').dependencies).toEqual(['staging/Data']);
    expect(stack('staging/canary/Service').dependencies).toEqual(['staging/canary/Data']);
    expect(stack('Bare').dependencies).toEqual(['Anywhere']);
    expect(stack('staging/Data').dependencies).toEqual([]);
  });

  test('leaves account and region open where the app does', () => {
    expect(stack('Anywhere').target).toEqual({ account: 'unknown-account', region: 'unknown-region' });
    expect(stack('Anywhere').deployRole?.arn).toContain('${AWS::AccountId}');
  });

  test('publishes an asset that several stacks share once, and remembers for whom', () => {
    const shared = assembly.files.filter(({ key }) => key.endsWith('.zip'));
    expect(shared).toHaveLength(1);
    expect(shared[0]!.stacks.toSorted()).toEqual([
      'staging/Data',
      'staging/Service',
      'staging/canary/Data',
      'staging/canary/Service',
    ]);
    // the stacks hold that very entry, so that "is it there?" has one answer
    expect(stack('staging/canary/Service').files).toContain(shared[0]);
  });

  test("publishes a nested stack's template as a file of the stack that it is nested in", () => {
    const templates = stack('staging/Service').files.map(({ source }) => source.path);
    expect(templates).toContainEqual(expect.stringMatching(/Inner.*\.nested\.template\.json$/));
  });

  test('has nothing to publish, and no bootstrap to ask for, of a stack without bootstrap', () => {
    const { templateUrl, bootstrap, files } = stack('Bare');
    expect({ templateUrl, bootstrap, files }).toEqual({ templateUrl: undefined, bootstrap: undefined, files: [] });
  });

  test('follows a bootstrap of its own name, with external id and session tags of its role', () => {
    expect(stack('Own')).toMatchObject({
      deployRole: {
        arn: expect.stringContaining('cdk-mine-deploy-role'),
        externalId: 'handshake',
        options: { Tags: [{ Key: 'step', Value: 'deploy' }] },
      },
      bootstrap: { parameter: '/cdk-bootstrap/mine/version' },
    });
  });

  test('lists images apart from files, with repository and tag', () => {
    expect(assembly.images).toEqual([
      expect.objectContaining({
        stacks: ['Own'],
        repository: 'cdk-mine-container-assets-111111111111-eu-west-1',
        tag: expect.stringMatching(/^[0-9a-f]{64}$/),
        role: { arn: expect.stringContaining('image-publishing-role') },
      }),
    ]);
  });

  test('tells how an image is built, with absolute paths, and its fingerprint tells nothing of build arguments', () => {
    const [{ source }] = assembly.images as [(typeof assembly.images)[0]];
    expect(source).toEqual({
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      build: {
        directory: expect.stringMatching(/^\/.*\/asset\.[0-9a-f]{64}$/),
        dockerBuildTarget: 'last',
        dockerBuildArgs: { TOKEN: 'open-sesame' },
        platform: 'linux/arm64',
        cacheFrom: [{ type: 'registry', params: { ref: 'cache' } }],
        cacheDisabled: true,
      },
    });
    expect(existsSync(source.build!.directory)).toBe(true);
  });

  test("tells a resource's construct path and line, whether a constructor or the top of a module made it", () => {
    const resources = [...stack('staging/Data').resources.values(), ...stack('Anywhere').resources.values()];
    const sourceOf = (path: string) => resources.find(({ constructPath }) => constructPath === path)?.source;
    const line = (text: string) => APP.split('\n').findIndex((one) => one.includes(text)) + 1;
    expect(sourceOf('staging/Data/Queue/Resource')).toBe(`${workspace.path('app/main.mjs')}:${line('new Queue(data')}`);
    expect(sourceOf('Anywhere/Queue/Resource')).toBe(`${workspace.path('app/main.mjs')}:${line('new Queue(anywhere')}`);
  });
});

describe('a large assembly', () => {
  test('of 1,000 stacks in stages is read within seconds and a bounded memory', () => {
    // given 10 stages of 100 stacks, each with a template, an asset of its own and one shared by all
    const workspace = temporaryWorkspace();
    const artifacts: Record<string, object> = {};
    for (let stage = 0; stage < 10; stage += 1) {
      const name = `assembly-s${stage}`;
      artifacts[name] = { type: 'cdk:cloud-assembly', properties: { directoryName: name } };
      workspace.write(
        `${name}/manifest.json`,
        stageOf(100, `s${stage}`, (file, text) => workspace.write(`${name}/${file}`, text)),
      );
    }
    workspace.write('manifest.json', { version: '36.0.0', artifacts });
    const before = process.memoryUsage().heapUsed;

    // when
    const assembly = readAssembly(workspace.root);

    // then
    expect(assembly.stacks).toHaveLength(1000);
    expect(assembly.files).toHaveLength(2 * 1000 + 1);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 2 ** 20);
    workspace.dispose();
  });
});

/** The manifest of a stage as CDK writes it; each stack depends on the one before. */
function stageOf(stacks: number, stage: string, write: (file: string, content: object) => void): object {
  const artifacts: Record<string, object> = {};
  for (let index = 0; index < stacks; index += 1) {
    const name = `${stage}Stack${index}`;
    const file = (path: string) => ({
      source: { path, packaging: 'file' },
      destinations: { there: { bucketName: 'b', objectKey: path, region: 'eu-west-1' } },
    });
    write(`${name}.assets.json`, {
      version: '36.0.0',
      files: { [name]: file(`${name}.template.json`), own: file(`${name}.zip`), shared: file('../shared.zip') },
    });
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment: 'aws://111111111111/eu-west-1',
      displayName: `${stage}/Stack${index}`,
      properties: { templateFile: `${name}.template.json` },
      dependencies: [`${name}.assets`, ...(index === 0 ? [] : [`${stage}Stack${index - 1}`])],
    };
  }
  return { version: '36.0.0', artifacts };
}
