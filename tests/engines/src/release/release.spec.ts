import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { callerWhoMayOnly, CI, openTestBed, PROD, rootClients, STAGING, startExecutors, type TestBed } from 'test-bed';
import { shopAndBlog, type Workspace } from './shop-and-blog.ts';

const EVERYTHING = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const OWN = '/nx-cdk/releases/staging/111111111111-eu-west-1';
const OTHER = '/nx-cdk/releases/prod/222222222222-us-east-1';

let bed: TestBed;
let workspace: Workspace;
/** May read and write the record of staging, and nothing else. */
let releaser: Record<string, string>;
/** May do everything. */
let root: Record<string, string>;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  root = bed.environment();
  const environments = [
    { name: 'staging', targets: [STAGING] },
    { name: 'prod', targets: [PROD] },
  ];
  [workspace, releaser] = await Promise.all([
    shopAndBlog(join(bed.folder, 'workspace'), { ci: CI, environments }),
    callerWhoMayOnly(bed.local, 'release-staging', {
      actions: ['ssm:GetParameters', 'ssm:PutParameter'],
      resources: [`arn:aws:ssm:${CI.region}:${CI.account}:parameter${OWN}`],
    }),
  ]);
});

afterAll(async () => {
  await bed?.close();
});

const base = (environment = 'staging', ...args: string[]) =>
  workspace.cli(['base', `--environment=${environment}`, ...args], releaser);
const record = (...args: string[]) => workspace.cli(['record', '--environment=staging', ...args], releaser);
const short = (commit: string) => commit.slice(0, 7);

/** Deploys to staging what has changed since the last release: the very lines of a pipeline's step. */
async function release(...options: string[]) {
  const { stdout } = await base('staging', '--attempt');
  const deployed = await workspace.nx(
    [
      ...['affected', '-t', 'deploy-staging', `--base=${stdout.trim()}`, '--head=HEAD', '--excludeTaskDependencies'],
      '--output-style=static',
      ...options,
    ],
    root,
  );
  const picked = [...deployed.output.matchAll(/nx run (\w+):deploy-staging/g)].map(([, app]) => app);
  if (deployed.code === 0) expect(await record()).toEndWith(0);
  return { ...deployed, picked: [...new Set(picked)].toSorted() };
}

/** A deployment that is refused: another release was approved. */
const refused = () => release(`--release=${'0'.repeat(64)}`);

const publish = () => workspace.nx(['run-many', '-t', 'publish-staging', '--excludeTaskDependencies'], root);

async function storedRecord(name: string) {
  const { Parameter: parameter } = await rootClients(bed.local, CI)
    .ssm()
    .send(new GetParameterCommand({ Name: name }));
  return JSON.parse(parameter!.Value!) as { commit: string; time: string; assemblies: Record<string, string> };
}

describe('release after release', () => {
  let first: string;

  test('at first everything is released, and only then that commit is the base', async () => {
    workspace.change('shop', 30);
    first = workspace.change('blog', 30);
    expect(await base()).toMatchObject({
      code: 0,
      stdout: `${EVERYTHING}\n`,
      output:
        'Base of staging 111111111111-eu-west-1: everything counts as affected: nothing was deployed there yet.\n',
    });

    // when
    expect(await publish()).toEndWith(0);
    const { code, picked } = await release();

    // then
    expect({ code, picked }).toEqual({ code: 0, picked: ['blog', 'shop'] });
    expect(await base()).toMatchObject({
      code: 0,
      stdout: `${first}\n`,
      output: expect.stringMatching(
        new RegExp(
          `^Base of staging 111111111111-eu-west-1: ${short(first)}, deployed \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\n$`,
        ),
      ),
    });
    expect(await storedRecord(OWN)).toMatchObject({
      commit: first,
      assemblies: { blog: expect.stringMatching(/^[0-9a-f]{64}$/), shop: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  test('what failed to deploy is not dropped by a later commit that has nothing to do with it', async () => {
    // given
    workspace.change('shop', 60);
    expect(await refused()).toMatchObject({ code: 1, picked: ['shop'], output: expect.stringContaining('--release') });

    // when another app is changed
    const third = workspace.change('blog', 60);

    // then nobody takes for granted what is there, and both are picked
    expect(await base()).toMatchObject({
      stdout: `${EVERYTHING}\n`,
      output: expect.stringMatching(
        new RegExp(`which began after that of ${short(first)}, was never recorded as done`),
      ),
    });
    await publish();
    const { code, picked, output } = await release();
    expect({ code, picked }).toEqual({ code: 0, picked: ['blog', 'shop'] });
    expect(output).toMatch(/staging\/Queues.*updated/);
    expect((await base()).stdout).toBe(`${third}\n`);
  });

  test('where nothing has changed since, nothing is deployed', async () => {
    expect(await release()).toMatchObject({ code: 0, picked: [] });
  });

  test('a change of one app is released alone', async () => {
    workspace.change('shop', 90);
    await publish();
    expect(await release()).toMatchObject({ code: 0, picked: ['shop'] });
  });

  test('what failed and was taken back by a later commit is made good, although no file differs from what was released', async () => {
    // given
    const released = workspace.repository.git('rev-parse', 'HEAD');
    workspace.change('shop', 120);
    expect(await refused()).toMatchObject({ code: 1, picked: ['shop'] });

    // when
    workspace.change('shop', 90);

    // then
    expect(workspace.repository.git('diff', '--stat', released, 'HEAD', '--', 'apps')).toBe('');
    await publish();
    expect(await release()).toMatchObject({ code: 0, picked: ['blog', 'shop'] });
    expect(await release()).toMatchObject({ code: 0, picked: [] });
  });

  test('a rollback to an earlier commit counts everything as affected, and is a release like any other', async () => {
    workspace.repository.git('checkout', '--quiet', '-b', 'rollback', first);
    try {
      const { stdout, output } = await base();
      expect(stdout).toBe(`${EVERYTHING}\n`);
      expect(output).toMatch(/HEAD is behind [0-9a-f]{7}, which was deployed last: this is a rollback\.$/m);
      expect(await release()).toMatchObject({ code: 0, picked: ['blog', 'shop'] });
      expect((await base()).stdout).toBe(`${first}\n`);
    } finally {
      workspace.repository.git('checkout', '--quiet', 'main');
    }
  });

  test('after a rewrite of the history everything counts as affected', async () => {
    const { repository } = workspace;
    await record();
    const released = repository.git('rev-parse', 'HEAD');
    repository.git('commit', '--quiet', '--amend', '-m', 'with another message');
    expect(await base()).toMatchObject({
      stdout: `${EVERYTHING}\n`,
      output: expect.stringContaining(`${short(released)}, deployed last, is not in the history of HEAD`),
    });
    // and once git has forgotten the old commit
    repository.git('reflog', 'expire', '--expire=now', '--all');
    repository.git('gc', '--quiet', '--prune=now');
    expect(await base()).toMatchObject({
      stdout: `${EVERYTHING}\n`,
      output: expect.stringContaining(
        `${short(released)}, deployed last, is not in this repository: its history was rewritten`,
      ),
    });
  });
});

describe('nx released', () => {
  const released = (options: object, environment: Record<string, string>) =>
    startExecutors(workspace.root, [['released', { environmentsFile: 'environments.json', ...options }]], environment)
      .ended;

  test('shows every group: what was released, when, and how far HEAD is from it', async () => {
    const commit = workspace.repository.git('rev-parse', 'HEAD~2');
    await record(`--commit=${commit}`);
    const { code, output } = await released({ report: 'released.json' }, root);
    expect({ code, output }).toEndWith(0);
    expect(output).toMatch(
      new RegExp(
        `^staging +111111111111-eu-west-1 +${short(commit)} +blog [0-9a-f]{7}, shop [0-9a-f]{7} +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC, just now +2 commits behind$`,
        'm',
      ),
    );
    expect(output).toMatch(/^prod +222222222222-us-east-1 +- +- +never deployed +-$/m);
    expect(output).toMatch(/2 groups: 1 behind, 1 never deployed/);
    expect(JSON.parse(readFileSync(join(workspace.root, 'released.json'), 'utf8'))).toMatchObject({
      head: workspace.repository.git('rev-parse', 'HEAD'),
      groups: [
        { environment: 'staging', state: 'behind', commits: 2, commit },
        { environment: 'prod', state: 'never' },
      ],
    });
  });

  test('only reads, and needs permission to', async () => {
    const [reader, nobody] = await Promise.all([
      callerWhoMayOnly(bed.local, 'read-releases', {
        actions: ['ssm:GetParameters'],
        resources: [`arn:aws:ssm:${CI.region}:${CI.account}:parameter/nx-cdk/releases/*`],
      }),
      callerWhoMayOnly(bed.local, 'read-nothing', { actions: ['s3:GetObject'], resources: ['*'] }),
    ]);
    expect(await released({ json: true }, reader)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/"id":"prod\/222222222222-us-east-1".*"detail":"never deployed"/),
    });
    const { code, output } = await released({}, nobody);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(
        /^error: The caller may not read the parameters .*: allow its role ssm:GetParameters on .*\.\n$/,
      ),
    });
  });
});

describe('a record', () => {
  test('of another group may neither be read nor written', async () => {
    expect(await base('prod')).toEqual(
      expect.objectContaining({
        code: 1,
        stdout: '',
        output:
          `error: The caller may not read the parameter ${OTHER} in 123456789012/eu-west-1: ` +
          `allow its role ssm:GetParameters on arn:aws:ssm:eu-west-1:123456789012:parameter${OTHER}.\n`,
      }),
    );
    expect(await workspace.cli(['record', '--environment=prod'], releaser)).toMatchObject({
      code: 1,
      output: expect.stringContaining(
        `may not write the parameter ${OTHER} in 123456789012/eu-west-1: allow its role ssm:PutParameter on`,
      ),
    });
  });

  test('of an earlier commit can be written by name', async () => {
    const earlier = workspace.repository.git('rev-parse', 'HEAD~1');
    expect(await record(`--commit=${short(earlier)}`)).toMatchObject({ code: 0, stdout: '' });
    expect((await base()).stdout).toBe(`${earlier}\n`);
  });

  test('is not written where an app has no assembly', async () => {
    const before = await storedRecord(OWN);
    rmSync(join(workspace.root, 'apps/blog/cdk.out'), { recursive: true });
    expect(await record()).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /^error: blog: \S+\/apps\/blog\/cdk\.out holds no cloud assembly: synthesize first \(nx synth blog\)\.$/m,
      ),
    });
    expect(await storedRecord(OWN)).toEqual(before);
    workspace.change('blog', 120);
  });

  test('does not need the graph that Nx has kept', async () => {
    const kept = join(workspace.root, '.nx');
    expect(existsSync(kept)).toBe(true);
    rmSync(kept, { recursive: true });
    expect(await record()).toMatchObject({ code: 0, stdout: '' });
    expect(Object.keys((await storedRecord(OWN)).assemblies)).toEqual(['blog', 'shop']);
  });

  test('that somebody has overwritten with something else counts as none', async () => {
    const command = new PutParameterCommand({ Name: OWN, Value: 'hello', Type: 'String', Overwrite: true });
    await rootClients(bed.local, CI).ssm().send(command);
    expect(await base()).toMatchObject({
      code: 0,
      stdout: `${EVERYTHING}\n`,
      output: expect.stringMatching(
        /^warning: The parameter \S+ in 123456789012\/eu-west-1 holds no deployment record: it counts as none\.$/m,
      ),
    });
  });

  test('is not looked for in another account than that of CI', async () => {
    const { code, stdout, output } = await workspace.cli(['base', '--environment=staging'], {
      ...bed.environment(),
      AWS_ACCESS_KEY_ID: STAGING.account,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(output).toMatch(/recorded in the CI account 123456789012, but the credentials are for account 111111111111/);
  });
});
