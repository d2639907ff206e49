import { parse } from 'yaml';
import type { CiGeneratorSchema } from './schema.d.ts';
import { CIRCLECI, generatorBed, target } from './testing/generator-bed.ts';

let bed: ReturnType<typeof generatorBed>;
beforeEach(() => {
  bed = generatorBed();
});
afterEach(() => bed.workspace.dispose());

const environments = (more: object) => bed.environments(more);
const generate = (options: CiGeneratorSchema) => bed.generate(options);
const read = (file: string) => bed.read(file);

describe('GitHub Actions', () => {
  interface Job {
    readonly name?: string;
    readonly outputs?: Record<string, string>;
    readonly env?: Record<string, string>;
    readonly needs?: string | string[];
    readonly permissions?: object;
    readonly environment?: string;
    readonly if?: string;
    readonly steps: readonly {
      readonly uses?: string;
      readonly run?: string;
      readonly with?: Record<string, unknown>;
    }[];
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
      releases: { contents: 'read' },
      publish: { contents: 'read', 'id-token': 'write' },
      'deploy-staging': { contents: 'read', 'id-token': 'write' },
      'deploy-prod': { contents: 'read', 'id-token': 'write' },
    });
    expect(permissions(await jobs('pull-request'))).toEqual({ synth: { contents: 'read' } });
    expect(permissions(await jobs('diff'))).toEqual({
      diff: { actions: 'read', contents: 'read', 'id-token': 'write' },
      comment: { contents: 'read', 'pull-requests': 'write' },
    });
    expect(parse(read('.github/workflows/deploy.yml')).permissions).toEqual({});
  });

  test('drift is looked for each night where somebody asked for it, by a job of its own with a role of its own', async () => {
    expect(await generate({ system: 'github' })).not.toContain('.github/workflows/drift.yml');
    await generate({ system: 'github', drift: true });
    const workflow = parse(read('.github/workflows/drift.yml')) as { on: object; jobs: Record<string, Job> };
    expect(workflow).toMatchObject({ on: { schedule: [{ cron: '17 3 * * *' }] }, permissions: {} });
    expect(permissions(workflow.jobs)).toEqual({
      synth: { contents: 'read' },
      drift: { contents: 'read', 'id-token': 'write' },
    });
    expect(workflow.jobs['drift']!.steps).toContainEqual(
      expect.objectContaining({
        with: expect.objectContaining({ 'role-to-assume': expect.stringMatching(/-github-drift$/) }),
      }),
    );
    expect(read('.github/workflows/drift.yml')).toMatch(
      /npx nx run-many -t drift-staging drift-prod --excludeTaskDependencies .*--failOnDrift --release="\$RELEASES"$/m,
    );
    expect(read('apps/github-access/src/main.ts')).toContain("stepsWithRoles(environments, 'github', { drift: true })");
  });

  test('each environment waits for the one before, and is one of GitHub, where approval is', async () => {
    const { publish, 'deploy-staging': staging, 'deploy-prod': prod } = await jobs('deploy');
    expect([publish?.needs, staging?.needs, prod?.needs]).toEqual([
      'synth',
      ['synth', 'releases', 'publish'],
      ['synth', 'releases', 'publish', 'deploy-staging'],
    ]);
    expect([publish?.environment, staging?.environment, prod?.environment]).toEqual([undefined, 'staging', 'prod']);
  });

  test('whoever approves sees the releases, as a job names them that runs no code of the apps', async () => {
    const { synth, releases, publish, ...deploying } = await jobs('deploy');
    // What is deployed is what synth hands over, and what is shown is made of the same.
    expect(synth!.outputs).toEqual({ releases: '${{ steps.synthesize.outputs.releases }}' });
    for (const job of [releases!, publish!, ...Object.values(deploying)])
      expect(job.env?.['RELEASES']).toBe('${{ needs.synth.outputs.releases }}');
    expect(releases).toMatchObject({ needs: 'synth', outputs: { named: '${{ steps.name.outputs.named }}' } });
    expect(releases!.steps.map(({ run = '' }) => run).join('\n')).not.toMatch(/nx (?!nx-cdk)|tar |synth/);
    expect(JSON.stringify(releases)).toContain('npx nx-cdk name-releases --releases=\\"$RELEASES\\"');
    for (const [id, job] of Object.entries(deploying))
      expect(job.name).toBe(`${id} \${{ matrix.group }} (\${{ needs.releases.outputs.named }})`);
  });

  test('the archive is for the job that publishes, and is kept for days', async () => {
    const all = await jobs('deploy');
    const uses = (action: string) =>
      Object.keys(all).filter((job) =>
        all[job]!.steps.some((step) => step.uses?.includes(action) && step.with?.['name'] === 'assemblies'),
      );
    expect([uses('upload-artifact'), uses('download-artifact')]).toEqual([['synth'], ['publish']]);
    expect(all['synth']!.steps).toContainEqual(
      expect.objectContaining({ with: expect.objectContaining({ name: 'assemblies', 'retention-days': 5 }) }),
    );
  });

  test('pages of runs are kept, also of those that failed, and a page that cannot be kept fails no job', async () => {
    const { publish, 'deploy-prod': prod, synth } = await jobs('deploy');
    const kept = ({ steps }: Job) =>
      (steps as { uses?: string; with?: { name?: string; path?: string } }[]).filter(
        (step) => step.uses?.startsWith('actions/upload-artifact@') && step.with?.path === 'dist/reports',
      );
    expect(kept(synth!)).toEqual([]);
    for (const [job, name] of [
      [publish!, 'reports-publish'],
      [prod!, 'reports-deploy-prod-${{ matrix.group }}'],
    ] as const) {
      expect(kept(job)).toMatchObject([{ if: '${{ !cancelled() }}', 'continue-on-error': true, with: { name } }]);
      expect(job.steps.at(-1)).toBe(kept(job)[0]);
    }
  });

  test('one deployment runs at a time and none is cancelled', async () => {
    await jobs('deploy');
    expect(parse(read('.github/workflows/deploy.yml')).concurrency).toEqual({
      group: 'deploy',
      'cancel-in-progress': false,
    });
  });

  test('a fork gets no role, and a pull request one that its own workflow cannot get', async () => {
    const { diff } = await jobs('diff');
    expect(diff?.if).toContain('github.event.workflow_run.head_repository.full_name == github.repository');
    expect(diff?.environment).toBe('pull_requests');
    expect(parse(read('.github/workflows/diff.yml')).on).toEqual({
      workflow_run: { workflows: ['pull-request'], types: ['completed'] },
    });
  });

  test('what shows changes and what comments has the code of the branch', async () => {
    for (const { steps } of Object.values(await jobs('diff'))) {
      const [checkout] = steps as { uses?: string; with?: object }[];
      expect(checkout).toMatchObject({ uses: expect.stringContaining('checkout'), with: { ref: 'main' } });
    }
  });

  test('workflows of the default branch show changes, and a branch is named where AWS compares it', async () => {
    await bed.generate({ system: 'github', branch: 'release', defaultBranch: 'main' });
    expect(read('apps/github-access/src/main.ts')).toContain("branch: 'release', defaultBranch: 'main' })");
    environments({ ci: target('123456789012', 'cn-north-1') });
    await generate({ system: 'github' });
    expect(read('apps/github-access/src/main.ts')).toContain('refs: false');
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

  test('jobs of both keep the pages of their runs', async () => {
    await generate({ system: 'gitlab' });
    const gitlab = parse(read('.gitlab-ci.yml'));
    for (const job of ['publish', 'deploy-staging', 'deploy-prod']) {
      expect(gitlab[job].artifacts).toMatchObject({ when: 'always', paths: ['run-reports'], access: 'developer' });
    }
    expect(gitlab.diff.script[0]).not.toContain('run-reports');
    const id = '0a1b2c3d-0000-4000-8000-000000000001';
    await generate({ system: 'circleci', organizationId: id, projectId: id });
    const circleci = parse(read('.circleci/config.yml'));
    for (const job of ['publish', 'deploy-staging', 'deploy-prod']) {
      expect(circleci.jobs[job].steps).toContainEqual({ store_artifacts: { path: 'workspace/dist/reports' } });
    }
  });

  test('jobs of GitLab take artifacts of no job that has a role, and those that deploy only digests', async () => {
    await generate({ system: 'gitlab' });
    const config = parse(read('.gitlab-ci.yml'));
    expect([config.publish.needs, config['deploy-staging'].needs, config['deploy-prod'].needs]).toEqual([
      ['synth'],
      ['releases', { job: 'publish', artifacts: false }],
      ['releases', { job: 'deploy-staging', artifacts: false }],
    ]);
    for (const job of ['synth', 'releases']) expect(config[job].artifacts.reports).toBeUndefined();
    expect(config.synth.artifacts).toMatchObject({ expire_in: '5 days' });
    expect(config.releases.artifacts).toEqual({
      paths: ['handover/releases'],
      access: 'developer',
      expire_in: 'never',
    });
  });

  test('what hands the digests on in GitLab has no role and runs nothing but the shell', async () => {
    await generate({ system: 'gitlab' });
    const { releases } = parse(read('.gitlab-ci.yml'));
    expect(releases).toMatchObject({ needs: ['synth'], variables: { GIT_STRATEGY: 'none' } });
    expect([releases.id_tokens, releases.environment, releases.cache]).toEqual([undefined, undefined, undefined]);
    expect(releases.script[0]).not.toMatch(/npx|npm|node|git |tar /);
  });

  test('of the workspace of CircleCI, a job that deploys reads what names the releases, and unpacks nothing', async () => {
    await generate(CIRCLECI);
    const { jobs } = parse(read('.circleci/config.yml'));
    const filesOf = (job: string) => [...new Set(JSON.stringify(jobs[job]).match(/\.\.\/handover\/[\w.-]+/g))];
    expect(filesOf('publish')).toEqual(['../handover/releases', '../handover/assemblies.tar.gz']);
    expect(filesOf('deploy-prod')).toEqual(['../handover/releases']);
    expect(jobs['deploy-prod'].steps[0]).toEqual({ attach_workspace: { at: 'handover' } });
  });

  test('roles of GitLab demand a protected environment, if tokens name it', async () => {
    await generate({ system: 'gitlab' });
    expect(read('apps/gitlab-access/src/main.ts')).not.toContain('tiers');
    await generate({ system: 'gitlab', protectedEnvironments: true });
    expect(read('apps/gitlab-access/src/main.ts')).toContain("tiers: { staging: 'staging', prod: 'production' }");
    const config = parse(read('.gitlab-ci.yml'));
    expect([config['deploy-staging'].environment, config['deploy-prod'].environment]).toEqual([
      { name: 'staging', deployment_tier: 'staging' },
      { name: 'prod', deployment_tier: 'production' },
    ]);
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
