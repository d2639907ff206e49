import { NewProjectBed } from '../../new-project/testing/new-project-bed.ts';
import appGenerator from './generator.ts';

let bed: NewProjectBed;
beforeEach(() => (bed = new NewProjectBed()));
afterEach(() => bed.dispose());

const generate = (options: Parameters<typeof appGenerator>[1]) => bed.generate(appGenerator, options);

describe('an app in a workspace with environments', () => {
  beforeEach(() => bed.writeEnvironments());

  test('is a few files, and says what to do next', async () => {
    const { files, said } = await generate({ name: 'web-shop' });
    expect(files).toEqual([
      '.gitignore',
      'apps/web-shop/cdk.json',
      'apps/web-shop/jest.config.mjs',
      'apps/web-shop/package.json',
      'apps/web-shop/src/inbox-stack.spec.ts',
      'apps/web-shop/src/inbox-stack.ts',
      'apps/web-shop/src/main.ts',
      'apps/web-shop/src/web-shop-stage.spec.ts',
      'apps/web-shop/src/web-shop-stage.ts',
      'apps/web-shop/tsconfig.json',
      'package.json',
    ]);
    expect(said).toBe('\nNext:\n1. npx nx test web-shop\n2. npx nx synth web-shop\n3. npx nx deploy web-shop');
  });

  test('has types that are right, tests that pass, and its stack in each environment', async () => {
    await generate({ name: 'web-shop' });
    await bed.checkTypes('apps/web-shop');
    expect(await bed.test('apps/web-shop')).toEqual({ passed: 4, failed: 0 });
    expect(await bed.stacksOf('apps/web-shop')).toEqual(['prod-web-shop-inbox', 'staging-web-shop-inbox']);
  });

  test('takes the feature flags that the installed library recommends', async () => {
    await generate({ name: 'web-shop' });
    const { context } = bed.json<{ context: object }>('apps/web-shop/cdk.json');
    const { default: flags } = await import('aws-cdk-lib/recommended-feature-flags.json', { with: { type: 'json' } });
    expect(context).toEqual({ 'nx-cdk:environments': '../../environments.json', ...flags });
  });
});

describe('an app with plain stacks', () => {
  test('is what a workspace without environments gets: types, tests and its stack', async () => {
    await generate({ name: 'tools' });
    await bed.checkTypes('apps/tools');
    expect(await bed.test('apps/tools')).toEqual({ passed: 2, failed: 0 });
    expect(await bed.stacksOf('apps/tools')).toEqual(['tools-inbox']);
  });

  test('is there where it is asked for', async () => {
    bed.writeEnvironments();
    await generate({ name: 'tools', environments: false });
    expect(bed.read('apps/tools/cdk.json')).not.toContain('nx-cdk:environments');
    expect(bed.read('apps/tools/src/main.ts')).not.toContain('Stage');
  });
});

describe('asked again', () => {
  test('it writes nothing, and says so', async () => {
    await generate({ name: 'tools' });
    const { files, said } = await generate({ name: 'tools' });
    expect(files).toEqual([]);
    expect(said).toContain('apps/tools is a CDK app already');
  });
});

describe('it refuses, and writes nothing', () => {
  test.each([
    ['a name in capitals', { name: 'WebShop' }, 'BadName', 'as in web-shop'],
    ['a name with a space', { name: 'web shop' }, 'BadName', 'as in web-shop'],
    ['a word of JavaScript', { name: 'import' }, 'BadName', 'as in import-orders'],
    ['a folder outside', { name: 'shop', directory: '../shop' }, 'BadDirectory', 'as in apps/shop'],
    ['environments that are nowhere', { name: 'shop', environments: true }, 'NoEnvironmentsFile', 'npx nx g'],
  ])('%s', async (_, options, code, next) => {
    await expect(generate(options)).rejects.toMatchObject({ code, message: expect.stringContaining(next) });
  });

  test('a folder that something else is in', async () => {
    bed.workspace.write('apps/shop/readme.md', 'A shop.');
    await expect(generate({ name: 'shop' })).rejects.toMatchObject({ code: 'AlreadyThere' });
  });

  test('the name of another project', async () => {
    bed.workspace.write('libs/shop/project.json', { name: 'shop' });
    await expect(generate({ name: 'shop' })).rejects.toThrow('A project shop is there already in libs/shop');
  });
});
