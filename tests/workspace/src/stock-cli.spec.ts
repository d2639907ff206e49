import { readFile, writeFile } from 'node:fs/promises';
import {
  type Credentials,
  type DeployReport,
  openWorkspaceBed,
  outcomes,
  reportOf,
  ROLES,
  STACKS,
  userWhoMayAssume,
  type WorkspaceBed,
} from 'test-bed';

/** A command of the CDK CLI by our target, without what comes before it. */
const cdk = (...args: string[]) => ['cdk', 'infra', '--excludeTaskDependencies', '--', ...args];

/** Of the CLI itself: nothing is looked up on the internet. */
const QUIET = { CDK_NOTICES: 'false', CDK_CLI_TELEMETRY: 'false' };

describe('Commands of the CDK CLI, by nx cdk', () => {
  let bed: WorkspaceBed;
  let shipper: Credentials;
  let publisher: Credentials;

  beforeAll(async () => {
    bed = await openWorkspaceBed({ bootstrapped: true });
    const lookup = 'arn:aws:iam::*:role/cdk-hnb659fds-lookup-role-*';
    const [mayAll, mayPublish] = await Promise.all([
      userWhoMayAssume(bed.local, 'shipper', [...ROLES.publishing, ...ROLES.deploying, lookup]),
      userWhoMayAssume(bed.local, 'cli-publisher', ROLES.publishing),
    ]);
    shipper = { ...mayAll, ...QUIET };
    publisher = { ...mayPublish, ...QUIET };
    await bed.workspace.nx(['synth', 'infra']);
  });
  afterAll(() => bed?.close());

  test('list shows the assembly, with no credentials at all', async () => {
    const { stdout } = await bed.workspace.nx(cdk('list'), QUIET);

    expect(Object.values(STACKS).filter((id) => !stdout.includes(id))).toEqual([]);
  });

  test('deploy is refused to who may only publish, in the words of the CLI', async () => {
    const { output } = await bed.workspace.refusedNx(
      cdk('deploy', 'staging/**', '--require-approval=never'),
      publisher,
    );

    expect(output).toContain('cdk-hnb659fds-deploy-role-111111111111-eu-west-1');
  });

  test('deploy brings our assembly to the local AWS, and our tools find nothing left to do', async () => {
    await bed.workspace.nx(cdk('deploy', 'staging/**', '--require-approval=never'), shipper);

    await bed.workspace.nx(['publish-staging', 'infra', '--excludeTaskDependencies'], shipper);
    const step = ['deploy-staging', 'infra', '--excludeTaskDependencies'];
    const { report } = await reportOf<DeployReport>(bed.workspace, step, shipper);
    expect(outcomes(report)).toEqual({ [STACKS.stagingData]: 'unchanged', [STACKS.stagingService]: 'unchanged' });
  });

  test('an environment that wants to be asked is not deployed to where nobody can be', async () => {
    const { output } = await bed.workspace.refusedNx(cdk('deploy', 'prod/**', '--require-approval=never'), shipper);

    expect(output).toContain('prod wants to be asked (approval), which the CDK CLI does not know');
    expect(output).not.toContain('deploying');
  });

  test('diff ends as the CLI does: well if nothing differs, and else not, if it is told so', async () => {
    const same = await bed.workspace.nx(cdk('diff', 'staging/**', '--fail', '--method=template'), shipper);
    expect(same.output).toContain('Number of stacks with differences: 0');

    const { output } = await bed.workspace.refusedNx(cdk('diff', 'prod/**', '--fail', '--method=template'), shipper);
    expect(output).toMatch(/Number of stacks with differences: [1-9]/);
  });

  test('what the assembly names is admitted before the CLI runs', async () => {
    // given
    const manifest = bed.workspace.path('apps/infra/cdk.out/assembly-staging/manifest.json');
    const before = await readFile(manifest, 'utf8');
    await writeFile(manifest, before.replaceAll(/role\/cdk-hnb659fds-deploy-role[^"]*/g, 'role/Administrator'));
    try {
      for (const command of ['diff', 'rollback', 'destroy']) {
        // when
        const { output } = await bed.workspace.refusedNx(cdk(command, 'staging/**'), shipper);
        // then
        expect(output).toContain('role/Administrator, which is no deploy role of 111111111111/eu-west-1');
        expect(output).not.toContain('Number of stacks');
      }
    } finally {
      await writeFile(manifest, before);
    }
  });

  test.each([
    [['--app', 'x', 'list'], 'The command line begins with --app and not with a command'],
    [['deploy', '--role-arn=arn:aws:iam::111111111111:role/Administrator'], 'is not for this target'],
    [['watch'], 'cdk watch runs the app again'],
  ])('cdk %j is refused', async (args, sentence) => {
    const { output } = await bed.workspace.refusedNx(cdk(...args), shipper);
    expect(output).toContain(sentence);
  });
});
