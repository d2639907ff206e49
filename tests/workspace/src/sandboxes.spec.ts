import { existsSync } from 'node:fs';
import {
  CreateChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  waitUntilChangeSetCreateComplete,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import {
  type Credentials,
  type DeployReport,
  openWorkspaceBed,
  outcomes,
  reportOf,
  ROLES,
  rootClients,
  STAGING,
  userWhoMayAssume,
  type WorkspaceBed,
} from 'test-bed';
import { changeSetName, ownerOfInstance, stackOwner } from 'nx-cdk/src/cloudformation/index.ts';

interface Listed {
  readonly sandboxes: readonly { readonly instance: string; readonly expired: boolean; readonly expiresAt?: string }[];
}

const DATA = `sandbox/Data-${STAGING.account}-${STAGING.region}`;
const SERVICE = `sandbox/Service-${STAGING.account}-${STAGING.region}`;

describe('Sandboxes: an environment that exists many times, side by side', () => {
  let bed: WorkspaceBed;
  let ci: Record<string, string>;
  /** May assume the one kind of role in every account, and nothing else. */
  let reader: Credentials;
  let deployer: Credentials;

  beforeAll(async () => {
    bed = await openWorkspaceBed();
    ci = bed.local.environment();
    const file = await bed.workspace.readJson<{ environments: object[] }>('environments.json');
    const sandbox = { name: 'sandbox', instances: true, targets: [STAGING] };
    const environments = [sandbox, ...file.environments];
    await bed.workspace.write('environments.json', JSON.stringify({ ...file, environments }));
    [reader, deployer] = await Promise.all([
      userWhoMayAssume(bed.local, 'reader', ['arn:aws:iam::*:role/cdk-hnb659fds-lookup-role-*']),
      userWhoMayAssume(bed.local, 'deployer', ROLES.deploying),
      bed.workspace.nx(['bootstrap-sandbox', 'infra'], ci),
    ]);
  });
  afterAll(() => bed?.close());

  const cloudFormation = () => rootClients(bed.local, STAGING).cloudFormation();

  const names = async () => {
    const { Stacks = [] } = await cloudFormation().send(new DescribeStacksCommand({}));
    return Stacks.map(({ StackName }) => StackName!)
      .filter((name) => name.includes('orders'))
      .toSorted();
  };

  /** Lists with a role that reads, and without a synthesis. */
  const listed = async () => (await reportOf<Listed>(bed.workspace, ['sandboxes', 'infra'], reader)).report.sandboxes;

  test('two are deployed at the same time, each with stacks, an assembly, a report and outputs of its own', async () => {
    // when
    await Promise.all(
      ['ada', 'ben'].map((name) =>
        bed.workspace.nx(
          [
            ...['deploy-sandbox', 'infra', `--instance=${name}`, '--outputsFile=tmp/outputs.json'],
            ...['--report=tmp/deployed.json', ...(name === 'ada' ? ['--expires=3d'] : [])],
          ],
          ci,
        ),
      ),
    );

    // then
    expect(await names()).toEqual([
      ...['sandbox-ada-orders-data', 'sandbox-ada-orders-service'],
      ...['sandbox-ben-orders-data', 'sandbox-ben-orders-service'],
    ]);
    for (const name of ['ada', 'ben']) {
      const report = await bed.workspace.readJson<DeployReport>(`tmp/deployed.${name}.json`);
      expect(outcomes(report)).toEqual({ [DATA]: 'created', [SERVICE]: 'created' });
      const outputs = await bed.workspace.readJson<Record<string, object>>(`tmp/outputs.${name}.json`);
      expect(JSON.stringify(outputs)).toContain('ApiUrl');
      expect(existsSync(bed.workspace.path(`apps/infra/.instances/sandbox/${name}/cdk.out/release.json`))).toBe(true);
    }
    expect(existsSync(bed.workspace.path('apps/infra/cdk.out'))).toBe(false);
  });

  test('another deployment of one changes nothing, synthesizes nothing, and says that the expiry stays', async () => {
    const args = ['deploy-sandbox', 'infra', '--instance=ada', '--expires=9d', '--outputStyle=static'];
    const result = await bed.workspace.nx(args, ci);
    expect(result.output).toMatch(/synth-sandbox.*\[(local cache|existing outputs match the cache)/);
    expect(result.output).toMatch(/The instance ada expires at .*, as before: nothing was changed/);
  });

  test('they are listed by a role that reads, with age, commit and expiry', async () => {
    const { output } = await bed.workspace.nx(['sandboxes', 'infra'], reader);
    expect(output).toMatch(/sandbox\/ada: 2 stacks in 111111111111\/eu-west-1, made .*, expires in (2 days|\d+ hours)/);
    expect(output).toMatch(/sandbox\/ben: 2 stacks .* does not expire/);
    expect(await listed()).toMatchObject([
      { instance: 'ada', expired: false },
      { instance: 'ben', expired: false },
    ]);
  });

  test('an environment that exists once has no instances, and a name is one', async () => {
    for (const [target, instance, words] of [
      ['deploy-staging', 'ada', /--instance=ada is given, and the environment staging exists only once: name one/],
      ['deploy-sandbox', 'Ada', /--instance is "Ada": lower-case letters/],
    ] as const) {
      const args = [target, 'infra', `--instance=${instance}`, '--excludeTaskDependencies'];
      expect((await bed.workspace.refusedNx(args, ci)).output).toMatch(words);
    }
    expect(await names()).toHaveLength(4);
  });

  test('in a CI the instance has to be given', async () => {
    const { output } = await bed.workspace.refusedNx(['deploy-sandbox', 'infra'], { ...ci, CI: 'true' });
    expect(output).toMatch(/nobody says which instance is meant: give --instance=<name>/);
  });

  describe('what has expired', () => {
    const reap = ['reap', 'infra', '--yes'];

    beforeAll(async () => {
      const { name } = await bed.workspace.readJson<{ name: string }>('package.json');
      const facts = { instance: 'old', expiresAt: Date.now() - 1000, commit: '0123456789ab' };
      for (const [StackName, owner] of [
        ['sandbox-old-orders-data', ownerOfInstance(stackOwner(name, 'infra'), facts)],
        ['sandbox-old-orders-of-another-app', ownerOfInstance(stackOwner(name, 'quotes'), facts)],
      ] as const) {
        const ChangeSetName = changeSetName('0'.repeat(32), Date.now(), { owner });
        const place = { StackName, ChangeSetName };
        const TemplateBody = JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue' } } });
        const client = cloudFormation();
        await client.send(new CreateChangeSetCommand({ ...place, ChangeSetType: 'CREATE', TemplateBody }));
        await waitUntilChangeSetCreateComplete({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, place);
        await client.send(new ExecuteChangeSetCommand(place));
        await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName });
      }
    });

    test('is not deleted by who may only read', async () => {
      const { output } = await bed.workspace.refusedNx(reap, reader);
      expect(output).toContain(`cdk-hnb659fds-deploy-role-${STAGING.account}-${STAGING.region}`);
      expect(await names()).toHaveLength(6);
    });

    test('is not deleted without a word for it, nor in a dry run', async () => {
      const { output } = await bed.workspace.refusedNx(['reap', 'infra'], deployer);
      expect(output).toMatch(/Delete 1 stack in 111111111111\/eu-west-1\? There is no terminal/);
      await bed.workspace.nx(['reap', 'infra', '--dryRun'], deployer);
      expect(await names()).toHaveLength(6);
    });

    test('is deleted by a deployer, and nothing else', async () => {
      const { output } = await bed.workspace.nx(reap, deployer);
      expect(output).toMatch(/sandbox\/old: 1 stack .* expired/);
      expect(await names()).toEqual([
        ...['sandbox-ada-orders-data', 'sandbox-ada-orders-service'],
        ...['sandbox-ben-orders-data', 'sandbox-ben-orders-service', 'sandbox-old-orders-of-another-app'],
      ]);
      expect((await bed.workspace.nx(reap, deployer)).output).toContain('No instance has expired.');
    });
  });

  test('one is destroyed without its app, and the other one stays', async () => {
    const destroy = ['destroy-sandbox', 'infra', '--instance=ada'];
    expect((await bed.workspace.refusedNx([...destroy, '--force'], reader)).output).toContain('deploy-role');
    expect((await bed.workspace.refusedNx(destroy, deployer)).output).toMatch(/Delete 2 stacks .*There is no terminal/);

    await bed.workspace.nx([...destroy, '--force'], deployer);

    expect(await names()).toEqual([
      ...['sandbox-ben-orders-data', 'sandbox-ben-orders-service', 'sandbox-old-orders-of-another-app'],
    ]);
    expect(await listed()).toMatchObject([{ instance: 'ben' }]);
    expect((await bed.workspace.nx([...destroy, '--force'], deployer)).output).toContain('has no instance ada');
  });
});
