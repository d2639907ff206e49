import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CI,
  DeployedApi,
  ENVIRONMENTS,
  linkingNpm,
  openWorkspaceBed,
  type Place,
  imagesAreTested,
  PROD,
  rootClients,
  STAGING,
  type WorkspaceBed,
} from 'test-bed';
import { loadHostileModule, REWRITE_ASSEMBLIES, REWRITE_TOOLS } from './hostile.ts';
import { commitEnvironments, type Walk, walkOf, withoutImages } from './walk.ts';

/** The key that signs releases, those of the pipeline too. */
const SIGNING = {
  key: `arn:aws:kms:${CI.region}:${CI.account}:key/5a1e0c2f-7d3b-4f86-9a40-6b1d2c3e4f50`,
  algorithm: 'ECDSA_SHA_256',
} as const;

/** The first is checked after its stacks, by the app. */
const [FIRST, ...OTHERS] = ENVIRONMENTS.environments;
const CHECKED = [{ ...FIRST, verify: 'verify' }, ...OTHERS];

/** The environments of the first commit, and those of the second: one more. */
const GROWN = { ...ENVIRONMENTS, signing: SIGNING, environments: CHECKED };
const SMALL = { ...GROWN, environments: CHECKED.slice(0, 1) };

/** What the pipeline was before its deploy steps got digests alone, and what it is. */
const PLAN = 'libs/constructs/src/pipeline/step-plan.ts';
const OLDER = 'map((step) => publish(step, `Deploy-${step.group}`))';
const NEWER = 'map(deploy)';

describe('The pipeline, walked on a laptop', () => {
  let bed: WorkspaceBed;
  let ci: Record<string, string>;
  /**
   * With an npm that links the packages of the checkout: one walk installs and hands over for real, the others
   * are about something else.
   */
  let programs: string;

  beforeAll(async () => {
    bed = await openWorkspaceBed({ signing: SIGNING });
    if (!imagesAreTested()) await withoutImages(bed.workspace);
    ci = bed.local.environment();
    // Nx reads it in every step.
    await bed.workspace.write('.env', `${await bed.workspace.read('.env')}CDK_VALIDATION=false\n`);
    await bed.workspace.replace(PLAN, NEWER, OLDER);
    await commitEnvironments(bed.workspace, SMALL);
    await bed.workspace.nx(['bootstrap', 'infra'], ci);
    programs = await linkingNpm(join(bed.workspace.temporary, 'programs'));
    await bed.workspace.nx(['deploy', 'pipeline'], ci);
  });
  afterAll(() => bed?.close());

  describe('after a commit that adds an environment, and takes the archive from the steps that deploy', () => {
    let walk: Walk;
    beforeAll(async () => {
      await bed.workspace.replace(PLAN, OLDER, NEWER);
      await commitEnvironments(bed.workspace, GROWN);
      await bed.workspace.nx(['bootstrap-prod', 'infra'], ci);
      walk = await walkOf(bed, ['--no-deploy', '--approve']);
    });

    test('changes itself and goes on with what it has become', () => {
      expect(walk).toMatchObject({ code: 0, failed: [] });
      expect(walk.output).toContain('The pipeline has changed itself: added prod, changed staging.');
      expect(walk.stages).toEqual(['Source', 'Synth', 'UpdatePipeline', 'Publish', 'staging', 'prod']);
      expect(new Set(walk.actions.map(({ outcome }) => outcome))).toEqual(new Set(['passed']));
    });

    test('gives every step a role of its own', () => {
      const builds = walk.actions.filter(({ provider }) => provider === 'CodeBuild');
      expect(builds.map(({ role }) => role)).toEqual([
        'nx-cdk-synth',
        'nx-cdk-synth-pipeline',
        'nx-cdk-tools',
        'nx-cdk-update',
        'nx-cdk-publish',
        `nx-cdk-deploy-staging-${STAGING.account}-${STAGING.region}`,
        `nx-cdk-deploy-prod-${PROD.account}-${PROD.region}`,
      ]);
    });

    test('hands the assemblies to the steps that publish, and to those that deploy the digests', () => {
      for (const stage of ['UpdatePipeline', 'Publish'])
        expect(walk.log(stage)).toMatch(/fetching (Pipeline|Assemblies)/);
      for (const stage of ['staging', 'prod']) {
        expect(walk.log(stage).match(/fetching \w+|Taken over/g)).toEqual(['fetching Workspace']);
        const stored = /Release ([0-9a-f]{12}) of infra is taken from s3:\S+\/assemblies\/([0-9a-f]{64})\.json\.gz/;
        const [, release, digest] = stored.exec(walk.log(stage)) ?? [];
        expect(digest?.slice(0, 12)).toBe(release);
        expect(walk.log('Publish')).toContain(`Release ${release} is recorded in `);
      }
    });

    test.each([
      ['staging', STAGING],
      ['prod', PROD],
    ])('ships the service to %s, where it answers', async (environment, place) => {
      expect(await statusIn(environment, place)).toEqual({ status: 'ok' });
    });

    test('checks staging in the step that deploys it, before prod', () => {
      expect(walk.log('staging')).toMatch(/staging: GET https:\S+\/: 200/);
      expect(walk.log('staging')).toMatch(/staging: POST https:\S+\/orders: 403$/m);
      expect(walk.log('prod')).not.toContain('infra:verify');
    });

    test('signs what it publishes, and verifies it in every deployment, its own included', () => {
      expect(walk.log('UpdatePipeline')).toContain(`signed by ${SIGNING.key}`);
      expect(walk.log('UpdatePipeline')).toContain(`Its records are signed by ${SIGNING.key}`);
      expect(walk.log('Publish')).toMatch(/Release [0-9a-f]{12} is recorded in /);
      expect(walk.log('Publish')).toContain(`signed by ${SIGNING.key}`);
      for (const environment of ['staging', 'prod']) {
        expect(walk.log(environment)).toMatch(/Release [0-9a-f]{12}: .* what was published/);
        expect(walk.log(environment)).toContain(`Its records are signed by ${SIGNING.key}`);
      }
    });

    test('publishes what this machine synthesizes of the commit, though it compiled all of it itself', async () => {
      await bed.workspace.nx(['synth', 'infra']);
      const { digest } = await bed.workspace.readJson<{ digest: string }>('apps/infra/cdk.out/release.json');
      expect(walk.log('Publish')).toContain(`Release ${digest.slice(0, 12)} is recorded in `);
    });

    test('leaves a record of what is released where', async () => {
      const { output } = await bed.workspace.nx(['released', 'pipeline'], ci);
      const commit = (await bed.workspace.run('git', ['rev-parse', '--short=7', 'HEAD'])).stdout.trim();
      for (const environment of ['staging', 'prod']) {
        expect(output).toMatch(new RegExp(`${environment}.*${commit}.*up to date`));
      }
    });
  });

  describe('after a handler was changed', () => {
    let walk: Walk;
    let before: Record<string, Date | undefined>;
    beforeAll(async () => {
      before = await lastUpdates();
      await edit("status: 'ok'", "status: 'edited'");
      await loadHostileModule(bed.workspace, REWRITE_TOOLS);
      walk = await walkOf(bed, ['--no-deploy', '--approve'], programs);
    });

    test('redeploys only what the handler affects, in every account, and says so', async () => {
      expect(walk).toMatchObject({ code: 0, failed: [] });
      const after = await lastUpdates();
      const changed = Object.keys(after).filter((stack) => after[stack]?.getTime() !== before[stack]?.getTime());
      expect(changed.sort()).toEqual(['111111111111 staging-orders-service', '222222222222 prod-orders-service']);
      for (const environment of ['staging', 'prod']) {
        expect(walk.log(environment)).toMatch(/2 stacks: 1 updated, 1 unchanged/);
        // required-resources deploys to the same accounts, and is not affected.
        expect(walk.log(environment)).not.toMatch(/required-resources:deploy/);
      }
      expect(walk.log('UpdatePipeline')).toMatch(/1 unchanged/);
      expect(walk.changes).toEqual([]);
    });

    test('runs nothing that an app wrote over the tools while it was synthesized', () => {
      expect(walk.log('Synth')).toContain('tools are rewritten');
      expect(walk.output).not.toContain('rewritten tool');
    });

    test.each([
      ['staging', STAGING],
      ['prod', PROD],
    ])('answers with the change in %s', async (environment, place) => {
      expect(await statusIn(environment, place)).toEqual({ status: 'edited' });
    });
  });

  describe('if an app changes what another one synthesized, after it has its digest', () => {
    let walk: Walk;
    beforeAll(async () => {
      await loadHostileModule(bed.workspace, REWRITE_ASSEMBLIES);
      walk = await walkOf(bed, ['--no-deploy', '--approve'], programs);
    });
    afterAll(() => loadHostileModule(bed.workspace, ''));

    test('the first step that gets it refuses it, and nothing is published', () => {
      expect(walk).toEndWith(1);
      const outcomes = Object.fromEntries(walk.actions.map(({ action, outcome }) => [action, outcome]));
      expect(outcomes).toMatchObject({ Synth: 'passed', UpdatePipeline: 'passed', Publish: 'failed' });
      expect(walk.log('Publish')).not.toContain('publish-staging');
      expect(walk.log('Synth')).toContain('an assembly is rewritten');
      expect(walk.log('Publish')).toMatch(/required-resources.*release/);
    });
  });

  describe('while a role lacks one statement', () => {
    let walk: Walk;
    let restore: () => Promise<void>;
    beforeAll(async () => {
      await edit("status: 'edited'", "status: 'edited twice'");
      restore = await withoutStatement('nx-cdk-publish', 'sts:AssumeRole');
      walk = await walkOf(bed, ['--no-deploy', '--approve'], programs);
    });
    afterAll(() => restore?.());

    test('fails at the step that has the role, with the action that was denied', () => {
      expect(walk).toEndWith(1);
      expect(walk.actions.filter(({ outcome }) => outcome === 'failed')).toEqual([
        expect.objectContaining({
          stage: 'Publish',
          role: 'nx-cdk-publish',
          denied: expect.objectContaining({ action: 'sts:AssumeRole' }),
        }),
      ]);
      expect(walk.output).toMatch(
        /The pipeline fails at the action \S+ of the stage Publish, role nx-cdk-publish: .*sts:AssumeRole/,
      );
    });

    test('goes no further', async () => {
      const later = walk.actions.filter(({ stage }) => ['staging', 'prod'].includes(stage));
      expect(new Set(later.map(({ outcome }) => outcome))).toEqual(new Set(['not run']));
      expect(await statusIn('staging', STAGING)).toEqual({ status: 'edited' });
      expect(await statusIn('prod', PROD)).toEqual({ status: 'edited' });
    });
  });

  async function edit(text: string, replacement: string): Promise<void> {
    await bed.workspace.replace('libs/handlers/orders-api/src/routes.ts', text, replacement);
    await bed.workspace.commit('Edit a handler');
  }

  async function statusIn(environment: string, { account, region }: Place): Promise<unknown> {
    const name = `${environment}-orders-service`;
    const { Stacks: [stack] = [] } = await rootClients(bed.local, { account, region })
      .cloudFormation()
      .send(new DescribeStacksCommand({ StackName: name }));
    const outputs = Object.fromEntries(
      (stack?.Outputs ?? []).map((output) => [output.OutputKey ?? '', output.OutputValue ?? '']),
    );
    const api = new DeployedApi(
      bed.local,
      { success: true, stacks: [{ id: name, stackName: name, account, region, outcome: '', outputs }] },
      name,
    );
    return (await api.send('GET', '/')).json();
  }

  /** When each stack of the targets was last worked on. */
  async function lastUpdates(): Promise<Record<string, Date | undefined>> {
    const found: [string, Date | undefined][] = [];
    for (const place of [STAGING, PROD]) {
      const { Stacks: stacks = [] } = await rootClients(bed.local, place)
        .cloudFormation()
        .send(new DescribeStacksCommand({}));
      for (const stack of stacks) {
        if (stack.StackName === 'CDKToolkit') continue;
        found.push([`${place.account} ${stack.StackName}`, stack.LastUpdatedTime ?? stack.CreationTime]);
      }
    }
    return Object.fromEntries(found);
  }

  /** Takes the statements that allow an action out of a role's inline policies; what comes back puts them in again. */
  async function withoutStatement(role: string, action: string): Promise<() => Promise<void>> {
    const iam = rootClients(bed.local, CI).iam();
    const { PolicyNames: names = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: role }));
    const undo: (() => Promise<unknown>)[] = [];
    for (const name of names) {
      const { PolicyDocument: text = '' } = await iam.send(
        new GetRolePolicyCommand({ RoleName: role, PolicyName: name }),
      );
      const document = JSON.parse(decodeURIComponent(text)) as { Statement: { Action: string | string[] }[] };
      const rest = document.Statement.filter((statement) => ![statement.Action].flat().includes(action));
      if (rest.length === document.Statement.length) continue;
      const put = (content: string) =>
        iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: name, PolicyDocument: content }));
      if (rest.length > 0) await put(JSON.stringify({ ...document, Statement: rest }));
      else await iam.send(new DeleteRolePolicyCommand({ RoleName: role, PolicyName: name }));
      undo.push(() => put(JSON.stringify(document)));
    }
    if (undo.length === 0) throw new Error(`No policy of ${role} allows ${action}`);
    return async () => {
      for (const step of undo) await step();
    };
  }
});
