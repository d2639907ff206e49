import {
  CI,
  type DeployReport,
  openWorkspaceBed,
  outcomes,
  places,
  PROD,
  reportOf,
  STAGING,
  type WorkspaceBed,
} from 'test-bed';
import { addForeignApp, manifoldApp, wideApp } from './foreign-apps.ts';

describe('A foreign CDK app, dropped into apps/ with only its cdk.json and package.json', () => {
  let bed: WorkspaceBed;
  let ci: Record<string, string>;

  beforeAll(async () => {
    bed = await openWorkspaceBed({ bootstrapped: true });
    ci = bed.local.environment();
  });
  afterAll(() => bed?.close());

  test('gets all the targets', async () => {
    // given
    await addForeignApp(bed.workspace, 'legacy', manifoldApp(STAGING.account, STAGING.region));

    // when
    const { stdout } = await bed.workspace.nx(['show', 'project', 'legacy', '--json']);

    // then
    const { root, targets } = JSON.parse(stdout) as { root: string; targets: Record<string, object> };
    expect(root).toBe('apps/legacy');
    expect(Object.keys(targets)).toEqual(
      expect.arrayContaining(['synth', 'diff', 'publish', 'plan', 'deploy', 'destroy', 'rollback', 'bootstrap']),
    );
  });

  test('deploys stages within stages, nested stacks and references, each into its place', async () => {
    // when
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy', 'legacy'], ci);

    // then
    const staging = `${STAGING.account}/${STAGING.region}`;
    expect(places(report)).toEqual({
      Base: staging,
      Front: staging,
      'outer/Base': staging,
      'outer/Front': staging,
      'outer/inner/Base': staging,
      'outer/inner/Front': staging,
      // A stack without an account goes to the caller's account.
      Anywhere: `${CI.account}/${CI.region}`,
    });
    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['created']));
    const outputs = Object.fromEntries(report.stacks.map((stack) => [stack.id, stack.outputs]));
    expect(outputs['outer/inner/Front']?.['TopicArn']).toContain(
      `:${STAGING.region}:${STAGING.account}:inner-base-Topic`,
    );
    expect(outputs['Anywhere']?.['Here']).toBe(`${CI.account}/${CI.region}`);
  });

  test('is found unchanged the second time, its nested stacks too', async () => {
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy', 'legacy'], ci);

    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['unchanged']));
  });

  test('deploys one stack by its id, and takes a stack for any account to where another caller is', async () => {
    // given: a target does not hand its options on to what it depends on, so that each step is told which stack it is
    // about
    const elsewhere = { ...bed.local.environment(PROD.account), AWS_REGION: PROD.region };
    const one = ['legacy', '--stacks=Anywhere', '--excludeTaskDependencies'];

    // when
    await bed.workspace.nx(['publish', ...one], elsewhere);
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy', ...one], elsewhere);

    // then
    expect(places(report)).toEqual({ Anywhere: `${PROD.account}/${PROD.region}` });
    expect(outcomes(report)).toEqual({ Anywhere: 'created' });
  });

  test('has the name of its folder where package.json has none', async () => {
    // given
    await addForeignApp(bed.workspace, 'unnamed', "new cdk.Stack(app, 'Lone');", { private: true });

    // when
    const { stdout } = await bed.workspace.nx(['show', 'project', 'unnamed', '--json']);
    const refused = await bed.workspace.refusedNx(['deploy', 'unnamed', '--stacks=Nobody'], ci);

    // then
    expect(Object.keys((JSON.parse(stdout) as { targets: object }).targets)).toContain('deploy');
    expect(refused.output).toContain('Nobody');
    expect(refused.output).toContain('Lone');
  });

  test('may have a hundred stacks', async () => {
    // given
    await addForeignApp(bed.workspace, 'wide', wideApp(STAGING.account, STAGING.region, 100));

    // when
    const first = await reportOf<DeployReport>(bed.workspace, ['deploy', 'wide'], ci);
    const second = await reportOf<DeployReport>(bed.workspace, ['deploy', 'wide'], ci);

    // then
    expect(Object.values(outcomes(first.report))).toEqual(Array<string>(100).fill('created'));
    expect(Object.values(outcomes(second.report))).toEqual(Array<string>(100).fill('unchanged'));
  });
});
