import { parse } from 'yaml';
import { check } from 'prettier';
import type { CiGeneratorSchema } from './schema.d.ts';
import { CIRCLECI, generatorBed, PRETTIER, SANDBOX, target } from './testing/generator-bed.ts';

const STAGING = { name: 'staging', targets: [target('111111111111')] };

let bed: ReturnType<typeof generatorBed>;
beforeEach(() => {
  bed = generatorBed();
  bed.environments({ environments: [STAGING, SANDBOX] });
});
afterEach(() => bed.workspace.dispose());

const generate = (options: CiGeneratorSchema) => bed.generate({ sandboxes: 'sandbox', ...options });
const role = (step: string) => `arn:aws:iam::123456789012:role/shop-${step}`;

describe.each(['github', 'gitlab'] as const)('for %s', (system) => {
  test('nothing is written of sandboxes if nobody asks for them', async () => {
    const files = await bed.generate({ system });
    expect(files.map(bed.read).join('\n')).not.toMatch(/sandbox/i);
  });

  test('a second time there is nothing to write, and all is formatted', async () => {
    for (const file of await generate({ system })) {
      expect([file, await check(bed.read(file), { ...PRETTIER, filepath: file })]).toEqual([file, true]);
    }
    expect(await generate({ system })).toEqual([]);
  });

  test('the roles are made for them, in the access app', async () => {
    await generate({ system });
    const app = bed.read(`apps/${system}-access/src/main.ts`);
    expect(app).toContain(`stepsWithRoles(environments, '${system}', { sandboxes: 'sandbox' })`);
  });

  test('what the author of a request writes is no part of a command', async () => {
    const text = (await generate({ system }))
      .filter((file) => /\.ya?ml$/.test(file))
      .map(bed.read)
      .join('\n');
    // Titles, texts and names of branches are what an author chooses; a number is what the system gives.
    expect(text).not.toMatch(/github\.head_ref|\.head\.ref|\.title|\.body|\.label|head_commit/);
    expect(text).not.toMatch(
      /CI_MERGE_REQUEST_(TITLE|DESCRIPTION|LABELS|SOURCE_BRANCH_NAME)|CI_COMMIT_(MESSAGE|TITLE)/,
    );
    for (const [, name] of text.matchAll(/INSTANCE: (.*)$/gm)) {
      expect(name).toMatch(
        /^pr-(\$\{\{ github\.event\.(workflow_run\.pull_requests\[0\]|pull_request)\.number \}\}|\$CI_MERGE_REQUEST_IID)$/,
      );
    }
    // In commands, variables stand in quotes.
    for (const line of text.split('\n').filter((one) => /npx nx/.test(one))) {
      expect(line).not.toMatch(/\$\{\{|[^"$]\$(INSTANCE|PROJECTS|RELEASES|COMMIT|PULL_REQUEST)/);
    }
  });
});

describe('GitHub Actions', () => {
  interface Job {
    readonly if?: string;
    readonly environment?: string;
    readonly permissions: object;
    readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, string>> }[];
  }
  const workflow = async (name: string) => {
    await generate({ system: 'github' });
    return parse(bed.read(`.github/workflows/${name}.yml`)) as {
      readonly on: object;
      readonly permissions: object;
      readonly jobs: Readonly<Record<string, Job>>;
    };
  };
  /** The role of each job that gets one, with the GitHub environment that it needs. */
  const rolesIn = (jobs: Readonly<Record<string, Job>>) =>
    Object.entries(jobs).flatMap(([name, { environment, steps }]) =>
      steps.flatMap((one) => (one.with?.['role-to-assume'] ? [[name, one.with['role-to-assume'], environment]] : [])),
    );

  test('what runs code of the pull request has no role and no token', async () => {
    const { on, permissions, jobs } = await workflow('sandbox-request');
    expect([on, permissions]).toEqual([{ pull_request: { branches: ['main'] } }, {}]);
    expect(Object.keys(jobs)).toEqual(['synth']);
    expect(jobs['synth']?.permissions).toEqual({ contents: 'read' });
    expect(rolesIn(jobs)).toEqual([]);
  });

  test('what has a role runs the code of the branch, in an environment of GitHub', async () => {
    const made = await workflow('sandbox');
    expect(made.on).toEqual({ workflow_run: { workflows: ['sandbox-request'], types: ['completed'] } });
    expect(rolesIn(made.jobs)).toEqual([
      ['publish', role('github-publish-sandbox'), 'sandbox'],
      ['deploy', role('github-deploy-sandbox'), 'sandbox'],
    ]);
    const removed = await workflow('sandbox-removal');
    expect(removed.on).toMatchObject({ pull_request_target: { types: ['closed'] } });
    expect(rolesIn(removed.jobs)).toEqual([
      ['remove', role('github-deploy-sandbox'), 'sandbox'],
      ['reap', role('github-deploy-sandbox'), 'sandbox'],
    ]);
    for (const { steps } of [...Object.values(made.jobs), ...Object.values(removed.jobs)]) {
      expect(steps[0]).toMatchObject({ uses: expect.stringContaining('checkout'), with: { ref: 'main' } });
    }
  });

  test('what deploys gets of what was published the digests alone, and both keep the pages of their runs', async () => {
    const { publish, deploy } = (await workflow('sandbox')).jobs as Record<string, Job & Record<string, object>>;
    expect(publish!['outputs']).toEqual({
      releases: '${{ steps.take-over.outputs.releases }}',
      projects: '${{ steps.take-over.outputs.projects }}',
    });
    expect(deploy!['env']).toMatchObject({
      RELEASES: '${{ needs.publish.outputs.releases }}',
      PROJECTS: '${{ needs.publish.outputs.projects }}',
    });
    expect(JSON.stringify(deploy)).not.toMatch(/download-artifact|take-over|tar /);
    expect(deploy!.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    for (const [name, job] of Object.entries({ 'reports-publish': publish!, 'reports-deploy': deploy! })) {
      expect(job.steps).toContainEqual(
        expect.objectContaining({ with: expect.objectContaining({ name, path: 'dist/reports' }) }),
      );
    }
  });

  test('what removes takes no artifact', async () => {
    const { jobs } = await workflow('sandbox-removal');
    expect(JSON.stringify(jobs)).not.toContain('download-artifact');
  });

  test('what comments has no role, and what has a role may not comment', async () => {
    for (const name of ['sandbox', 'sandbox-removal']) {
      for (const [job, { permissions }] of Object.entries((await workflow(name)).jobs)) {
        expect(Object.keys(permissions).includes('pull-requests')).toBe(job === 'comment');
        expect(Object.keys(permissions).includes('id-token')).toBe(job !== 'comment');
      }
    }
  });

  test('forks get none', async () => {
    const own = 'head_repository.full_name == github.repository';
    expect((await workflow('sandbox')).jobs['publish']?.if).toContain(own);
    const removal = (await workflow('sandbox-removal')).jobs['remove']?.if;
    expect(removal).toContain('github.event.pull_request.head.repo.full_name == github.repository');
  });
});

describe('GitLab', () => {
  test('an environment of the merge request is stopped by a job that takes nothing from it', async () => {
    await generate({ system: 'gitlab', sandboxLifetime: '2w' });
    const config = parse(bed.read('.gitlab-ci.yml'));
    const name = 'sandbox/pr-$CI_MERGE_REQUEST_IID';
    expect(config['deploy-sandbox'].environment).toEqual({
      ...{ name, deployment_tier: 'development', on_stop: 'remove-sandbox', auto_stop_in: '2 weeks' },
    });
    const { needs, rules, environment } = config['remove-sandbox'];
    expect([needs, environment]).toEqual([[], { name, action: 'stop', deployment_tier: 'development' }]);
    expect(rules).toEqual([expect.objectContaining({ when: 'manual', allow_failure: true })]);
  });

  test('what deploys gets of what was published the digests alone, and both keep the pages of their runs', async () => {
    await generate({ system: 'gitlab' });
    const { 'publish-sandbox': publish, 'deploy-sandbox': deploy } = parse(bed.read('.gitlab-ci.yml'));
    const kept = { when: 'always', access: 'developer' };
    expect(publish.artifacts).toMatchObject({
      ...kept,
      paths: ['run-reports', 'handover/releases', 'handover/projects'],
    });
    expect(deploy.artifacts).toMatchObject({ ...kept, paths: ['run-reports', 'sandbox-outputs'] });
    expect(deploy.needs).toEqual(['publish-sandbox']);
    expect(deploy.script[0]).not.toMatch(/take-over|tar |assemblies/);
  });

  test('roles go to jobs of merge requests of the project itself', async () => {
    await generate({ system: 'gitlab' });
    const config = parse(bed.read('.gitlab-ci.yml'));
    const own = '$CI_MERGE_REQUEST_SOURCE_PROJECT_PATH == $CI_PROJECT_PATH';
    for (const job of ['publish-sandbox', 'deploy-sandbox']) expect(config[job].extends[0]).toBe('.merge-request');
    for (const job of ['.merge-request', 'remove-sandbox']) expect(config[job].rules[0].if).toContain(own);
    expect(config['publish-sandbox'].variables.AWS_ROLE_ARN).toBe(role('gitlab-publish-sandbox'));
    expect(config['deploy-sandbox'].variables.AWS_ROLE_ARN).toBe(role('gitlab-deploy-sandbox'));
    expect(config['synth-sandbox'].id_tokens).toBeUndefined();
  });
});

describe('refused is', () => {
  test('CircleCI, which starts nothing when a pull request is closed', async () => {
    await expect(generate(CIRCLECI)).rejects.toThrow(/--sandboxes is for GitHub and GitLab/);
  });

  test('a lifetime that is none', async () => {
    await expect(generate({ system: 'github', sandboxLifetime: '7d --force' })).rejects.toThrow(
      /^--sandboxLifetime is "7d --force": give a number/,
    );
  });

  test('an account that another environment has too', async () => {
    bed.environments({ environments: [STAGING, { ...SANDBOX, targets: [target('111111111111', 'us-east-1')] }] });
    await expect(generate({ system: 'github' })).rejects.toThrow(/The account 111111111111 of sandbox is also/);
  });
});
