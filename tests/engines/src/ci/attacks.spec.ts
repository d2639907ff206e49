import { cpSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  circleCiClaims,
  type Claims,
  gitHubClaims,
  type GitHubEvent,
  gitLabClaims,
  green,
  type JobEnd,
  outputOf,
  runConfig,
  runPipeline,
  runWorkflow,
  sessionOf,
  tokenOf,
} from 'test-bed/ci';
import { exchangeTemplates, hostileModule, uploadTools } from './attacks.ts';
import { type CiBed, CIRCLECI, openCiBed, REPOSITORY } from './ci-bed.ts';
import { readings } from './diff-role.ts';
import { CI, PROD, STAGING } from './small-workspace.ts';
import { attackStored, type StoredAttack } from './stored-attacks.ts';

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

  /** What is deployed, of each environment. */
  const revisions = () =>
    Promise.all([STAGING, PROD].map(({ account, region }) => bed.parameter(account, region, '/shop/revision')));

  /** The job that publishes is taken over too: with its role, it attacks what it has stored for staging. */
  const attacking = async (attack: StoredAttack, system: string, claims: Claims) => {
    const runner = await bed.linking();
    runner.afterJob = async (name, artifacts) => {
      if (name !== 'publish') return;
      for (const archive of globSync('**/assemblies.tar.gz', { cwd: artifacts }))
        exchangeTemplates(join(artifacts, archive), 'reviewed', 'exchanged');
      const role = `arn:aws:iam::${CI.account}:role/shop-${system}-publish`;
      const session = await sessionOf(bed.aws, CI.region, role, tokenOf(bed.aws, claims));
      expect(await attackStored(bed.aws, session, STAGING, attack)).not.toEqual([]);
    };
    return runner;
  };

  /** How each CI ships a commit, after publish was taken over. */
  const SHIP: Readonly<Record<string, (attack: StoredAttack) => Promise<readonly JobEnd[]>>> = {
    'GitHub Actions': async (attack) => {
      const runner = await attacking(attack, 'github', gitHubClaims(PUSH));
      return runWorkflow(runner, file('.github/workflows/deploy.yml'), { ...PUSH, commit });
    },
    GitLab: async (attack) => {
      const event = { project: REPOSITORY, branch: 'main', commit };
      const runner = await attacking(attack, 'gitlab', { ...gitLabClaims(event), aud: 'https://gitlab.com' });
      return runPipeline(runner, file('.gitlab-ci.yml'), event);
    },
    CircleCI: async (attack) => {
      const event = { ...CIRCLECI, repository: REPOSITORY, branch: 'main', commit };
      const runner = await attacking(attack, 'circleci', circleCiClaims(event));
      return runConfig(runner, file('.circleci/config.yml'), event);
    },
  };

  test.each<[string, StoredAttack, RegExp]>([
    [
      'GitHub Actions',
      'changed',
      /s3:\S+ is not the assembly of release [0-9a-f]{12}: its \S+template\.json is not what/,
    ],
    [
      'GitHub Actions',
      'exchanged',
      /s3:\S+ is not the assembly of release [0-9a-f]{12}: it holds release [0-9a-f]{12}/,
    ],
    ['GitLab', 'replaced', /s3:\S+ is not the assembly of release [0-9a-f]{12}: incorrect header/],
    ['CircleCI', 'deleted', /The assembly of release [0-9a-f]{64} is neither here nor in cdk-hnb659fds-assets-/],
  ])(
    '%s deploys nothing of a stored assembly that publish has %s, and says which',
    async (system, attack, sentence) => {
      const before = await revisions();
      const ends = await SHIP[system]!(attack);
      const [synth, publish, staging, prod] = ['synth', 'publish', 'deploy-staging', 'deploy-prod'].map(
        (job) => ends.find(({ name }) => name.startsWith(job))?.outcome,
      );
      expect([synth, publish, staging, prod]).toEqual(['success', 'success', 'failure', 'skipped']);
      expect(outputOf(ends, 'deploy-staging')).toMatch(sentence);
      expect(await revisions()).toEqual(before);
    },
  );

  test('changes nothing on GitLab, whatever jobs upload as their artifacts', async () => {
    const runner = await bed.linking();
    runner.afterJob = (name, artifacts) => {
      uploadTools(join(artifacts, name), marker);
      if (name !== 'publish') return;
      // Of synth too, as if somebody could write there.
      exchangeTemplates(join(artifacts, 'synth/handover/assemblies.tar.gz'), 'reviewed', 'exchanged');
      cpSync(join(artifacts, 'synth/handover'), join(artifacts, 'publish/handover'), { recursive: true });
      writeFileSync(join(artifacts, 'publish/handover/releases'), `shop=${'0'.repeat(64)}\n`);
    };
    const ends = await runPipeline(runner, file('.gitlab-ci.yml'), { project: REPOSITORY, branch: 'main', commit });
    green(ends);
    expect(await revisions()).toEqual(['reviewed', 'reviewed']);
  });

  test('leaves no archive and no assembly where deployments run, but for the workspace of CircleCI', () => {
    const deploying = globSync('*/deploy-*', { cwd: file('..') });
    expect(deploying.length).toBeGreaterThan(3);
    const found = deploying.flatMap((folder) =>
      globSync('**/{*.tar.gz,cdk.out}', { cwd: file(join('..', folder)), exclude: ['**/node_modules'] }),
    );
    expect(new Set(found)).toEqual(new Set(['handover/assemblies.tar.gz']));
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
