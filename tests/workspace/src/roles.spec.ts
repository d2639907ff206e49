import { readdir } from 'node:fs/promises';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import {
  CI,
  type Credentials,
  type DeployReport,
  openWorkspaceBed,
  outcomes,
  PROD,
  type PublishReport,
  reportOf,
  ROLES,
  roleWhichMayAssume,
  rootClients,
  STACKS,
  STAGING,
  STRANGER,
  type WorkspaceBed,
  userWhoMayAssume,
} from 'test-bed';

/** One step of a pipeline: this target and nothing that it depends on. */
const step = (target: string) => [target, 'infra', '--excludeTaskDependencies'];

describe('Each step with the one role that it needs', () => {
  let bed: WorkspaceBed;
  /** A user of the CI account that may assume the publishing roles of every account, and nothing else. */
  let publisher: Credentials;
  /** The same for deploy roles. */
  let deployer: Credentials;

  beforeAll(async () => {
    bed = await openWorkspaceBed({ bootstrapped: true });
    [publisher, deployer] = await Promise.all([
      userWhoMayAssume(bed.local, 'publisher', ROLES.publishing),
      userWhoMayAssume(bed.local, 'deployer', ROLES.deploying),
    ]);
  });
  afterAll(() => bed?.close());

  test('synth needs no credentials at all', async () => {
    await bed.workspace.nx(['synth', 'infra']);

    expect(await readdir(bed.workspace.path('apps/infra/cdk.out'))).toContain('manifest.json');
  });

  test('a deployer is told to publish first, as nothing is published', async () => {
    const { output } = await bed.workspace.refusedNx(step('deploy'), deployer);

    const bucket = `cdk-hnb659fds-assets-${STAGING.account}-${STAGING.region}`;
    expect(output).toMatch(
      new RegExp(`${STACKS.stagingData}: release [0-9a-f]{12} is not published to ${bucket}: run publish first`),
    );
  });

  test('a deployer cannot publish, and learns which role and action it lacks', async () => {
    const { output } = await bed.workspace.refusedNx(step('publish'), deployer);

    expect(output).toContain(`arn:aws:iam::${CI.account}:user/deployer may not sts:AssumeRole`);
    expect(output).toContain(`cdk-hnb659fds-file-publishing-role-${STAGING.account}-${STAGING.region}`);
    expect(output).toContain(`cdk-hnb659fds-file-publishing-role-${PROD.account}-${PROD.region}`);
  });

  test('a publisher can publish', async () => {
    const { report } = await reportOf<PublishReport>(bed.workspace, step('publish'), publisher);

    expect(report.totals.uploaded).toBeGreaterThan(0);
    expect(report.totals).toMatchObject({ failed: 0, uploaded: report.totals.destinations });
  });

  test('a publisher cannot deploy, and learns which role and action it lacks', async () => {
    const { output } = await bed.workspace.refusedNx(step('deploy'), publisher);

    expect(output).toContain(`arn:aws:iam::${CI.account}:user/publisher may not sts:AssumeRole`);
    expect(output).toContain(`cdk-hnb659fds-deploy-role-${STAGING.account}-${STAGING.region}`);
  });

  test('a stack one of whose assets is gone is refused before CloudFormation trips over it', async () => {
    // given
    const s3 = rootClients(bed.local, STAGING).s3();
    const Bucket = `cdk-hnb659fds-assets-${STAGING.account}-${STAGING.region}`;
    const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const code = objects.filter(({ Key }) => Key?.endsWith('.zip'));
    await Promise.all(code.map(({ Key }) => s3.send(new DeleteObjectCommand({ Bucket, Key }))));

    // when
    const { output } = await bed.workspace.refusedNx(step('deploy'), deployer);

    // then
    expect(code.length).toBeGreaterThan(0);
    expect(output).toMatch(
      new RegExp(`${STACKS.stagingService}: asset .+ is not in bucket ${Bucket}: run publish first`),
    );
  });

  test('a deployer can deploy what a publisher has published', async () => {
    // given
    await bed.workspace.nx(step('publish'), publisher);

    // when
    const { report } = await reportOf<DeployReport>(bed.workspace, step('deploy'), deployer);

    // then
    expect(outcomes(report)).toMatchObject({ [STACKS.stagingService]: 'created', [STACKS.prodService]: 'created' });
  });

  test.each(['publish', 'deploy'])('an account that nobody trusts cannot %s', async (target) => {
    const { output } = await bed.workspace.refusedNx(step(target), bed.local.environment(STRANGER.account));

    expect(output).toContain(`arn:aws:iam::${STRANGER.account}:root may not sts:AssumeRole`);
  });

  test('a profile with a role of its own works as well as keys', async () => {
    // given
    const role = await roleWhichMayAssume(bed.local, 'ci-deployer', ROLES.deploying);
    const person = await userWhoMayAssume(bed.local, 'person', [role]);
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, ...endpoint } = person;
    const config = [
      '[profile person]',
      `aws_access_key_id = ${AWS_ACCESS_KEY_ID}`,
      `aws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}`,
      '[profile ci]',
      'source_profile = person',
      `role_arn = ${role}`,
      `region = ${AWS_REGION}`,
    ];
    await bed.workspace.write('tmp/aws-config', `${config.join('\n')}\n`);
    const profile = { ...endpoint, AWS_PROFILE: 'ci', AWS_CONFIG_FILE: bed.workspace.path('tmp/aws-config') };

    // when
    const { report } = await reportOf<DeployReport>(bed.workspace, step('deploy-staging'), profile);

    // then
    expect(outcomes(report)).toEqual({ [STACKS.stagingData]: 'unchanged', [STACKS.stagingService]: 'unchanged' });
  });
});
