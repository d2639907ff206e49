import { NewProjectBed } from '../../new-project/testing/new-project-bed.ts';
import pipelineGenerator from './generator.ts';

const ENVIRONMENTS = {
  ci: { account: '123456789012', region: 'eu-west-1' },
  environments: [{ name: 'live', targets: [{ account: '111111111111', region: 'eu-west-1' }] }],
};
const CONNECTION = 'arn:aws:codeconnections:eu-west-1:123456789012:connection/0f1e2d3c';

let bed: NewProjectBed;
beforeEach(() => {
  const devDependencies = {
    '@nx/devkit': '23.2.1',
    '@nx/js': '23.2.1',
    nx: '23.2.1',
    'nx-cdk': '0.0.0',
    prettier: '3',
  };
  bed = new NewProjectBed({ name: 'acme', workspaces: ['packages/*'], devDependencies });
  bed.workspace.write('nx.json', { plugins: ['@nx/js', { plugin: 'nx-cdk/plugin' }] });
  bed.workspace.write('environments.json', ENVIRONMENTS);
});
afterEach(() => bed.dispose());

const generate = (options: Parameters<typeof pipelineGenerator>[1] = {}) => bed.generate(pipelineGenerator, options);
const pipeline = () => bed.json<{ pipeline: object }>('environments.json').pipeline;

test('the app goes where the workspace has its apps, and has types and a test', async () => {
  const { files } = await generate({ repository: 'acme/shop', connection: CONNECTION });
  expect(files.filter((file) => file.startsWith('packages/'))).toEqual([
    'packages/pipeline/cdk.json',
    'packages/pipeline/jest.config.mjs',
    'packages/pipeline/package.json',
    'packages/pipeline/src/main.spec.ts',
    'packages/pipeline/src/main.ts',
    'packages/pipeline/tsconfig.json',
  ]);
  await bed.checkTypes('packages/pipeline');
  expect(await bed.test('packages/pipeline')).toEqual({ passed: 1, failed: 0 });
});

test('in a folder that is deeper, it finds the environments file too', async () => {
  await generate({ directory: 'platform/delivery/pipeline' });
  expect(bed.json<{ context: object }>('platform/delivery/pipeline/cdk.json').context).toMatchObject({
    'nx-cdk:pipeline': '../../../environments.json',
  });
  expect(await bed.stacksOf('platform/delivery/pipeline')).toEqual(['nx-cdk-pipeline']);
});

describe('the source in environments.json', () => {
  test('is the repository that was named, before the environments', async () => {
    const { said } = await generate({ repository: 'acme/shop', branch: 'trunk', connection: CONNECTION });
    expect(pipeline()).toEqual({
      source: { type: 'connection', repository: 'acme/shop', branch: 'trunk', connection: CONNECTION },
    });
    expect(Object.keys(bed.json('environments.json'))).toEqual(['ci', 'pipeline', 'environments']);
    expect(said).toBe(
      '\nNext:\n1. Commit, and start a local AWS: npx local-aws start\n' +
        '2. Walk the pipeline there: npx nx rehearse pipeline -c local-aws\n' +
        '3. Deploy it once by hand, after which it deploys itself: npx nx deploy pipeline',
    );
  });

  test('is an example for somebody who decides later, who is told to replace it', async () => {
    const { said } = await generate({ repository: '', connection: '' });
    expect(pipeline()).toMatchObject({ source: { repository: 'owner/name' } });
    expect(said).toContain('Make a connection to your repository in the CI account');
  });

  test('stays as it is if there is one, whatever is asked for', async () => {
    const source = { type: 's3', bucket: 'sources', key: 'shop.zip' };
    bed.workspace.write('environments.json', { ...ENVIRONMENTS, pipeline: { source } });
    await generate({ repository: 'acme/shop', connection: CONNECTION });
    expect(pipeline()).toEqual({ source });
  });

  test('keeps what else is said of the pipeline', async () => {
    bed.workspace.write('environments.json', { ...ENVIRONMENTS, pipeline: { name: 'shop', images: true } });
    await generate({ pipelineName: 'other' });
    expect(pipeline()).toMatchObject({ name: 'shop', images: true, source: { type: 'connection' } });
  });
});

test('what the later steps run is no development dependency any more, in the versions that it had', async () => {
  await generate();
  const { dependencies, devDependencies } = bed.json<Record<string, object>>('package.json');
  expect(dependencies).toMatchObject({ '@nx/devkit': '23.2.1', '@nx/js': '23.2.1', nx: '23.2.1', 'nx-cdk': '0.0.0' });
  expect(Object.keys(dependencies!)).toContain('@nx-cdk/pipeline-walker');
  expect(devDependencies).toMatchObject({ prettier: '3', 'aws-cdk-lib': expect.any(String) });
  expect(devDependencies).not.toHaveProperty('nx');
  expect(bed.json('nx.json')['cacheDirectory']).toBe('.nx/cache');
});

test('without a rehearsal, nothing of it is added', async () => {
  const { said } = await generate({ rehearsal: false });
  expect(bed.read('package.json')).not.toMatch(/pipeline-walker|local-aws/);
  expect(bed.read('nx.json')).not.toContain('pipeline-walker');
  expect(said).not.toContain('rehearse');
});

test('asked again, it writes nothing, and says so', async () => {
  await generate();
  const { files, said } = await generate({ repository: 'acme/other' });
  expect(files).toEqual([]);
  expect(said).toContain('packages/pipeline is a CDK app already');
});

describe('it refuses, and writes nothing', () => {
  test.each([
    ['a repository without an owner', { repository: 'shop' }, 'pipeline.source.repository is "shop"'],
    ['a connection that is none', { connection: 'mine' }, 'pipeline.source.connection is "mine"'],
    ['a name that no role can have', { pipelineName: 'My Shop' }, 'pipeline.name is "My Shop"'],
  ])('%s', async (_, options, sentence) => {
    await expect(generate(options)).rejects.toThrow(sentence);
  });

  test('a workspace without environments', async () => {
    bed = new NewProjectBed();
    await expect(generate()).rejects.toMatchObject({ code: 'Option', message: expect.stringContaining('nx-cdk:init') });
  });

  test('a folder that something else is in', async () => {
    bed.workspace.write('packages/pipeline/readme.md', 'A pipeline.');
    await expect(generate()).rejects.toMatchObject({ code: 'AlreadyThere' });
  });
});
