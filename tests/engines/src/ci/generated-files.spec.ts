import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  circleCiClaims,
  type Claims,
  gitHubClaims,
  type GitHubEvent,
  gitLabClaims,
  green,
  type JobEnd,
  outcomes,
  outputOf,
  runConfig,
  type Runner,
  runPipeline,
  runWorkflow,
  sessionOf,
  summaryOf,
  tokenOf,
} from 'test-bed/ci';
import { type CiBed, CIRCLECI, openCiBed, REPOSITORY } from './ci-bed.ts';
import { type CodeHost, codeHost } from './code-host.ts';
import { CI, PROD, STAGING } from './small-workspace.ts';

/**
 * The files that the generator writes, run as each CI system would, against a local AWS that holds roles, trust and
 * policies to what they say.
 */
let bed: CiBed;
beforeAll(async () => {
  bed = await openCiBed();
});
afterAll(() => bed?.close());

const file = (name: string) => join(bed.workspace.root, name);
const record = (environment: string, { account, region }: typeof CI) =>
  `/shop/releases/${environment}/${account}-${region}`;

async function revisions(): Promise<(string | undefined)[]> {
  return Promise.all([STAGING, PROD].map(({ account, region }) => bed.parameter(account, region, '/shop/revision')));
}

async function released(): Promise<string[]> {
  const texts = await Promise.all([
    bed.parameter(CI.account, CI.region, record('staging', STAGING)),
    bed.parameter(CI.account, CI.region, record('prod', PROD)),
  ]);
  return texts.map((text) => (JSON.parse(text ?? '{}') as { commit: string }).commit);
}

/** The workflow of a pull request, and the one of the branch that it starts. */
async function runPullRequest(runner: Runner, event: GitHubEvent): Promise<readonly JobEnd[]> {
  await runWorkflow(runner, file('.github/workflows/pull-request.yml'), event);
  return runWorkflow(runner, file('.github/workflows/diff.yml'), { ...event, event: 'workflow_run' });
}

const push = (commit: string): GitHubEvent => ({ event: 'push', repository: REPOSITORY, branch: 'main', commit });
const group = ({ account, region }: typeof CI) => `${account}-${region}`;

describe('a push to the branch', () => {
  test('is shipped by GitHub Actions, npm ci included: to staging, then to prod, each recorded', async () => {
    const ends = await runWorkflow(await bed.installing(), file('.github/workflows/deploy.yml'), push(bed.commit));
    const named = expect.stringMatching(/^[^(]+ \(github-access [0-9a-f]{12}, shop [0-9a-f]{12}\)$/);
    expect(green(ends)).toEqual(['synth', 'releases', 'publish', named, named]);
    expect(ends.map(({ name }) => name.split(' (')[0]).slice(3)).toEqual([
      `deploy-staging ${group(STAGING)}`,
      `deploy-prod ${group(PROD)}`,
    ]);
    // Whoever approves saw all digits of what was fetched then.
    const [, digest] = /<code>shop<\/code> \| .* \| <code>([0-9a-f]{64})<\/code>/.exec(summaryOf(ends, 'releases'))!;
    expect(outputOf(ends, 'deploy-prod')).toMatch(
      new RegExp(`Release ${digest!.slice(0, 12)} of shop is taken from s3:\\S+/assemblies/${digest}`),
    );
    expect(await revisions()).toEqual(['one', 'one']);
    expect(await released()).toEqual([bed.commit, bed.commit]);
  });

  test('is shipped by GitLab CI/CD', async () => {
    await bed.workspace.revise('two');
    const commit = await bed.workspace.commit('Two');
    const ends = await runPipeline(await bed.linking(), file('.gitlab-ci.yml'), {
      project: REPOSITORY,
      branch: 'main',
      commit,
    });
    expect(green(ends)).toEqual([
      'synth',
      'releases',
      'publish',
      `deploy-staging (${group(STAGING)})`,
      `deploy-prod (${group(PROD)})`,
    ]);
    expect(outputOf(ends, 'releases')).toMatch(
      new RegExp(`^Releases of commit ${commit}:\n.*^shop [0-9a-f]{64}$`, 'ms'),
    );
    expect(await revisions()).toEqual(['two', 'two']);
    expect(await released()).toEqual([commit, commit]);
  });

  test('is shipped by CircleCI', async () => {
    await bed.workspace.revise('three');
    const commit = await bed.workspace.commit('Three');
    const ends = await runConfig(await bed.linking(), file('.circleci/config.yml'), {
      ...CIRCLECI,
      repository: REPOSITORY,
      branch: 'main',
      commit,
    });
    expect(green(ends)).toEqual(['synth', 'publish', `deploy-staging-${group(STAGING)}`, `deploy-prod-${group(PROD)}`]);
    expect(await revisions()).toEqual(['three', 'three']);
    expect(await released()).toEqual([commit, commit]);
  });

  test('that changes no project deploys nothing, and is recorded', async () => {
    await bed.workspace.write('notes.md', 'Nothing to ship.\n');
    const commit = await bed.workspace.commit('Notes');
    const ends = await runConfig(await bed.linking(), file('.circleci/config.yml'), {
      ...CIRCLECI,
      repository: REPOSITORY,
      branch: 'main',
      commit,
    });
    green(ends);
    expect(outputOf(ends, 'deploy-prod')).toContain('No tasks were run');
    expect(await released()).toEqual([commit, commit]);
  });

  test('that cannot be synthesized gets no further', async () => {
    await bed.workspace.git('checkout', '-q', '-b', 'broken');
    await bed.workspace.write('apps/shop/src/revision.ts', 'throw new Error("broken");\n');
    const commit = await bed.workspace.commit('Broken');
    await bed.workspace.git('checkout', '-q', 'main');
    const ends = await runPipeline(await bed.linking(), file('.gitlab-ci.yml'), {
      project: REPOSITORY,
      branch: 'main',
      commit,
    });
    expect(outcomes(ends)).toEqual({
      synth: 'failure',
      releases: 'skipped',
      publish: 'skipped',
      'deploy-staging': 'skipped',
      'deploy-prod': 'skipped',
    });
  });
});

describe('a pull request', () => {
  let host: CodeHost;
  let base: string;
  let commit: string;
  beforeAll(async () => {
    host = await codeHost();
    base = await bed.workspace.git('rev-parse', 'main');
    await bed.workspace.git('checkout', '-q', '-b', 'feature');
    await bed.workspace.revise('proposed');
    commit = await bed.workspace.commit('Proposed');
    await bed.workspace.git('checkout', '-q', 'main');
  });
  afterAll(() => host?.close());

  /** What a reviewer can see: the comments, and the logs of all jobs. */
  const seen = (ends: readonly JobEnd[]) => [...host.comments, ...ends.map(({ output }) => output)].join('\n');
  const proposal = (): GitHubEvent => ({
    event: 'pull_request',
    repository: REPOSITORY,
    branch: 'main',
    commit,
    api: host.url,
    pullRequest: { number: 12, base, head: REPOSITORY },
  });

  test('shows on GitHub what it would change in each environment, and no secret', async () => {
    const runner = await bed.linking();
    const pages: string[] = [];
    runner.afterJob = (name, artifacts) => {
      if (name !== 'diff') return;
      for (const page of globSync('**/*.html', { cwd: artifacts }))
        pages.push(readFileSync(join(artifacts, page), 'utf8'));
    };
    const ends = await runPullRequest(runner, proposal());
    expect(green(ends)).toEqual(['synth', 'diff', 'comment']);
    expect(host.comments).toEqual([expect.stringMatching(/staging\/Shop[^]*\.ADDRESS:[^]*prod\/Shop/)]);
    expect(host.comments[0]).toMatch(/Parameter Shop\/Pin .*"Default":"\*\*\*\*"/);
    // Which value a parameter of SSM has is nobody's business, that it is another one is.
    expect(host.comments[0]).toMatch(/Shop\/Revision \w+\n.*\[~\] Value\n.*\[-\] \*{4}\n.*\[\+\] \*{4} \(2\)/);
    expect(host.comments[0]).toContain('```mermaid\nflowchart LR');
    expect(host.comments[0]).toContain('(https://github.com/example/shop/actions/runs/7#artifacts)');
    expect(pages).toEqual([expect.stringMatching(/<title>Compare shop[^]*prod\/Shop/)]);
    expect([...pages, seen(ends)].join('\n')).not.toContain('not-to-be-seen');
  });

  test('shows the same on GitLab, in the comment that is there', async () => {
    const api = { url: host.url, token: 'token' };
    const event = { project: REPOSITORY, branch: 'feature', commit, api, mergeRequest: { iid: 12, base } };
    const ends = await runPipeline(await bed.linking(), file('.gitlab-ci.yml'), event);
    expect(green(ends)).toEqual(['synth-merge-request', 'diff', 'comment']);
    expect(host.comments).toHaveLength(1);
    expect(host.comments[0]).toContain('.ADDRESS:');
    expect(seen(ends)).not.toContain('not-to-be-seen');
  });

  test('shows the same on CircleCI', async () => {
    const api = { url: host.url, token: 'token' };
    const event = { ...CIRCLECI, repository: REPOSITORY, branch: 'feature', commit, pullRequest: 12, api };
    const ends = await runConfig(await bed.linking(), file('.circleci/config.yml'), event);
    expect(green(ends)).toEqual(['synth-branch', 'diff', 'comment']);
    expect(host.comments).toHaveLength(1);
    expect(seen(ends)).not.toContain('not-to-be-seen');
  });

  test('of a fork starts nothing on CircleCI', async () => {
    const event = { ...CIRCLECI, repository: REPOSITORY, branch: 'pull/12', commit, pullRequest: 12 };
    expect(await runConfig(await bed.linking(), file('.circleci/config.yml'), event)).toEqual([]);
  });
});

describe('a token', () => {
  const role = (system: string, step: string) => `arn:aws:iam::${CI.account}:role/shop-${system}-${step}`;
  const session = (roleArn: string, claims: Claims) => sessionOf(bed.aws, CI.region, roleArn, tokenOf(bed.aws, claims));
  const gitHub = (more: Partial<GitHubEvent> = {}, environment?: string) =>
    gitHubClaims({ ...push(''), ...more }, environment);
  const gitLab = (project: string, branch: string) => ({
    ...gitLabClaims({ project, branch }),
    aud: 'https://gitlab.com',
  });
  const circleCi = (more: object) => circleCiClaims({ ...CIRCLECI, repository: REPOSITORY, branch: 'main', ...more });
  const prod = `deploy-prod-${group(PROD)}`;

  test.each<[string, string, string, () => Claims]>([
    ['of the branch, to publish', 'github', 'publish', () => gitHub()],
    ['of an environment, to deploy there', 'github', prod, () => gitHub({}, 'prod')],
    ['of what is started by a pull request, to look', 'github', 'diff', () => gitHub({}, 'pull_requests')],
    ['of the branch, to deploy', 'gitlab', prod, () => gitLab(REPOSITORY, 'main')],
    ['of another branch, to look', 'gitlab', 'diff', () => gitLab(REPOSITORY, 'feature')],
    ['of the branch, to deploy', 'circleci', prod, () => circleCi({})],
    ['of another branch, to look', 'circleci', 'diff', () => circleCi({ branch: 'feature' })],
  ])('%s (%s), is accepted', async (_, system, step, claims) => {
    expect(await session(role(system, step), claims())).toHaveProperty('sessionToken');
  });

  test.each<[string, string, string, () => Claims]>([
    ['of another branch', 'github', 'publish', () => gitHub({ branch: 'feature' })],
    ['of another repository', 'github', 'publish', () => gitHub({ repository: 'example/other' })],
    ['of another audience', 'github', 'publish', () => ({ ...gitHub(), aud: 'https://github.com/example' })],
    ['of a pull request', 'github', 'publish', () => gitHub({ event: 'pull_request' })],
    ['of the branch without an environment', 'github', prod, () => gitHub()],
    ['of the environment on another branch', 'github', prod, () => gitHub({ branch: 'feature' }, 'prod')],
    [
      'of a pull request that names the environment of such jobs',
      'github',
      'diff',
      () => gitHub({ event: 'pull_request' }, 'pull_requests'),
    ],
    ['of another environment', 'github', prod, () => gitHub({}, 'staging')],
    ['of a pull request', 'github', prod, () => gitHub({ event: 'pull_request' })],
    ['of a pull request', 'github', 'diff', () => gitHub({ event: 'pull_request' })],
    ['of another branch', 'gitlab', prod, () => gitLab(REPOSITORY, 'feature')],
    ['of a fork', 'gitlab', 'diff', () => gitLab('somebody/shop', 'main')],
    [
      'of another GitLab',
      'gitlab',
      'publish',
      () => ({ ...gitLab(REPOSITORY, 'main'), iss: 'https://git.example.com' }),
    ],
    ['of another branch', 'circleci', prod, () => circleCi({ branch: 'feature' })],
    [
      'of a branch that is named to look like the other',
      'circleci',
      prod,
      () => circleCi({ branch: 'x/vcs-origin/github.com/example/shop/vcs-ref/refs/heads/main' }),
    ],
    ['of another project', 'circleci', 'publish', () => circleCi({ projectId: CIRCLECI.organizationId })],
    ['of a fork', 'circleci', 'diff', () => circleCi({ repository: 'somebody/shop' })],
  ])('%s is refused by %s %s', async (_, system, step, claims) => {
    await expect(session(role(system, step), claims())).rejects.toMatchObject({
      name: expect.stringMatching(/AccessDenied|InvalidIdentityToken/),
    });
  });

  test('for publishing does not deploy, and the step says which role and action it lacks', async () => {
    const runner = await bed.linking();
    const credentials = await session(role('github', 'publish'), gitHub());
    const { code, output } = await runner.shell(
      'export PATH="$PWD/node_modules/.bin:$PATH"; nx synth shop && nx deploy-prod shop --excludeTaskDependencies',
      bed.workspace.root,
      { AWS_REGION: CI.region },
      credentials,
    );
    expect({ code, output }).toEndWith(1);
    expect(output).toContain('may not sts:AssumeRole');
    expect(output).toContain('cdk-hnb659fds-deploy-role-222222222222-us-east-1');
  });
});
