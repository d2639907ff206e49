import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { FsTree, flushChanges } from 'nx/src/generators/tree.js';
import { check } from 'prettier';
import { parse } from 'yaml';
import { type TemporaryWorkspace, temporaryWorkspace } from '../../testing/temporary-workspace.ts';
import { pathOfRemote } from './repository.ts';
import type { CiGeneratorSchema } from './schema.d.ts';
import ciGenerator from './generator.ts';
import schema from './schema.json' with { type: 'json' };

const CIRCLECI = {
  system: 'circleci',
  organizationId: '0a1b2c3d-0000-4000-8000-000000000001',
  projectId: '0a1b2c3d-0000-4000-8000-000000000002',
} as const;
const SYSTEMS: readonly CiGeneratorSchema[] = [{ system: 'github' }, { system: 'gitlab' }, CIRCLECI];

const WORKFLOW = {
  github: '.github/workflows/deploy.yml',
  gitlab: '.gitlab-ci.yml',
  circleci: '.circleci/config.yml',
} as const;

const target = (account: string, region = 'eu-west-1') => ({ account, region });
const PRETTIER = { printWidth: 120, singleQuote: true };

let workspace: TemporaryWorkspace;
beforeEach(() => {
  workspace = temporaryWorkspace({
    'package.json': { dependencies: { node: '24.21.0' } },
    'nx.json': { namedInputs: { default: ['{projectRoot}/**/*', 'sharedGlobals'] } },
    '.prettierrc.json': PRETTIER,
  });
  environments();
});
afterEach(() => workspace.dispose());

/** Writes the environments file: prod has several groups, staging is one of them all. */
function environments(more: object = {}): void {
  const source = {
    type: 'connection',
    repository: 'example/shop',
    connection: 'arn:aws:codeconnections:eu-west-1:123456789012:connection/0',
  };
  workspace.write('environments.json', {
    ci: target('123456789012'),
    pipeline: { name: 'shop', source },
    environments: [
      { name: 'staging', targets: [target('111111111111')] },
      {
        name: 'prod',
        approval: true,
        targets: [target('222222222222'), target('222222222222', 'us-east-1'), target('333333333333')],
        parallelActions: 2,
      },
    ],
    ...more,
  });
}

/** Generates into the folder, as `nx g` does; returns the files that it wrote. */
async function generate(options: CiGeneratorSchema): Promise<string[]> {
  const tree = new FsTree(workspace.root, false);
  await ciGenerator(tree, options);
  const changes = tree.listChanges();
  flushChanges(workspace.root, changes);
  return changes.map(({ path }) => path);
}

const read = (file: string) => readFileSync(workspace.path(file), 'utf8');
const git = (...args: string[]) => execFileSync('git', args, { cwd: workspace.root, encoding: 'utf8', stdio: 'pipe' });

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
    workspace.write(workflow, `${before}# mine\n`);
    workspace.write(`apps/${options.system}-access/src/mine.ts`, '// mine');
    expect(await generate(options)).toEqual([workflow]);
    expect(read(workflow)).toBe(before);
    expect(read(`apps/${options.system}-access/src/mine.ts`)).toBe('// mine');
  });

  test('what it writes is formatted as the workspace is', async () => {
    for (const file of await generate(options)) {
      expect([file, await check(read(file), { ...PRETTIER, filepath: file })]).toEqual([file, true]);
    }
  });

  test('it lets the role that shows changes look around', async () => {
    await generate(options);
    expect(JSON.parse(read('environments.json')).ci.lookupRoles).toEqual([
      `arn:aws:iam::123456789012:role/shop-${options.system}-diff`,
    ]);
  });

  test('the assembly of the roles follows from the environments file, also for the cache', async () => {
    await generate(options);
    expect(JSON.parse(read(`apps/${options.system}-access/package.json`)).nx.namedInputs).toEqual({
      default: ['{projectRoot}/**/*', 'sharedGlobals', '{workspaceRoot}/environments.json'],
    });
  });

  test('nothing is installed but in synth, and no action or image comes from where a name decides what it is', async () => {
    const text = (await generate(options))
      .filter((file) => /\.ya?ml$/.test(file))
      .map(read)
      .join('\n');
    expect(text.match(/npm (ci|install|i) .*/g)).toEqual(Array(2).fill('npm ci --ignore-scripts --cache .npm-cache'));
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
      'nx affected -t deploy-staging --base="$NX_BASE" --head=HEAD --excludeTaskDependencies --outputStyle=static',
      'nx affected -t deploy-prod --base="$NX_BASE" --head=HEAD --excludeTaskDependencies --outputStyle=static -- --targets="$TARGETS"',
    ]);
  });

  test('a diff is masked before it reaches the log, a file or a comment', async () => {
    const text = (await generate(options))
      .filter((file) => /\.ya?ml$/.test(file))
      .map(read)
      .join('\n');
    expect(text.match(/nx affected -t diff .*/g)).toEqual([
      'nx affected -t diff --base="$BASE" --head=HEAD --excludeTaskDependencies --outputStyle=static --masked --report=\'diff-reports/{projectName}.json\'',
    ]);
  });

  test('an environments file of another name is named to whoever reads it', async () => {
    workspace.write('config/places.json', JSON.parse(read('environments.json')) as object);
    await generate({ ...options, environmentsFile: 'config/places.json' });
    expect(read(workflow)).toContain(
      'nx-cdk base --environment=prod --group="$GROUP" --environmentsFile=config/places.json',
    );
    expect(read(`apps/${options.system}-access/src/main.ts`)).toContain("'../../../config/places.json'");
  });
});

describe('GitHub Actions', () => {
  interface Job {
    readonly needs?: string | string[];
    readonly permissions?: object;
    readonly environment?: string;
    readonly if?: string;
    readonly steps: readonly { readonly uses?: string }[];
  }
  const jobs = async (file: string): Promise<Record<string, Job>> => {
    await generate({ system: 'github' });
    return (parse(read(`.github/workflows/${file}.yml`)) as { jobs: Record<string, Job> }).jobs;
  };
  const permissions = (all: Record<string, Job>) =>
    Object.fromEntries(Object.entries(all).map(([name, job]) => [name, job.permissions]));

  test('a job that gets a role may ask for a token, and no other job may do anything', async () => {
    expect(permissions(await jobs('deploy'))).toEqual({
      synth: { contents: 'read' },
      publish: { 'id-token': 'write' },
      'deploy-staging': { 'id-token': 'write' },
      'deploy-prod': { 'id-token': 'write' },
    });
    expect(permissions(await jobs('diff'))).toEqual({
      synth: { contents: 'read' },
      diff: { 'id-token': 'write' },
      comment: { 'pull-requests': 'write' },
    });
    expect(parse(read('.github/workflows/deploy.yml')).permissions).toEqual({});
  });

  test('each environment waits for the one before, and is one of GitHub, where approval is', async () => {
    const { publish, 'deploy-staging': staging, 'deploy-prod': prod } = await jobs('deploy');
    expect([publish?.needs, staging?.needs, prod?.needs]).toEqual(['synth', 'publish', ['publish', 'deploy-staging']]);
    expect([publish?.environment, staging?.environment, prod?.environment]).toEqual([undefined, 'staging', 'prod']);
  });

  test('one deployment runs at a time and none is cancelled', async () => {
    await jobs('deploy');
    expect(parse(read('.github/workflows/deploy.yml')).concurrency).toEqual({
      group: 'deploy',
      'cancel-in-progress': false,
    });
  });

  test('a fork gets no role', async () => {
    const { diff } = await jobs('diff');
    expect(diff?.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
  });

  test('subjects with ids are trusted where they are given', async () => {
    await generate({ system: 'github', ownerId: '12', repositoryId: '34' });
    expect(read('apps/github-access/src/main.ts')).toContain("ids: { owner: '12', repository: '34' }");
  });
});

describe('GitLab and CircleCI', () => {
  test('jobs of GitLab wait for a person where an environment asks for approval', async () => {
    await generate({ system: 'gitlab', repository: 'group/team/shop' });
    const config = parse(read('.gitlab-ci.yml'));
    expect(config['deploy-staging'].rules[0].when).toBeUndefined();
    expect(config['deploy-prod'].rules[0]).toMatchObject({ when: 'manual', allow_failure: false });
    expect(read('apps/gitlab-access/src/main.ts')).toContain("project: 'group/team/shop'");
  });

  test('pull requests write no cache that the branch reads', async () => {
    await generate({ system: 'gitlab' });
    await generate(CIRCLECI);
    const gitlab = parse(read('.gitlab-ci.yml'));
    expect([gitlab.synth.cache.policy, gitlab['synth-merge-request'].cache.policy]).toEqual([undefined, 'pull']);
    const circleci = parse(read('.circleci/config.yml')).jobs;
    expect(JSON.stringify(circleci.synth)).toContain('save_cache');
    expect(JSON.stringify(circleci['synth-branch'])).not.toContain('save_cache');
  });

  test('jobs of CircleCI wait for a person, and for every group of the environment before', async () => {
    environments({
      environments: [
        { name: 'staging', targets: [target('111111111111'), target('444444444444')] },
        { name: 'prod', approval: true, targets: [target('222222222222')] },
      ],
    });
    await generate(CIRCLECI);
    const { jobs } = parse(read('.circleci/config.yml')).workflows.deploy as { jobs: (string | object)[] };
    const waits: Record<string, { requires: string[] }> = Object.assign(
      {},
      ...jobs.filter((job) => typeof job !== 'string'),
    );
    expect(waits['approve-prod']?.requires).toEqual([
      'deploy-staging-111111111111-eu-west-1',
      'deploy-staging-444444444444-eu-west-1',
    ]);
    expect(waits['deploy-prod']?.requires).toEqual(['approve-prod']);
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
