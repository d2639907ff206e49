import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  gitHubClaims,
  type GitHubEvent,
  green,
  outcomes,
  outputOf,
  runConfig,
  type Runner,
  runPipeline,
  runWorkflow,
  sessionOf,
  tokenOf,
} from 'test-bed/ci';
import { exchangeTemplates, hostileModule, uploadTools } from './attacks.ts';
import { type CiBed, CIRCLECI, openCiBed, REPOSITORY } from './ci-bed.ts';
import { readings } from './diff-role.ts';
import { CI, PROD, STAGING } from './small-workspace.ts';

/** The generated files, and the role that is nearest to a pull request, in bad company. */
let bed: CiBed;
beforeAll(async () => {
  bed = await openCiBed();
});
afterAll(() => bed?.close());

const file = (name: string) => join(bed.workspace.root, name);
const PUSH: GitHubEvent = { event: 'push', repository: REPOSITORY, branch: 'main', commit: '' };

describe('an app that takes over the job that synthesizes', () => {
  let commit: string;
  let marker: string;
  beforeAll(async () => {
    marker = file('../taken-over');
    await bed.workspace.git('checkout', '-q', '-b', 'hostile');
    await bed.workspace.write('apps/shop/src/revision.ts', hostileModule('reviewed', marker));
    commit = await bed.workspace.commit('Looks harmless');
    await bed.workspace.git('checkout', '-q', 'main');
  });
  afterEach(() => expect(existsSync(marker) ? readFileSync(marker, 'utf8') : '').toBe(''));

  /** What the assemblies hold is changed once more when they were published, by who took over that job too. */
  const exchanging = (archive: string, runner: Runner) => {
    runner.afterJob = (name, artifacts) => {
      if (name === 'publish') exchangeTemplates(join(artifacts, archive), 'reviewed', 'exchanged');
    };
    return runner;
  };

  test('changes nothing of what GitHub Actions runs later, and what was released stays what it was', async () => {
    const runner = exchanging('assemblies/assemblies.tar.gz', await bed.linking());
    const ends = await runWorkflow(runner, file('.github/workflows/deploy.yml'), { ...PUSH, commit });
    expect(outcomes(ends)).toMatchObject({ synth: 'success', publish: 'success', 'deploy-prod': 'skipped' });
    expect(outputOf(ends, 'deploy-staging')).toMatch(/template\.json is not what it is in release /);
  });

  test('changes nothing of what CircleCI runs later, and what was released stays what it was', async () => {
    const runner = exchanging('workspace/assemblies.tar.gz', await bed.linking());
    const event = { ...CIRCLECI, repository: REPOSITORY, branch: 'main', commit };
    const ends = await runConfig(runner, file('.circleci/config.yml'), event);
    expect(outcomes(ends)).toMatchObject({ synth: 'success', publish: 'success' });
    expect(outputOf(ends, 'deploy-staging')).toMatch(/template\.json is not what it is in release /);
  });

  test('changes nothing on GitLab, whatever jobs upload as their artifacts', async () => {
    const runner = await bed.linking();
    runner.afterJob = (name, artifacts) => {
      uploadTools(join(artifacts, name), marker);
      if (name !== 'publish') return;
      cpSync(join(artifacts, 'synth/handover'), join(artifacts, 'publish/handover'), { recursive: true });
      exchangeTemplates(join(artifacts, 'publish/handover/assemblies.tar.gz'), 'reviewed', 'exchanged');
    };
    const ends = await runPipeline(runner, file('.gitlab-ci.yml'), { project: REPOSITORY, branch: 'main', commit });
    green(ends);
    expect(
      await Promise.all([STAGING, PROD].map(({ account, region }) => bed.parameter(account, region, '/shop/revision'))),
    ).toEqual(['reviewed', 'reviewed']);
  });

  test('of a merge request gets nowhere near the role that shows changes', async () => {
    const runner = await bed.linking();
    runner.afterJob = (name, artifacts) => uploadTools(join(artifacts, name), marker);
    const mergeRequest = { iid: 13, base: await bed.workspace.git('rev-parse', 'main') };
    const event = { project: REPOSITORY, branch: 'hostile', commit, mergeRequest };
    expect(green(await runPipeline(runner, file('.gitlab-ci.yml'), event))).toEqual(['synth-merge-request', 'diff']);
  });
});

describe('the role that shows changes', () => {
  const role = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
  const looking = () =>
    sessionOf(
      bed.aws,
      CI.region,
      role(CI.account, 'shop-github-diff'),
      tokenOf(bed.aws, gitHubClaims(PUSH, 'pull_requests')),
    );

  test('reads stacks of prod, and no object, parameter or table', async () => {
    expect(await readings(bed.aws, await looking(), PROD, role(PROD.account, 'shop-github-diff'))).toEqual({
      stack: 'allowed',
      objects: 'AccessDenied',
      object: 'AccessDenied',
      parameter: 'AccessDeniedException',
      table: 'AccessDeniedException',
    });
  });

  test.each([
    ['the lookup role, which may read them', `cdk-hnb659fds-lookup-role-${PROD.account}-${PROD.region}`],
    ['the deploy role', `cdk-hnb659fds-deploy-role-${PROD.account}-${PROD.region}`],
    ['what another CI shows changes with', 'shop-gitlab-diff'],
  ])('cannot assume %s', async (_, name) => {
    const outcomes = await readings(bed.aws, await looking(), PROD, role(PROD.account, name));
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['AccessDenied']));
  });
});
