import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { check } from 'prettier';
import { parse } from 'yaml';
import { EXAMPLE_REPOSITORY } from '../../workspace/index.ts';
import { pathOfRemote } from './repository.ts';
import type { CiGeneratorSchema } from './schema.d.ts';
import schema from './schema.json' with { type: 'json' };
import { CIRCLECI, generatorBed, PRETTIER, SOURCE, target } from './testing/generator-bed.ts';

const SYSTEMS: readonly CiGeneratorSchema[] = [{ system: 'github' }, { system: 'gitlab' }, CIRCLECI];

const WORKFLOW = {
  github: '.github/workflows/deploy.yml',
  gitlab: '.gitlab-ci.yml',
  circleci: '.circleci/config.yml',
} as const;

let bed: ReturnType<typeof generatorBed>;
beforeEach(() => {
  bed = generatorBed();
});
afterEach(() => bed.workspace.dispose());

const environments = (more: object) => bed.environments(more);
const generate = (options: CiGeneratorSchema) => bed.generate(options);
const read = (file: string) => bed.read(file);
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: bed.workspace.root, encoding: 'utf8', stdio: 'pipe' });

describe.each(SYSTEMS)('for $system', (options) => {
  const workflow = WORKFLOW[options.system];

  test('it writes the workflow, and an app with the roles', async () => {
    const files = await generate(options);
    const app = `apps/${options.system}-access`;
    expect(files).toEqual(
      expect.arrayContaining([
        workflow,
        `${app}/package.json`,
        `${app}/cdk.json`,
        `${app}/tsconfig.json`,
        `${app}/src/main.ts`,
      ]),
    );
  });

  test('a second time it has nothing to write', async () => {
    await generate(options);
    expect(await generate(options)).toEqual([]);
  });

  test('it overwrites what a person edited, and nothing that it did not write', async () => {
    await generate(options);
    const before = read(workflow);
    bed.workspace.write(workflow, `${before}# mine\n`);
    bed.workspace.write(`apps/${options.system}-access/src/mine.ts`, '// mine');
    expect(await generate(options)).toEqual([workflow]);
    expect(read(workflow)).toBe(before);
    expect(read(`apps/${options.system}-access/src/mine.ts`)).toBe('// mine');
  });

  test('what it writes is formatted as the workspace is', async () => {
    for (const file of await generate(options)) {
      expect([file, await check(read(file), { ...PRETTIER, filepath: file })]).toEqual([file, true]);
    }
  });

  test('the role that shows changes may look nothing up, also if an earlier version allowed it', async () => {
    await generate(options);
    expect(JSON.parse(read('environments.json')).ci.lookupRoles).toBeUndefined();
    const role = `arn:aws:iam::123456789012:role/shop-${options.system}-diff`;
    const nightly = 'arn:aws:iam::123456789012:role/nightly';
    for (const [before, after] of [
      [[role], undefined],
      [[nightly, role], [nightly]],
    ] as const) {
      environments({ ci: { ...target('123456789012'), lookupRoles: before } });
      await generate(options);
      expect(JSON.parse(read('environments.json')).ci.lookupRoles).toEqual(after);
    }
  });

  test('it shows changes with a role that has the same name in every account', async () => {
    const text = (await generate(options))
      .filter((file) => /\.ya?ml$/.test(file))
      .map(read)
      .join('\n');
    expect(text).toContain(`npx nx-cdk diff --folder=`);
    expect(text).toContain(` --role=shop-${options.system}-diff `);
    const app = read(`apps/${options.system}-access/src/main.ts`);
    expect(app).toContain(`trustedRole: 'arn:aws:iam::123456789012:role/shop-${options.system}-diff'`);
    expect(app).toContain(`stepsWithRoles(environments, '${options.system}')`);
  });

  test('the assembly of the roles follows from the environments file, also for the cache', async () => {
    await generate(options);
    expect(JSON.parse(read(`apps/${options.system}-access/package.json`)).nx.namedInputs).toEqual({
      default: ['{projectRoot}/**/*', 'sharedGlobals', '{workspaceRoot}/environments.json'],
    });
  });

  test('no job runs the script of a package, and no action comes from where a name decides what it is', async () => {
    const text = (await generate(options))
      .filter((file) => /\.ya?ml$/.test(file))
      .map(read)
      .join('\n');
    const installs = text.match(/np(m|x --yes) (ci|install|i|rebuild|run|exec) .*/g) ?? [];
    expect(installs).toHaveLength({ github: 8, gitlab: 7, circleci: 7 }[options.system]);
    for (const install of installs) expect(install).toMatch(/^npm ci --ignore-scripts( |$)/);
    // Both that run code of the apps; a cache is theirs alone.
    expect(installs.filter((install) => install.endsWith('--cache .npm-cache'))).toHaveLength(2);
    expect(text).not.toMatch(/docker-cli|dind|setup_remote_docker/);
    for (const [, action] of text.matchAll(/uses: (\S+)/g)) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  test('each group of an environment is a job with a role of its own; the targets are named where there are several groups', async () => {
    await generate(options);
    const text = read(workflow);
    const role = (step: string) => `arn:aws:iam::123456789012:role/shop-${options.system}-${step}`;
    expect(text).toContain(role('publish'));
    expect(text).toContain(
      role('deploy-staging-').concat(options.system === 'gitlab' ? '$GROUP' : '111111111111-eu-west-1'),
    );
    expect(text).toMatch(/(targets|TARGETS): 222222222222\/eu-west-1,222222222222\/us-east-1$/m);
    expect(text).toMatch(/(targets|TARGETS): 333333333333\/eu-west-1$/m);
    expect(text.match(/nx affected -t deploy-\S+ .*/g)).toEqual([
      'nx affected -t deploy-staging --base="$NX_BASE" --head=HEAD --excludeTaskDependencies --outputStyle=static --release="$RELEASES"',
      'nx affected -t deploy-prod --base="$NX_BASE" --head=HEAD --excludeTaskDependencies --outputStyle=static -- --release="$RELEASES" --targets="$TARGETS"',
    ]);
  });

  test('a workspace that has Nx among its development dependencies gets them', async () => {
    bed.workspace.write('package.json', { workspaces: ['apps/*'], devDependencies: { nx: '23.2.1' } });
    await generate(options);
    expect(read(workflow)).toContain('npm ci --ignore-scripts\n');
    expect(read(workflow)).not.toContain('--omit=dev');
  });

  test('what publishes takes the assemblies of synth, what deploys their digests alone', async () => {
    await generate(options);
    const text = read(workflow);
    expect(text.match(/nx-cdk hand-over/g)).toHaveLength({ github: 1, gitlab: 2, circleci: 2 }[options.system]);
    expect(text.match(/nx-cdk take-over --folder=\S+ --releases="\$RELEASES"/g)).toHaveLength(1);
    const all = parse(text) as Record<string, unknown>;
    const jobs = (options.system === 'gitlab' ? all : all['jobs']) as Record<string, unknown>;
    const taking = Object.keys(jobs).filter((job) => JSON.stringify(jobs[job]).includes('nx-cdk take-over'));
    expect(taking).toEqual(['publish']);
    for (const stage of ['staging', 'prod']) {
      const job = JSON.stringify(jobs[`deploy-${stage}`]);
      expect(job).toContain(`nx affected -t deploy-${stage} `);
      expect(job.match(/(--release|--releases)=\\"\$RELEASES\\"/g)).toEqual([
        '--release=\\"$RELEASES\\"',
        '--releases=\\"$RELEASES\\"',
      ]);
      expect(job).not.toMatch(/tar |assemblies|download-artifact/);
    }
  });

  test('a job with a role has no cache, and no package that is not installed', async () => {
    await generate(options);
    expect(read(workflow)).toMatch(/NPM_CONFIG_YES: 'false'\n\s+NX_SKIP_NX_CACHE: 'true'\n\s+NX_NO_CLOUD: 'true'/);
  });

  test('an environments file of another name is named to whoever reads it', async () => {
    bed.workspace.write('config/places.json', JSON.parse(read('environments.json')) as object);
    await generate({ ...options, environmentsFile: 'config/places.json' });
    expect(read(workflow)).toContain(
      'nx-cdk base --environment=prod --group="$GROUP" --environmentsFile=config/places.json',
    );
    expect(read(`apps/${options.system}-access/src/main.ts`)).toContain("'../../../config/places.json'");
  });
});

describe('the repository', () => {
  test('is the remote of git where nothing else says it', async () => {
    environments({ pipeline: { name: 'shop' } });
    git('init', '-q');
    git('remote', 'add', 'origin', 'git@github.com:example/from-git.git');
    await generate({ system: 'github' });
    expect(read('apps/github-access/src/main.ts')).toContain("repository: 'example/from-git'");
  });

  test('is never that of the example, which may be the one of anybody', async () => {
    environments({ pipeline: { name: 'shop', source: { ...SOURCE, repository: EXAMPLE_REPOSITORY } } });
    await expect(generate({ system: 'github' })).rejects.toMatchObject({ code: 'NoRepository' });
  });

  test.each([
    ['git@gitlab.com:group/team/shop.git', 'group/team/shop'],
    ['https://user:token@git.example.com:8443/group/shop.git', 'group/shop'],
    ['ssh://git@github.com/example/shop', 'example/shop'],
    ['/srv/git/shop.git', undefined],
  ])('%s is understood', (url, path) => {
    expect(pathOfRemote(url)).toBe(path);
  });
});

describe('refused is, in one sentence that says what to do', () => {
  test.each<[string, CiGeneratorSchema, RegExp]>([
    [
      'a repository of another shape',
      { system: 'github', repository: 'shop' },
      /^The repository is "shop", which is not owner\/name: give --repository=owner\/name\.$/,
    ],
    [
      'a repository that is a pattern',
      { system: 'github', repository: 'example/*' },
      /^--repository is "example\/\*": letters/,
    ],
    ['a branch that is another line', { system: 'gitlab', branch: 'main\nfoo' }, /^--branch is/],
    ['one id of two', { system: 'github', ownerId: '1' }, /^--ownerId and --repositoryId go together/],
    ['a GitLab without TLS', { system: 'gitlab', gitlabUrl: 'http://git.example.com' }, /^--gitlabUrl is/],
    ['CircleCI without its ids', { system: 'circleci' }, /^CircleCI needs --organizationId, the UUID/],
    ['a missing environments file', { system: 'github', environmentsFile: 'x.json' }, /x\.json cannot be read/],
  ])('%s', async (_, options, sentence) => {
    await expect(generate(options)).rejects.toThrow(sentence);
  });

  test('no repository anywhere', async () => {
    environments({ pipeline: { name: 'shop' } });
    await expect(generate({ system: 'github' })).rejects.toThrow(/give --repository=owner\/name\.$/);
  });

  test('names that make a role too long', async () => {
    environments({ pipeline: { name: 'a-very-long-name-of-a-pipeline' } });
    await expect(generate({ system: 'github', repository: 'a/b' })).rejects.toThrow(
      /IAM allows 64: choose a shorter pipeline\.name/,
    );
  });
});

test('the schema is one, and every option is described', () => {
  expect(new Ajv({ strict: false }).validateSchema({ ...schema, $schema: undefined, $id: undefined })).toBe(true);
  const silent = Object.entries(schema.properties).filter(([, { description }]) => !/\.|OWNER/.test(description));
  expect(silent).toEqual([]);
  const { generators } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../generators.json'), 'utf8')) as {
    generators: Record<string, { implementation: string }>;
  };
  expect(generators['ci']?.implementation).toBe('./src/generators/ci/generator.ts');
});
