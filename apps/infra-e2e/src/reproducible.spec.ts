import { mkdir } from 'node:fs/promises';
import { killProcesses, ScratchWorkspace, STAGING, succeeded } from 'test-bed';
import { addForeignApp } from './foreign-apps.ts';
import { treeOf } from './tree.ts';

const ASSEMBLY = 'apps/infra/cdk.out';

describe('Synthesis', () => {
  let workspace: ScratchWorkspace;

  beforeAll(async () => {
    workspace = await ScratchWorkspace.create();
  });
  afterAll(async () => {
    killProcesses();
    await workspace?.remove();
  });

  test('gives the same bytes in another folder, under another user, in another place of the world', async () => {
    // given
    const elsewhere = await ScratchWorkspace.create();
    try {
      const other = {
        HOME: elsewhere.path('..', 'somebody'),
        USER: 'somebody',
        LOGNAME: 'somebody',
        TZ: 'Pacific/Auckland',
        LANG: 'tr_TR.UTF-8',
        LC_ALL: 'tr_TR.UTF-8',
        AWS_REGION: 'ap-southeast-2',
        AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'nobody-accepts-this',
      };
      await mkdir(other.HOME);

      // when
      const [, there] = await Promise.all([
        workspace.nx(['synth', 'infra'], { TZ: 'UTC' }),
        elsewhere.run('sh', ['-c', 'umask 077; exec nx synth infra'], other),
      ]);
      succeeded(there);

      // then
      const assembly = await treeOf(workspace.path(ASSEMBLY));
      expect(Object.keys(assembly)).toContain('manifest.json');
      expect(await treeOf(elsewhere.path(ASSEMBLY))).toEqual(assembly);
    } finally {
      await elsewhere.remove();
    }
  });

  test('is refused on a warning where it is strict', async () => {
    // given
    await addForeignApp(
      workspace,
      'warning',
      "cdk.Annotations.of(new cdk.Stack(app, 'Stack')).addWarningV2('x:old', 'This is old.');",
    );

    // when
    const lenient = await workspace.nx(['synth', 'warning']);
    const strict = await workspace.refusedNx(['synth', 'warning', '--strict', '--excludeTaskDependencies']);

    // then
    expect(lenient.output).toContain('This is old.');
    expect(strict.output).toContain('This is old.');
  });

  test('of an app that throws says so and leaves the last good assembly', async () => {
    // given
    await addForeignApp(workspace, 'failing', "new cdk.Stack(app, 'Stack');");
    await workspace.nx(['synth', 'failing']);
    const good = await treeOf(workspace.path('apps/failing/cdk.out'));
    await addForeignApp(workspace, 'failing', "throw new Error('There is no such table');");

    // when
    const result = await workspace.run('nx', ['synth', 'failing']);

    // then
    expect(result.code).toBe(1);
    expect(result.output).toMatch(/error: The CDK app in .*apps\/failing failed/);
    expect(result.output).toContain('There is no such table');
    expect(await treeOf(workspace.path('apps/failing/cdk.out'))).toEqual(good);
  });

  test('names the context that is missing, where CI must not look it up', async () => {
    // given
    const source = `
      const { StringParameter } = require('aws-cdk-lib/aws-ssm');
      const stack = new cdk.Stack(app, 'Stack', { env: { account: '${STAGING.account}', region: '${STAGING.region}' } });
      StringParameter.valueFromLookup(stack, '/shared/vpc');
    `;
    await addForeignApp(workspace, 'lookup', source);

    // when
    const { output } = await workspace.refusedNx(['synth', 'lookup'], { CI: '1' });

    // then
    expect(output).toContain(`ssm /shared/vpc of ${STAGING.account}/${STAGING.region}`);
    expect(output).toContain('run nx lookups lookup on a machine with credentials, and commit cdk.context.json');
  });
});
