import { join } from 'node:path';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { rootClients } from 'test-bed';
import {
  type Claims,
  gitHubClaims,
  type GitHubEvent,
  gitLabClaims,
  type GitLabEvent,
  green,
  type JobEnd,
  outcomes,
  outputOf,
  runConfig,
  type Runner,
  runPipeline,
  runWorkflow,
  sessionOf,
  tokenOf,
} from 'test-bed/ci';
import { exchangeTemplates } from './attacks.ts';
import { type CiBed, CIRCLECI, openCiBed, REPOSITORY } from './ci-bed.ts';
import { type CodeHost, codeHost } from './code-host.ts';
import { CI, SANDBOX, STAGING } from './small-workspace.ts';
import { attackStored } from './stored-attacks.ts';

/** What the generated files do if sandboxes and schedules are asked for. */
let bed: CiBed;
let host: CodeHost;
beforeAll(async () => {
  [bed, host] = await Promise.all([openCiBed({ more: true }), codeHost()]);
});
afterAll(async () => {
  host?.close();
  await bed?.close();
});

const file = (name: string) => join(bed.workspace.root, name);

/** The revision of an instance, or of what exists once in staging. */
const revision = (instance?: string) =>
  instance === undefined
    ? bed.parameter(STAGING.account, STAGING.region, '/shop/revision')
    : bed.parameter(SANDBOX.account, SANDBOX.region, `/shop/${instance}/revision`);

/** A branch with a revision of its own; returns its commit. */
async function propose(branch: string, text: string, app?: string): Promise<string> {
  await bed.workspace.git('checkout', '-q', '-B', branch, 'main');
  await bed.workspace.revise(text);
  if (app !== undefined) await bed.workspace.write('apps/shop/src/main.ts', app);
  const commit = await bed.workspace.commit(`Propose ${text}`);
  await bed.workspace.git('checkout', '-q', 'main');
  return commit;
}

const pullRequest = (number: number, commit: string, head = REPOSITORY): GitHubEvent => ({
  event: 'pull_request',
  repository: REPOSITORY,
  branch: 'main',
  commit,
  api: host.url,
  pullRequest: { number, base: bed.commit, head },
});

/**
 * The workflow of a pull request, and the one of the branch that it starts.
 *
 * @param other the number that GitHub tells the second one. @default - the same
 */
async function runRequest(runner: Runner, event: GitHubEvent, other = event): Promise<readonly JobEnd[]> {
  await runWorkflow(runner, file('.github/workflows/sandbox-request.yml'), event);
  return runWorkflow(runner, file('.github/workflows/sandbox.yml'), { ...other, event: 'workflow_run' });
}

const close = async (event: GitHubEvent) =>
  runWorkflow(await bed.linking(), file('.github/workflows/sandbox-removal.yml'), {
    ...event,
    event: 'pull_request_target',
  });

describe('a pull request on GitHub', () => {
  test('gets an instance with its number, and a comment that says where it is', async () => {
    const ends = await runRequest(await bed.linking(), pullRequest(12, await propose('feature', 'proposed')));
    expect(green(ends)).toEqual(['synth', 'publish', 'deploy', 'comment']);
    expect(await revision('pr-12')).toBe('proposed');
    expect(outputOf(ends, 'deploy')).toMatch(/The instance pr-12 expires at /);
    expect(host.comments).toEqual([expect.stringMatching(/sandbox\/pr-12 is deployed.*[^]*Url: https:\/\/shop\./)]);
    expect(host.comments.join()).not.toContain('not-to-be-seen');
  });

  test('gets what it pushes, beside that of another one', async () => {
    green(await runRequest(await bed.linking(), pullRequest(12, await propose('feature', 'pushed'))));
    green(await runRequest(await bed.linking(), pullRequest(13, await propose('other', 'another'))));
    expect([await revision('pr-12'), await revision('pr-13')]).toEqual(['pushed', 'another']);
  });

  test('of a fork gets none', async () => {
    const event = pullRequest(14, await propose('forked', 'forked'), 'somebody/shop');
    const ends = await runRequest(await bed.linking(), event);
    expect(outcomes(ends)).toEqual({ synth: 'skipped', publish: 'skipped', deploy: 'skipped', comment: 'skipped' });
    expect(outcomes(await close(event))).toEqual({ remove: 'skipped', comment: 'skipped', reap: 'skipped' });
  });

  test('cannot put itself in the place of another one', async () => {
    const commit = await propose('feature', 'hostile');
    const ends = await runRequest(await bed.linking(), pullRequest(12, commit), pullRequest(13, commit));
    expect(outcomes(ends)).toMatchObject({ synth: 'success', publish: 'failure', deploy: 'skipped' });
    expect(outputOf(ends, 'publish')).toMatch(/does not hold that of the instance pr-13/);
    expect(await revision('pr-13')).toBe('another');
    expect(host.comments[0]).toContain('sandbox/pr-13 could not be deployed');
  });

  test('cannot bring a stack to the accounts of staging', async () => {
    const elsewhere = `import { App, Stack, Stage } from 'aws-cdk-lib';
const app = new App({ analyticsReporting: false });
const stage = new Stage(app, 'sandbox', { stageName: 'sandbox-pr-12' });
new Stack(stage, 'Shop', { env: { account: '${STAGING.account}', region: '${STAGING.region}' } });
`;
    const ends = await runRequest(await bed.linking(), pullRequest(12, await propose('hostile', 'hostile', elsewhere)));
    expect(outcomes(ends)).toMatchObject({ synth: 'success', publish: 'failure', deploy: 'skipped' });
    expect(outputOf(ends, 'publish')).toContain(STAGING.account);
  });

  test('deploys what was published, also if its assemblies are exchanged meanwhile', async () => {
    const runner = await bed.linking();
    runner.afterJob = (name, artifacts) => {
      if (name === 'publish') exchangeTemplates(join(artifacts, 'assemblies/assemblies.tar.gz'), 'honest', 'exchanged');
    };
    green(await runRequest(runner, pullRequest(12, await propose('feature', 'honest'))));
    expect(await revision('pr-12')).toBe('honest');
  });

  test('deploys nothing of what is stored, if the job that publishes has exchanged it', async () => {
    const runner = await bed.linking();
    const event = pullRequest(12, await propose('feature', 'stored'));
    runner.afterJob = async (name) => {
      if (name !== 'publish') return;
      const claims = gitHubClaims({ ...event, event: 'workflow_run' }, 'sandbox');
      const role = `arn:aws:iam::${CI.account}:role/shop-github-publish-sandbox`;
      const session = await sessionOf(bed.aws, CI.region, role, tokenOf(bed.aws, claims));
      await attackStored(bed.aws, session, SANDBOX, 'exchanged');
    };
    const ends = await runRequest(runner, event);
    expect(outcomes(ends)).toMatchObject({ publish: 'success', deploy: 'failure', comment: 'success' });
    expect(outputOf(ends, 'deploy')).toMatch(/s3:\S+ is not the assembly of release [0-9a-f]{12}: it holds release /);
    expect(await revision('pr-12')).toBe('honest');
  });

  test('has none any more when it is closed, the others stay, and the comment says so', async () => {
    const ends = await close(pullRequest(12, bed.commit));
    expect(outcomes(ends)).toEqual({ remove: 'success', comment: 'success', reap: 'skipped' });
    expect([await revision('pr-12'), await revision('pr-13')]).toEqual([undefined, 'another']);
    expect(host.comments).toEqual(['<!-- nx-cdk sandbox -->\n**The sandbox sandbox/pr-12 was removed.**\n']);
  });

  test('that is closed without one ends well, and what has not expired is not reaped', async () => {
    expect(outcomes(await close(pullRequest(99, bed.commit)))).toMatchObject({ remove: 'success' });
    const event: GitHubEvent = { ...pullRequest(0, bed.commit), event: 'schedule', pullRequest: undefined };
    const ends = await runWorkflow(await bed.linking(), file('.github/workflows/sandbox-removal.yml'), event);
    expect(outcomes(ends)).toEqual({ remove: 'skipped', comment: 'skipped', reap: 'success' });
    expect(outputOf(ends, 'reap')).toContain('No instance has expired.');
    expect(await revision('pr-13')).toBe('another');
  });
});

describe('a merge request on GitLab', () => {
  const mergeRequest = (commit: string, project = REPOSITORY): GitLabEvent => {
    const api = { url: host.url, token: 'token' };
    return { project, branch: 'feature', commit, api, mergeRequest: { iid: 21, base: bed.commit } };
  };
  const run = async (event: GitLabEvent) => runPipeline(await bed.linking(), file('.gitlab-ci.yml'), event);

  test('gets an instance, which the job that stops its environment removes', async () => {
    const commit = await propose('feature', 'merging');
    const ends = green(await run(mergeRequest(commit)));
    for (const name of ['synth', 'publish', 'deploy', 'comment']) expect(ends).toContain(`${name}-sandbox`);
    expect(await revision('pr-21')).toBe('merging');
    expect(host.comments.join()).toContain('sandbox/pr-21 is deployed');
    expect(green(await run({ ...mergeRequest(commit), stop: true }))).toEqual(['remove-sandbox']);
    expect(await revision('pr-21')).toBeUndefined();
  });

  test('a schedule reaps, looks for drift, and ships nothing', async () => {
    const event: GitLabEvent = { project: REPOSITORY, branch: 'main', commit: bed.commit };
    green(await run(event));
    expect(green(await run({ ...event, scheduled: true }))).toEqual(['synth', 'drift', 'reap']);
  });
});

describe('what somebody changed by hand', () => {
  beforeAll(async () => {
    const ssm = rootClients(bed.aws, STAGING).ssm();
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/shop/revision' }));
    expect(Parameter?.Value).toBe('one');
    await ssm.send(new PutParameterCommand({ Name: '/shop/revision', Value: 'meddled', Overwrite: true }));
  });

  test('fails the schedule of GitLab', async () => {
    const event: GitLabEvent = { project: REPOSITORY, branch: 'main', commit: bed.commit, scheduled: true };
    const ends = await runPipeline(await bed.linking(), file('.gitlab-ci.yml'), event);
    expect(outcomes(ends)).toEqual({ synth: 'success', drift: 'failure', reap: 'success' });
    expect(outputOf(ends, 'drift')).toMatch(/meddled|Value/);
  });

  test('fails the pipeline of CircleCI that a schedule starts, which ships nothing', async () => {
    const event = { ...CIRCLECI, repository: REPOSITORY, branch: 'main', commit: bed.commit, nightly: true };
    const ends = await runConfig(await bed.linking(), file('.circleci/config.yml'), event);
    expect(outcomes(ends)).toEqual({ synth: 'success', drift: 'failure' });
    expect(await revision()).toBe('meddled');
  });
});

describe('a token', () => {
  const session = (system: string, step: string, claims: Claims) =>
    sessionOf(bed.aws, CI.region, `arn:aws:iam::${CI.account}:role/shop-${system}-${step}`, tokenOf(bed.aws, claims));
  const gitHub = (event: Partial<GitHubEvent>, environment?: string) =>
    gitHubClaims({ ...pullRequest(12, ''), ...event }, environment);
  const gitLab = (project: string, branch: string) => ({
    ...gitLabClaims({ project, branch }),
    aud: 'https://gitlab.com',
  });
  const staging = `deploy-staging-${STAGING.account}-${STAGING.region}`;

  test.each<[string, string, string, () => Claims]>([
    ['of a workflow of the branch', 'github', 'deploy-sandbox', () => gitHub({ event: 'workflow_run' }, 'sandbox')],
    ['when it is closed', 'github', 'deploy-sandbox', () => gitHub({ event: 'pull_request_target' }, 'sandbox')],
    ['of a merge request', 'gitlab', 'publish-sandbox', () => gitLab(REPOSITORY, 'feature')],
  ])('%s (%s) gets the role of a sandbox', async (_, system, step, claims) => {
    expect(await session(system, step, claims())).toHaveProperty('sessionToken');
  });

  test.each<[string, string, string, () => Claims]>([
    ['of a pull request', 'github', 'deploy-sandbox', () => gitHub({})],
    ['of a pull request that names the environment', 'github', 'deploy-sandbox', () => gitHub({}, 'sandbox')],
    ['of another branch', 'github', 'publish-sandbox', () => gitHub({ event: 'push', branch: 'feature' }, 'sandbox')],
    ['of the branch, without the environment', 'github', 'deploy-sandbox', () => gitHub({ event: 'workflow_run' })],
    ['of a fork', 'github', 'deploy-sandbox', () => gitHub({ repository: 'somebody/shop' }, 'sandbox')],
    ['for a sandbox, to deploy staging', 'github', staging, () => gitHub({ event: 'workflow_run' }, 'sandbox')],
    ['of a fork', 'gitlab', 'deploy-sandbox', () => gitLab('somebody/shop', 'feature')],
    ['of a merge request, to deploy staging', 'gitlab', staging, () => gitLab(REPOSITORY, 'feature')],
    ['of a merge request, to look for drift', 'gitlab', 'drift', () => gitLab(REPOSITORY, 'feature')],
  ])('%s (%s) does not get %s', async (_, system, step, claims) => {
    await expect(session(system, step, claims())).rejects.toMatchObject({
      name: expect.stringMatching(/AccessDenied|InvalidIdentityToken/),
    });
  });

  test('for a sandbox reaches no role of staging', async () => {
    const credentials = await session('github', 'deploy-sandbox', gitHub({ event: 'workflow_run' }, 'sandbox'));
    const { code, output } = await (
      await bed.linking()
    ).shell(
      'export PATH="$PWD/node_modules/.bin:$PATH"; nx synth shop && nx deploy-staging shop --excludeTaskDependencies',
      bed.workspace.root,
      { AWS_REGION: CI.region },
      credentials,
    );
    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(/may not sts:AssumeRole/);
  });
});
