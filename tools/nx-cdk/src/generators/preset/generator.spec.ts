import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOfCheckout } from '@nx-cdk/processes';
import { NewProjectBed } from '../../new-project/testing/new-project-bed.ts';
import readOnlyRoleGenerator from '../read-only-role/generator.ts';
import presetGenerator from './generator.ts';

/** Our repository, whose apps are the example. */
const REPOSITORY = join(import.meta.dirname, '../../../../..');
const FOLDERS = JSON.parse(readFileSync(join(REPOSITORY, 'tools/nx-cdk/example.json'), 'utf8')) as string[];

/** What create-nx-workspace leaves before it runs a preset. */
const MANIFEST = {
  name: '@acme/source',
  version: '0.0.0',
  private: true,
  devDependencies: { nx: '23.2.1', 'nx-cdk': '0.0.0' },
};

let bed: NewProjectBed;
beforeEach(() => (bed = new NewProjectBed(MANIFEST)));
afterEach(() => bed.dispose());

const preset = (options: object = {}) => bed.generate(presetGenerator, { name: 'acme', ...options });

describe('the projects of the preset, the pipeline and the role that reads', () => {
  test('are those of our repository, byte for byte', async () => {
    for (const file of ['.prettierrc.json', '.editorconfig']) cpSync(join(REPOSITORY, file), bed.workspace.path(file));
    const written = await preset();
    const { files: others } = await bed.generate(readOnlyRoleGenerator, {});

    const expected: Record<string, string> = {};
    for (const folder of FOLDERS) {
      for (const file of await filesOfCheckout(join(REPOSITORY, folder))) {
        expected[`${folder}/${file}`] = readFileSync(join(REPOSITORY, folder, file), 'utf8');
      }
    }
    const projects = [...written.files, ...others].filter((file) => /^(apps|libs)\//.test(file));
    expect(Object.fromEntries(projects.map((file) => [file, bed.read(file)]))).toEqual(expected);
  });
});

describe('a new workspace', () => {
  test('gets these files besides, and is told what to do next', async () => {
    const { files, said } = await preset();
    expect(files.filter((file) => !/^(apps|libs)\//.test(file))).toEqual([
      '.gitignore',
      'README.md',
      'environments.json',
      'jest.preset.mjs',
      'nx.json',
      'package.json',
      'tsconfig.base.json',
    ]);
    expect(said).toBe(
      '\nNext:\n1. Deploy it to an AWS on this machine, and call its API: npm start\n' +
        '2. Read README.md: it says what is where, and how to deploy to your accounts',
    );
  });

  test('says what it needs: tools of the later steps of a pipeline apart from all others', async () => {
    await preset();
    const { scripts, workspaces, dependencies, devDependencies } = bed.json<Record<string, object>>('package.json');
    expect(scripts).toEqual({ start: 'local-aws up infra', test: 'nx run-many -t typecheck test' });
    expect(workspaces).toEqual(['apps/*', 'libs/handlers/*']);
    expect(Object.keys(dependencies!)).toEqual(['@nx-cdk/pipeline-walker', '@nx/devkit', 'nx', 'nx-cdk']);
    expect(Object.keys(devDependencies!)).toEqual([
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-sqs',
      '@nx-cdk/constructs',
      '@nx-cdk/environments',
      '@nx-cdk/local-aws',
      '@swc/core',
      '@swc/jest',
      '@types/aws-lambda',
      '@types/jest',
      '@types/node',
      'aws-cdk-lib',
      'cdk-nag',
      'constructs',
      'esbuild',
      'jest',
      'typescript',
    ]);
  });

  test('has nothing in it that is not its own: no name of our repository, its tags or its rules', async () => {
    const { files } = await preset();
    for (const file of files) expect([file, bed.read(file)]).toEqual([file, expect.not.stringMatching(/room:|eslint/)]);
  });

  test('has accounts and a pipeline that may be replaced later, or those that somebody names', async () => {
    await preset({ environments: 'live=333333333334/eu-west-1' });
    const { pipeline, environments } = bed.json<{ pipeline: object; environments: object[] }>('environments.json');
    expect(environments).toEqual([
      { name: 'live', verify: 'verify', targets: [{ account: '333333333334', region: 'eu-west-1' }] },
    ]);
    expect(pipeline).toMatchObject({ name: 'acme', source: { type: 'connection', branch: 'main' } });
  });

  test('checks its first environment, and no other', async () => {
    await preset();
    const { environments } = bed.json<{ environments: { name: string; verify?: string }[] }>('environments.json');
    expect(environments.map(({ name, verify }) => [name, verify])).toEqual([
      ['staging', 'verify'],
      ['prod', undefined],
    ]);
    expect(bed.json('apps/infra/package.json')['scripts']).toMatchObject({ verify: 'node src/verify.ts' });
  });

  test('takes no option of create-nx-workspace, which passes on all that it has, for its own', async () => {
    await preset({
      ci: 'skip',
      nxCloud: 'skip',
      preset: 'nx-cdk',
      packageManager: 'npm',
      ciAccount: '210987654321/eu-west-1',
    });
    expect(bed.json('environments.json')['ci']).toEqual({ account: '210987654321', region: 'eu-west-1' });
  });

  test('has types that are right, and tests that pass', async () => {
    await preset();
    for (const project of ['apps/infra', 'apps/pipeline', 'libs/handlers/orders-api', 'libs/handlers/orders-worker']) {
      await bed.checkTypes(project);
    }
    expect(await bed.test('libs/handlers/orders-api')).toMatchObject({ failed: 0 });
    expect(await bed.test('apps/pipeline')).toEqual({ passed: 1, failed: 0 });
  });
});

describe('with pnpm', () => {
  test('projects are linked by what pnpm understands', async () => {
    bed.workspace.write('pnpm-lock.yaml', 'lockfileVersion: 9\n');
    bed.workspace.write('pnpm-workspace.yaml', 'autoInstallPeers: true\n');
    const { files, said } = await preset();
    expect(bed.read('pnpm-workspace.yaml')).toBe(
      'packages:\n  - apps/*\n  - libs/handlers/*\nautoInstallPeers: true\n',
    );
    expect(bed.json('package.json')).not.toHaveProperty('workspaces');
    expect(bed.json('apps/infra/package.json')['dependencies']).toEqual({
      '@handlers/orders-api': 'workspace:*',
      '@handlers/orders-worker': 'workspace:*',
    });
    expect(said).toContain('pnpm start');
    // and no pipeline as long as nobody says by a checksum which pnpm it may run
    expect(files.filter((file) => file.startsWith('apps/pipeline'))).toEqual([]);
    expect(said).toContain('npx corepack use pnpm@latest, and pnpm exec nx g nx-cdk:pipeline');
    expect(bed.read('README.md')).not.toContain('pipeline');
    expect(bed.read('README.md')).toContain('pnpm exec nx bootstrap infra');
  });
});
